"""Learning curve: the tables of the figures say what the findings say."""

import numpy as np

from models.experiments.learning_curve import DOUBLED, POINTS, gained
from tests.models.conftest import FigureOf, Run, value_of


def test_accuracies_in_the_table_are_those_of_the_findings(run: Run, figure: FigureOf) -> None:
    result = run("learning-curve")
    for points, row in zip(POINTS, figure("learning-curve", "accuracy").table.rows, strict=True):
        assert row[0] == f"{points:,}"
        found = (value_of(result, f"{name}.{points}") for name in ("learned", "accuracy", "low"))
        assert row[1:4] == tuple(f"{value:.1%}" for value in found)


def test_changes_in_the_table_are_counted_as_in_the_findings(run: Run, figure: FigureOf) -> None:
    result = run("learning-curve")
    rows = figure("learning-curve", "doubling").table.rows
    for name, row in zip((*map(str, DOUBLED), "duplicated"), rows, strict=True):
        counts = (result.share(f"{what}_share.{name}") for what in ("helped", "harmed"))
        assert row[1:3] == tuple(f"{share.count} of {share.of}" for share in counts)
        assert row[3] == f"{np.median(gained(result.cohorts, name)):+.1%}"

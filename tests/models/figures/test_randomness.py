"""Randomness: the tables of the figures say what the findings say."""

import numpy as np

from models.experiments.randomness import SOURCES
from models.figures.randomness import differences_figure
from tests.models.conftest import FigureOf, Run, value_of


def test_differences_in_the_table_are_those_of_the_findings(run: Run, figure: FigureOf) -> None:
    result = run("randomness")
    rows = figure("randomness", "differences").table.rows
    for (name, source), row in zip(SOURCES.items(), rows, strict=True):
        assert row[0] == source.words
        assert row[2] == f"{value_of(result, f'usual.{name}'):.1%}"


def test_clear_differences_in_the_table_are_counted_as_in_the_findings(run: Run, figure: FigureOf) -> None:
    rows = figure("randomness", "shares").table.rows
    for name, row in zip(SOURCES, rows, strict=True):
        assert row[1] == str(run("randomness").share(f"differ_share.{name}").count)


def test_pairs_that_diverged_leave_no_numbers() -> None:
    shown = differences_figure([("the start", np.array([np.nan]))], 0.02)
    assert shown.table.rows == (("the start", "none", "none", "none"),)

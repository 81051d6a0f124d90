"""The figures on curves say what the networks found."""

import numpy as np

from models import regression
from models.experiments.curve import KINDS
from tests.models.conftest import FigureOf, Run


def test_counts_in_the_strips_are_the_findings(run: Run, figure: FigureOf) -> None:
    result = run("curve")
    for (words, name), (row, count, _) in zip(
        ((words, name.removeprefix("relu.")) for name, words in KINDS.items()),
        figure("curve", "error").table.rows,
        strict=True,
    ):
        assert (row, count) == (words, f"{result.share(f'follows_share.{name}').count} of 64")


def test_the_best_network_of_each_width_is_drawn(run: Run, figure: FigureOf) -> None:
    for width, (_, kinks, distance) in zip((1, 2, 4, 8), figure("curve", "pieces").table.rows, strict=True):
        cohort = run("curve").cohorts[f"relu.{width}"]
        best = int(regression.error(cohort).argmin())
        assert int(kinks) == regression.pieces(cohort)[best] - 1 <= width
        assert distance == f"{regression.error(cohort).min():.3g}"


def test_the_middle_of_the_lines_is_that_of_the_networks(run: Run, figure: FigureOf) -> None:
    rows = {row[0]: row[1:] for row in figure("curve", "beyond").table.rows}
    cohort = run("curve").cohorts["tanh.8"]
    found = cohort.network.forward(cohort.parameters, np.array([[2.0]], np.float32))[-1][0, 0]
    assert rows["8 tanh neurons, x = 2"] == tuple(f"{each:.3g}" for each in np.percentile(found, (10, 50, 90)))


def test_outputs_stand_with_their_counts(run: Run, figure: FigureOf) -> None:
    names = ("negative_share.linear", "negative_share.relu", "zero_share.linear", "zero_share.relu")
    assert [int(row[1]) for row in figure("curve", "output").table.rows] == [
        run("curve").share(name).count for name in names
    ]

"""The figures on the softmax say what the networks found."""

import numpy as np

from models.experiments.logits import HIGHEST, likelihood
from tests.models.conftest import FigureOf, Run


def test_no_point_of_the_softmax_twice_lies_above_its_height(run: Run, figure: FigureOf) -> None:
    right, twice = figure("logits", "likelihood").table.rows
    found = likelihood(run("logits").cohorts["right"])
    assert right[2] == f"{np.mean(found > HIGHEST):.0%}"
    assert twice[2] == "0%"
    assert float(right[1]) > float(twice[1])


def test_the_losses_are_medians_of_the_recorded_networks(run: Run, figure: FigureOf) -> None:
    rows = figure("logits", "loss").table.rows
    for (_, start, _, end), name in zip(rows, ("right", "twice", "none"), strict=True):
        history = run("logits").cohorts[name].history
        assert (start, end) == tuple(f"{np.median(history.loss[at]):.3g}" for at in (0, -1))


def test_successes_stand_in_the_order_of_the_ways(run: Run, figure: FigureOf) -> None:
    rows = figure("logits", "success").table.rows
    assert [int(row[1]) for row in rows] == [
        run("logits").share(f"success.{name}").count for name in ("right", "twice", "none")
    ]

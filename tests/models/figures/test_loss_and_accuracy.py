"""The figures on loss and accuracy say what the networks found."""

import numpy as np

from models.curve_readings import curves
from models.experiments.loss_and_accuracy import point_losses
from tests.models.conftest import FigureOf, Run


def test_the_curves_are_medians_of_all_networks(run: Run, figure: FigureOf) -> None:
    rows = figure("loss-and-accuracy", "curves").table.rows
    for row, name in zip(rows, ("wavy", "mislabelled", "clouds"), strict=True):
        found = curves(run("loss-and-accuracy").cohorts[name])
        assert row[1] == f"{np.median(found.held_back_loss.min(axis=0)):.3g}"
        assert row[3] == f"{np.median(found.held_back_loss[-1]):.3g}"
        assert row[5] == f"{np.median(found.held_back_accuracy[-1]):.1%}"


def test_shares_stand_in_the_order_of_the_data(run: Run, figure: FigureOf) -> None:
    counts = [int(row[1]) for row in figure("loss-and-accuracy", "shares").table.rows]
    names = [f"{kind}.{data}" for data in ("wavy", "mislabelled", "clouds") for kind in ("both_rise", "accuracy_fell")]
    names = [name.replace(".", "_share.") for name in names]
    assert counts == [run("loss-and-accuracy").share(name).count for name in names]


def test_the_worst_points_part_is_that_of_the_watched_networks(run: Run, figure: FigureOf) -> None:
    losses = -np.sort(-point_losses(run("loss-and-accuracy").cohorts["same"]), axis=0)
    rows = figure("loss-and-accuracy", "points").table.rows
    for row, count in zip(rows, (4, 20, 80), strict=True):
        assert row[3] == f"{np.median(losses[:count].sum(axis=0) / losses.sum(axis=0)):.0%}"

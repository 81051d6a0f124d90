"""The figures on dropout say what the networks found."""

import numpy as np
import pytest

from models.curve_readings import curves
from tests.models.conftest import FigureOf, Run, value_of


def test_the_mean_of_the_passes_is_as_large_as_the_whole_network_only_if_divided(figure: FigureOf) -> None:
    divided, undivided = (float(row[1]) for row in figure("dropout", "mean").table.rows)
    assert divided == pytest.approx(1, abs=1e-3)
    assert undivided == pytest.approx(0.5, abs=1e-3)


def test_the_losses_of_the_ways_to_predict_are_the_findings(run: Run, figure: FigureOf) -> None:
    rows = figure("dropout", "predicting").table.rows
    for row, way in zip(rows, ("whole", "left_on", "averaged", "undivided"), strict=True):
        assert row[1] == f"{value_of(run('dropout'), f'predict_loss.{way}'):.3g}"
        assert float(row[2]) <= float(row[1]) <= float(row[3])


def test_successes_stand_in_the_order_of_the_data(run: Run, figure: FigureOf) -> None:
    counts = [int(row[1]) for row in figure("dropout", "success").table.rows]
    names = [f"{kind}.{data}" for data in (20, 100, "blobs") for kind in ("plain", "dropout")]
    assert counts == [run("dropout").share(f"success.{name}").count for name in names]


def test_the_curves_are_those_of_20_points(run: Run, figure: FigureOf) -> None:
    rows = figure("dropout", "curves").table.rows
    for row, kind in zip(rows, ("plain", "dropout"), strict=True):
        losses = curves(run("dropout").cohorts[f"{kind}.20"]).held_back_loss
        assert row[1] == f"{np.median(losses.min(axis=0)):.3g}"
        assert row[2] == f"{np.median(5 * losses.argmin(axis=0)):.3g}"
        assert row[3] == f"{np.median(losses[-1]):.3g}"

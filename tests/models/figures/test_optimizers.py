"""The figures on optimisers say what the networks found, and the valley follows the formulas."""

import numpy as np
import pytest

from models.experiments.optimizers import RATES
from models.figures.optimizers import BEGIN, HEAVY_MEMORY, NEAR, STEEP, TAKEN, paths
from tests.models.conftest import FigureOf, Run, value_of


def test_every_rate_has_a_row(run: Run, figure: FigureOf) -> None:
    rows = figure("optimizers", "success").table.rows
    assert len(rows) == sum(len(rates) for rates in RATES.values())
    counts = [int(row[3].split()[0]) for row in rows if row[:2] == ("Adam", "the coffee data")]
    assert counts == [
        run("optimizers").share(f"success.adam.coffee.{rate:g}").count for rate in RATES["adam", "coffee"]
    ]


def test_the_losses_are_those_at_the_best_rates(run: Run, figure: FigureOf) -> None:
    for optimizer, data, rate, *_, end in figure("optimizers", "curves").table.rows:
        key = next(
            name for name in ("sgd", "momentum", "adam") if name[:3] in optimizer.lower().replace("plain", "sgd")
        )
        where = "blobs" if "blobs" in data else "coffee"
        assert float(rate) == value_of(run("optimizers"), f"best_rate.{key}.{where}")
        assert end == f"{np.median(run('optimizers').cohorts[f'{key}.{where}.{rate}'].history.loss[-1]):.3g}"


def test_plain_descent_shrinks_by_the_factor_that_is_best_in_the_valley() -> None:
    way = paths()["plain"]
    factor = (STEEP - 1) / (STEEP + 1)
    np.testing.assert_allclose(way[:, 0], BEGIN[0] * factor ** np.arange(TAKEN + 1))
    np.testing.assert_allclose(np.abs(way[:, 1]), BEGIN[1] * factor ** np.arange(TAKEN + 1))


def test_momentum_follows_its_recurrence_and_shrinks_sooner() -> None:
    way = paths()["momentum"]
    curvature, rate = np.array([1, STEEP]), (2 / 6) ** 2
    for at in (5, 12):
        moved = HEAVY_MEMORY * (way[at] - way[at - 1]) - rate * curvature * way[at]
        np.testing.assert_allclose(way[at + 1] - way[at], moved)
    assert np.sqrt(HEAVY_MEMORY) == pytest.approx(4 / 6)


def test_the_table_names_the_step_from_which_on_the_bottom_is_near(figure: FigureOf) -> None:
    for (_, arrives, _), way in zip(figure("optimizers", "valley").table.rows, paths().values(), strict=True):
        distances = np.linalg.norm(way, axis=1)
        if arrives.isdigit():
            assert (distances[int(arrives) :] <= NEAR).all()
            assert distances[int(arrives) - 1] > NEAR
        else:
            assert distances[-1] > NEAR

"""One step, success and curves at every rate, in words."""

import re

import pytest

from models.experiments.learning_rate import RATES
from tests.models.conftest import FigureOf, Run


def test_the_step_is_the_engines_own(run: Run, figure: FigureOf) -> None:
    told = {rate: loss for rate, loss in figure("learning-rate", "one-step").table.rows}  # noqa: C416 - pairs, for mypy
    assert list(told) == ["0.0001", "0.001", "0.01", "0.1", "0.3", "1", "10"]
    one_step = run("learning-rate", steps=1).cohorts
    for rate, loss in told.items():
        assert float(loss) == pytest.approx(one_step[f"sgd.{rate}"].loss[0], rel=1e-3)


def test_words_count_the_networks_at_every_rate(run: Run, figure: FigureOf) -> None:
    found, result = figure("learning-rate", "success"), run("learning-rate")
    for rate in RATES:
        row = next(row for row in found.table.rows if row[0] == f"{rate:g}")
        shares = [
            result.share(f"{family}.{optimizer}.{rate:g}")
            for family in ("success", "diverged_share")
            for optimizer in ("sgd", "adam")
        ]
        assert list(row[1:]) == [f"{share.count} of 64" for share in shares]
        assert found.alternative.count(f" {rate:g}: {row[2]}") >= 1
    assert "get 99 % of the points right with Adam: 0.0001: 0 of 64; " in found.alternative


def test_words_name_the_losses_of_network_0(run: Run, figure: FigureOf) -> None:
    found, result = figure("learning-rate", "curves"), run("learning-rate")
    assert len(found.table.rows) == 14
    assert re.search(r"Adam: rate 0\.01, loss at the start \d", found.alternative)
    history = result.cohorts["adam.0.01"].history
    row = next(row for row in found.table.rows if row[:2] == ("Adam", "0.01"))
    assert row[2:] == tuple(
        f"{loss:.3g}" for loss in (history.loss[0, 0], history.loss[:, 0].min(), history.loss[-1, 0])
    )

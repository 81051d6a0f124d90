"""Calibration: bins, gaps and scales against what was worked out by hand."""

import numpy as np
import pytest
from scipy.special import logit

from models.calibration import BINS, Bins, best_scale
from models.datasets import overlapping


def test_who_says_the_true_chances_has_no_gap_and_who_says_more_has_one() -> None:
    chance = overlapping.chance(overlapping.everywhere().x)
    odds = logit(chance)
    found = Bins.of(np.stack([odds, 3 * odds, 0.2 * odds, -odds], axis=1), chance)
    best = overlapping.BEST_ACCURACY
    assert found.accuracy == pytest.approx([best, best, best, 1 - best], abs=2e-3)
    assert found.gap[0] == pytest.approx(0, abs=1e-12)
    assert found.error[0] == pytest.approx(0, abs=1e-12)
    assert found.gap[1] > 0.05
    assert found.gap[2] < -0.05
    assert found.error[1:3] == pytest.approx(np.abs(found.gap[1:3]))  # each on one side of the line everywhere
    assert found.points.sum(axis=0) == pytest.approx(1)
    assert found.right_when_sure[0] > 0.95 > found.right_when_sure[1]


def test_points_lie_in_the_bin_of_what_was_said() -> None:
    said = np.array([0.52, 0.62, 0.97, 0.95001, 0.94999, 0.5])
    found = Bins.of(logit(said)[:, None], np.ones(6))
    counted = np.round(found.points[:, 0] * 6).astype(int)
    assert counted.tolist() == [2, 0, 1, 0, 0, 0, 0, 0, 1, 2]
    assert len(counted) == BINS
    assert found.sure[0] == pytest.approx(2 / 6)
    assert found.accuracy[0] == pytest.approx(5 / 6)  # 0.5 is no answer for the class 1


def test_what_is_not_a_number_stays_none() -> None:
    found = Bins.of(np.full((3, 1), np.nan), np.ones(3))
    assert np.isnan(found.gap).all()


def test_the_best_scale_is_that_of_the_least_loss() -> None:
    data = overlapping.everywhere(512)
    odds = logit(overlapping.chance(data.x))
    outputs = np.stack([4 * odds, odds, 0.5 * odds], axis=1)
    assert best_scale(outputs, data.labels) == pytest.approx([0.25, 1, 1], abs=0.01)  # never made surer
    margins = outputs[:, 0] * (2 * data.labels - 1)
    losses = [np.logaddexp(0, -scale * margins).mean() for scale in np.linspace(0.01, 1, 100)]
    assert np.linspace(0.01, 1, 100)[int(np.argmin(losses))] == pytest.approx(0.25, abs=0.011)

"""Curves: distance, pieces, and what lies beyond the data are those of networks whose curves are known."""

import gzip
import json

import numpy as np
import pytest

from models import registry, regression
from models.datasets import parabola, sine
from models.experiment import Result
from models.experiments.curve import NAMES, RELU_OUTPUT, WIDTHS, lab
from models.network import Network
from models.plans import Cohort
from models.readings import forward
from tests.models.conftest import Run, by_hand, shares, value_of

# Kernel, bias, outgoing weights and the output's bias of two ReLU neurons, a network in each column.
ROOF = [1, 1, 0.5, -0.5, 2, -3, 0]  # 0 up to -0.5, then rises by 2 for each 1, and from 0.5 on falls by 1
STEP = [0, 0, 1, 1, 0, 0, 0.25]  # a constant
LATE = [1, 1, 0, -2, 1, 5, 0]  # bends at 0 and at 2
TWICE = [1, -1, -0.5, 0.5, 1, 1, 0]  # two kinks at one place, up on both sides


@pytest.fixture(scope="module")
def curve(run: Run) -> Result:
    return run("curve")


@pytest.fixture(scope="module")
def known() -> Cohort:
    network = Network((1, 2, 1), "relu", "squared_error")
    return by_hand(lab(sine, network, "2 ReLU"), np.array([ROOF, STEP, LATE, TWICE]).T)


def test_pieces_are_counted_by_the_changes_of_slope(known: Cohort) -> None:
    np.testing.assert_array_equal(regression.pieces(known), [3, 1, 2, 2])
    np.testing.assert_allclose(regression.kinks(known, 0), [-0.5, 0.5], atol=0.011)
    np.testing.assert_allclose(regression.slope_changes(known)[:, 0].sum(), -1)


def test_what_bends_beyond_the_data_is_not_straight_there(known: Cohort) -> None:
    np.testing.assert_array_equal(regression.straight_outside(known), [True, True, False, True])


def test_only_what_stands_still_on_both_sides_is_flat(known: Cohort) -> None:
    np.testing.assert_array_equal(regression.flat_outside(known), [False, True, False, False])
    network = Network((1, 1, 1), "tanh", "squared_error")
    wide = by_hand(
        lab(sine, network, "1 tanh"), [[0.5], [0.0], [1.0], [0.0]]
    )  # tanh(x / 2) is within 0.1 of 1 from 2.9 on
    assert regression.flat_from(wide)[0] == pytest.approx(2 * np.arctanh(0.9), rel=0.06)


def test_the_distance_is_that_from_the_curve_without_noise(known: Cohort) -> None:
    x = np.linspace(-1, 1, 4001)
    expected = np.sqrt(np.mean((0.25 - np.sin(np.pi * x)) ** 2))
    assert regression.error(known)[1] == pytest.approx(expected, rel=0.02)


def test_narrow_and_linear_networks_cannot_follow_a_sine_and_most_wide_ones_do(curve: Result) -> None:
    for name in ("1", "2", "linear.8"):
        assert curve.share(f"follows_share.{name}").count == 0
    assert curve.share("follows_share.8").count > 32
    assert curve.share("follows_share.tanh.8").count > 60
    for width in WIDTHS:
        assert value_of(curve, f"pieces.{width}") <= value_of(curve, f"most_pieces.{width}") <= width + 1
    # The best straight line leaves this much of a sine.
    x = np.linspace(-1, 1, 2001)
    left = np.sin(np.pi * x) - 3 / np.pi * x
    assert value_of(curve, "error_inside.linear.8") == pytest.approx(np.sqrt(np.mean(left**2)), rel=0.05)


def test_nobody_knows_how_the_sine_goes_on(curve: Result) -> None:
    for name in NAMES:
        assert curve.share(f"follows_outside_share.{name}").count == 0
        assert value_of(curve, f"spread_outside.{name}") > 5 * value_of(curve, f"spread_inside.{name}")
    cohort = curve.cohorts["relu.8"]
    at_two = cohort.network.forward(cohort.parameters, np.array([[2.0]], np.float32))[-1][0, 0]
    low, high = np.percentile(at_two[regression.error(cohort) < 0.1], (10, 90))
    assert value_of(curve, "spread_outside.relu") == pytest.approx(high - low, rel=1e-4)


def test_a_relu_output_is_never_negative_and_starts_as_the_linear_one(curve: Result) -> None:
    bent, plain = curve.cohorts["relu_output"], curve.cohorts["relu.8"]
    np.testing.assert_array_equal(bent.start[:-2], plain.start)
    np.testing.assert_array_equal(bent.parameters[-2:], np.tile([[1], [0]], 64))
    assert forward(bent)[-1].min() == 0
    assert bent.network == RELU_OUTPUT
    found = {name: share.count for name, share in shares(curve, "negative_share").items()}
    assert found == {"linear": 64, "relu": 0}
    assert curve.share("zero_share.linear").count == 0 < curve.share("zero_share.relu").count


def test_the_replay_holds_the_values_that_are_learned(curve: Result) -> None:
    sent = json.loads(gzip.decompress(registry.find("curve").recording(curve)))
    assert {cohort["view"] for cohort in sent["cohorts"]} == {"curve"}
    np.testing.assert_allclose(sent["data"]["values"], sine.load().targets[:, 0])
    np.testing.assert_allclose(sent["cohorts"][-1]["data"]["values"], parabola.load().targets[:, 0])

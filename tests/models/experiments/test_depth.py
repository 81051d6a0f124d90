"""Depth: networks have about as many weights, and gradients, blocked and constant networks are what they are called."""

import numpy as np
import pytest

from models.experiment import Result
from models.experiments.depth import (
    DEEPEST,
    PATIENT,
    SAME,
    USED,
    WIDTHS,
    blocked,
    constant,
    gradient_ratio,
    lab,
    layer_sizes,
)
from models.plans import Cohort
from models.readings import Floats, success
from tests.models.conftest import Run, by_hand, value_of


@pytest.fixture(scope="module")
def depth(run: Run) -> Result:
    return run("depth")


def test_all_depths_have_about_as_many_weights_and_biases() -> None:
    sizes = [lab(layers, width, "relu").network.size for layers, width in WIDTHS.items()]
    assert (min(sizes), max(sizes)) == (151, 157)


def mean_loss(cohort: Cohort, parameters: Floats) -> Floats:
    """Return the mean binary cross-entropy (networks,) in double precision."""
    outputs = cohort.network.forward(parameters, cohort.data.x)[-1][:, 0]  # (rows, networks)
    signs = 1 - 2 * cohort.data.labels[:, None]
    return np.asarray(np.logaddexp(0, signs * outputs).mean(axis=0))


@pytest.mark.parametrize("activation", USED)
def test_gradient_sizes_are_those_of_central_differences_of_the_loss(depth: Result, activation: str) -> None:
    cohort = depth.cohorts[f"4.{activation}"]
    start = cohort.start[:, :4].astype(np.float64)
    found = np.empty_like(start)
    for at in range(len(start)):
        move = np.zeros((len(start), 1))
        move[at] = 1e-6
        found[at] = (mean_loss(cohort, start + move) - mean_loss(cohort, start - move)) / 2e-6
    expected = [np.sqrt(np.mean(found[at.kernel] ** 2, axis=0)) for at in cohort.network.layers]
    np.testing.assert_allclose(layer_sizes(cohort)[:, :4], expected, rtol=1e-3)
    np.testing.assert_allclose(gradient_ratio(cohort)[:4], expected[0] / expected[-1], rtol=1e-3)


def test_a_layer_that_is_silent_for_all_points_blocks_the_gradient_and_makes_the_answer_constant() -> None:
    network = lab(DEEPEST, WIDTHS[DEEPEST], "relu").network
    open_one = np.full((network.size, 1), 0.5, np.float32)
    cut = open_one.copy()
    cut[network.layers[3].kernel] = -0.3  # what comes is never negative, and so no sum is positive
    cut[network.layers[3].bias] = 0
    cohort = by_hand(lab(DEEPEST, WIDTHS[DEEPEST], "relu"), np.concatenate([open_one, cut], axis=1))
    assert blocked(cohort).tolist() == [False, True]
    assert constant(cohort).tolist() == [False, True]
    assert np.isnan(gradient_ratio(cohort)).tolist() == [False, True]
    assert not blocked(by_hand(lab(DEEPEST, WIDTHS[DEEPEST], "tanh"), cut)).any()


def test_deep_sigmoids_vanish_deep_relus_are_cut_and_deep_tanhs_learn(depth: Result) -> None:
    counts = {name: depth.share(f"success.{name}").count for name in ("1.relu", "8.relu", "8.tanh", "8.sigmoid")}
    assert counts["8.sigmoid"] < 10 < counts["8.relu"] < counts["8.tanh"]
    assert counts["8.relu"] < counts["1.relu"]
    assert depth.share(f"success_wide.{DEEPEST}.relu").count > counts["8.relu"]
    assert value_of(depth, "gradient_ratio.8.sigmoid") < 1e-4
    assert value_of(depth, "gradient_ratio.8.tanh") > 0.1
    assert depth.share("blocked_share.8.relu").count > 0
    assert depth.share("blocked_share.8.sigmoid").count == 0


def test_findings_count_what_the_networks_answer(depth: Result) -> None:
    for name in ("8.relu", "long.relu", "wide.relu"):
        cohort = depth.cohorts[name]
        outputs = cohort.network.forward(cohort.parameters, cohort.data.x)[-1][:, 0]
        right = ((outputs > 0) == (cohort.data.labels == 1)[:, None]) & (np.abs(outputs) >= 1e-3)
        np.testing.assert_array_equal(success(cohort), right.mean(axis=0) >= 0.95)
        np.testing.assert_array_equal(constant(cohort), np.ptp(outputs, axis=0) < SAME)
    assert depth.share("success_long.8.relu").count == success(depth.cohorts["long.relu"]).sum()


def test_longer_training_goes_on_from_the_same_starts(depth: Result) -> None:
    for name in PATIENT:
        short, longer = depth.cohorts[f"8.{name}"], depth.cohorts[f"long.{name}"]
        np.testing.assert_array_equal(short.start, longer.start)
        assert longer.steps == 3 * short.steps

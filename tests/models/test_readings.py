"""What is read off networks whose weights are known, before and after training, of some of them, over the steps."""

from dataclasses import replace

import numpy as np
import pytest

from models import readings
from models.ensemble import Optimizer
from models.labs.blobs import BLOBS
from models.labs.xor import XOR
from models.network import Activation, activate
from models.plans import Cohort, Plan, Start
from models.readings import among, counts, finite, first_step, over_steps, untrained
from tests.models.conftest import by_hand, train

pytestmark = pytest.mark.slow  # trains

ACTIVATIONS: tuple[Activation, ...] = ("linear", "relu", "sigmoid", "tanh")
Neuron = tuple[float, float, float]

# Neurons by two incoming weights and a bias; the blobs 0 and 2 lie above, 1 and 3 below, 0 and 1 left, 2 and 3 right.
UP, DOWN, RIGHT, LEFT = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0), (1.0, 0.0, 1.0), (-1.0, 0.0, -1.0)
FAR_RIGHT, NOWHERE, EVERYWHERE = (1.0, 0.0, -3.0), (0.0, 0.0, -1.0), (0.0, 0.0, 1.0)


def neurons(*networks: tuple[Neuron, Neuron], activation: Activation = "relu") -> Cohort:
    """Return blobs networks with these neurons; all that comes after them is 1."""
    parameters = np.ones((BLOBS.network.size, len(networks)), np.float32)
    kernel, bias = BLOBS.network.unpack(parameters)[0]
    for at, pair in enumerate(networks):
        for unit, (one, two, offset) in enumerate(pair):
            kernel[:, unit, at], bias[unit, at] = (one, two), offset
    return by_hand(BLOBS.using(activation, activation), parameters)


def with_nan(cohort: Cohort, *networks: int) -> Cohort:
    """Return the cohort as if these networks had diverged."""
    parameters, loss = cohort.parameters.copy(), cohort.loss.copy()
    parameters[:, list(networks)], loss[list(networks)] = np.nan, np.nan
    return replace(cohort, parameters=parameters, loss=loss)


@pytest.fixture(scope="module")
def trained() -> Cohort:
    """Return 40 networks on XOR, of which the first 9 are recorded."""
    plan = Plan("main", XOR, Start.by("glorot_uniform"), 300, Optimizer(rate=0.05), width=3, recorded=9)
    return train(plan, networks=40)["main"]


# How far networks get.


def test_accuracy_and_success_are_those_of_the_lab(trained: Cohort) -> None:
    np.testing.assert_array_equal(readings.accuracy(trained), XOR.accuracies(trained.parameters))
    np.testing.assert_array_equal(readings.success(trained), XOR.succeed(trained.parameters))
    assert 0 < np.count_nonzero(readings.success(trained)) < 40
    assert readings.loss(trained) is trained.loss


def test_the_forward_pass_is_kept_unless_there_are_very_many_networks(
    trained: Cohort, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert readings.forward(trained)[-1] is readings.forward(trained)[-1]
    monkeypatch.setattr(readings, "MOST_KEPT", 39)
    for kept, anew in zip(readings._forward(trained), readings.forward(trained), strict=True):
        assert kept is not anew
        np.testing.assert_array_equal(kept, anew)


def test_networks_with_a_number_that_is_not_finite_have_diverged() -> None:
    assert readings.diverged(with_nan(neurons((UP, DOWN), (UP, LEFT), (UP, UP)), 1)).tolist() == [False, True, False]


def test_the_largest_change_of_a_parameter_is_how_far_a_network_moved() -> None:
    cohort = neurons((UP, DOWN), (UP, DOWN))
    change = np.zeros_like(cohort.parameters)
    change[3, 0], change[5, 1], change[7, 1] = 0.5, 0.25, -2
    assert readings.moved(replace(cohort, parameters=cohort.start + change)).tolist() == [0.5, 2]


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([3, 2, 1], False),
        ([3, 3, 3], False),
        ([3, 4, 1], True),
        ([3, np.nan, np.nan], True),
        ([3, np.inf, 1], True),
        ([3, np.inf, np.inf], True),
    ],
)
def test_a_loss_that_is_ever_higher_or_no_number_rose(losses: list[float], expected: bool) -> None:
    cohort = neurons((UP, DOWN))
    history = replace(cohort.history, loss=np.array(losses, np.float32)[:, None])
    assert readings.rose(replace(cohort, history=history)).tolist() == [expected]


# Hidden neurons.


def test_masked_neurons_are_left_out(trained: Cohort) -> None:
    assert readings.sums(trained).shape == (4, 3, 40)
    assert readings.slopes(trained).shape == (4, 3, 40)
    assert readings.silent(trained).shape == (3, 40)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_slopes_are_differences_of_the_activation(activation: Activation) -> None:
    cohort, small = neurons((UP, FAR_RIGHT), activation=activation), 1e-3
    sums = readings.sums(cohort).astype(np.float64)
    away = np.abs(sums) > small  # from the kink of ReLU
    expected = (activate(activation, sums + small) - activate(activation, sums - small)) / (2 * small)
    np.testing.assert_allclose(readings.slopes(cohort)[away], expected[away], atol=1e-5)


def test_a_neuron_that_fires_on_no_row_is_silent_and_its_network_dead() -> None:
    cohort = neurons((UP, NOWHERE), (UP, DOWN), (NOWHERE, NOWHERE), (EVERYWHERE, UP))
    assert readings.silent(cohort).tolist() == [[False, False, True, False], [True, False, True, False]]
    assert readings.dead(cohort).tolist() == [True, False, True, False]


def test_what_diverged_is_not_dead_and_only_relu_dies() -> None:
    cohort = neurons((UP, NOWHERE), (UP, NOWHERE))
    assert readings.dead(with_nan(cohort, 1)).tolist() == [True, False]
    for activation in ("linear", "sigmoid", "tanh"):
        assert not readings.dead(neurons((UP, NOWHERE), activation=activation)).any()


def test_two_neurons_are_identical_or_apart_by_their_incoming_weights_and_biases() -> None:
    nearly = (0.0, 1.0, float(np.finfo(np.float32).tiny))
    cohort = neurons((UP, UP), (UP, nearly), (UP, DOWN), (UP, (0.0, 1.0, 0.5)))
    assert readings.distance(cohort).tolist() == [0, nearly[2], 2, 0.5]
    assert readings.identical(cohort).tolist() == [True, False, False, False]
    assert readings.apart(cohort).tolist() == [False, True, True, True]
    broken = with_nan(cohort, 0, 1, 2, 3)
    assert not readings.identical(broken).any()
    assert not readings.apart(broken).any()


def test_the_kernel_holds_the_incoming_weights() -> None:
    assert readings.kernel(neurons((UP, RIGHT)))[..., 0].tolist() == [[0, 1], [1, 0]]


# How neurons split the blobs.


def test_sides_are_the_blobs_on_which_a_neuron_fires() -> None:
    cohort = neurons((UP, DOWN), (RIGHT, LEFT), (FAR_RIGHT, NOWHERE), (EVERYWHERE, UP))
    assert readings.active_sides(cohort).T.tolist() == [["02", "13"], ["23", "01"], ["3", ""], ["0123", "02"]]
    assert readings.patterns(cohort).tolist() == ["02|13", "01|23", "|3", "0123|02"]
    assert readings.side_names(cohort)[[0, 2]].tolist() == [
        "one active for blobs 0 and 2, one for 1 and 3",
        "one active for no blob, one for 3",
    ]


def test_splits_are_duplicate_two_and_two_or_complementary() -> None:
    cohort = neurons((UP, DOWN), (UP, UP), (UP, RIGHT), (LEFT, DOWN), (UP, FAR_RIGHT), (NOWHERE, EVERYWHERE))
    assert readings.duplicate(cohort).tolist() == [True, True, False, False, False, True]
    assert readings.two_and_two(cohort).tolist() == [True, True, True, True, False, False]
    assert readings.complementary(cohort).tolist() == [False, False, True, True, False, False]


# Readings of readings.


def test_untrained_reads_the_start(trained: Cohort) -> None:
    np.testing.assert_array_equal(untrained(readings.accuracy)(trained), XOR.accuracies(trained.start))
    assert (untrained(readings.accuracy)(trained) != readings.accuracy(trained)).any()


def test_among_reads_some_networks_and_finite_those_that_did_not_diverge(trained: Cohort) -> None:
    there = readings.success(trained)
    np.testing.assert_array_equal(among(readings.success, readings.loss)(trained), trained.loss[there])
    assert among(readings.success, readings.silent)(trained).shape == (3, np.count_nonzero(there))
    broken = with_nan(trained, 0, 39)
    np.testing.assert_array_equal(finite(readings.loss)(broken), trained.loss[1:39])
    assert finite(readings.silent)(broken).shape == (3, 38)


def test_counts_are_shares_of_all_networks_by_name() -> None:
    cohort = neurons((UP, DOWN), (LEFT, RIGHT), (DOWN, UP))
    found = counts(readings.patterns)(cohort)
    assert {name: hits.tolist() for name, hits in found.items()} == {
        "01|23": [False, True, False],
        "02|13": [True, False, True],
    }


def test_a_reading_over_the_steps_is_that_of_each_recorded_step(trained: Cohort) -> None:
    right, silent = over_steps(readings.accuracy)(trained), over_steps(readings.silent)(trained)
    steps = len(trained.history.steps)
    assert right.shape == (steps, 9)
    assert silent.shape == (steps, 3, 9)
    for at, parameters in enumerate(trained.history.parameters):
        np.testing.assert_array_equal(right[at], XOR.accuracies(parameters))
        fires = XOR.network.forward(parameters, XOR.data.x)[0][:, :3] > 0
        np.testing.assert_array_equal(silent[at], ~fires.any(axis=0))
    np.testing.assert_array_equal(right[0], untrained(readings.accuracy)(trained)[:9])
    np.testing.assert_array_equal(right[-1], readings.accuracy(trained)[:9])


def test_the_first_step_is_the_first_recorded_one_at_which_it_is_true(trained: Cohort) -> None:
    there, found = over_steps(readings.success)(trained), first_step(readings.success)(trained)
    assert 0 < np.count_nonzero(np.isfinite(found)) < 9
    for network, step in enumerate(found):
        steps = trained.history.steps[there[:, network]]
        assert np.isnan(step) if steps.size == 0 else step == steps[0]
    assert not first_step(lambda cohort: np.ones(cohort.loss.size, bool))(trained).any()  # 0: true from the start

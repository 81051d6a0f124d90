"""Standing still: second derivatives are exact, and who stands still and gets away is counted from the history."""

import numpy as np
import pytest

from models.ensemble import gradients
from models.experiment import Result
from models.experiments.plateau import ARMS, SMOOTH, gradient_size, hessians, least_curvature, looked_at, still
from models.labs.xor import XOR
from models.network import Network
from models.readings import success
from tests.models.conftest import Run, value_of


@pytest.fixture(scope="module")
def plateau(run: Run) -> Result:
    return run("plateau")


@pytest.mark.parametrize("hidden", [2, 3])
def test_second_derivatives_are_those_of_automatic_differentiation(hidden: int) -> None:
    from models.xla import tf

    network, data = Network((2, hidden, 1), "tanh", "binary_crossentropy"), XOR.data
    parameters = np.random.default_rng(4).normal(size=(network.size, 3))
    found = hessians(network, parameters, data.x, data.labels)
    x, labels = tf.constant(data.x, tf.float64), tf.constant(data.targets, tf.float64)
    for at in range(3):
        values = tf.constant(parameters[:, at])
        with tf.GradientTape() as outer:
            outer.watch(values)
            with tf.GradientTape() as inner:
                inner.watch(values)
                kernel, bias = tf.reshape(values[: 2 * hidden], (2, hidden)), values[2 * hidden : 3 * hidden]
                outputs = tf.tanh(x @ kernel + bias) @ values[3 * hidden : -1, None] + values[-1]
                loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels, outputs))
            slope = inner.gradient(loss, values)
        np.testing.assert_allclose(found[at], outer.jacobian(slope, values).numpy(), atol=1e-10)


def test_a_loss_stands_still_where_it_fell_by_less_than_a_hundredth_since_half_of_the_steps(plateau: Result) -> None:
    for name, arm in ARMS.items():
        history = plateau.cohorts[name].history
        row = looked_at(plateau.cohorts[name])
        assert abs(history.steps[row] - arm.step) == np.abs(history.steps - arm.step).min()
        half = np.abs(history.steps - history.steps[row] / 2).argmin()
        expected = [now > 0.1 and now > 0.99 * then for then, now in zip(*history.loss[[half, row]], strict=True)]
        assert still(plateau.cohorts[name]).tolist() == expected
        assert plateau.share(f"still_share.{name}").count == sum(expected)


def test_those_that_get_away_are_those_that_stood_still_and_succeed(plateau: Result) -> None:
    for name in ARMS:
        cohort = plateau.cohorts[name]
        found = plateau.share(f"left_later_share.{name}")
        assert (found.count, found.of) == ((still(cohort) & success(cohort)).sum(), still(cohort).sum())


def test_plateaus_are_left_and_bend_down_and_dead_ends_are_not(plateau: Result) -> None:
    assert plateau.share("still_share.small").count > 56
    assert plateau.share("left_later_share.small").count > 40
    assert plateau.share("left_later_share.tanh").count + plateau.share("left_later_share.relu").count < 6
    assert value_of(plateau, "least_curvature.small") < -1e-3 < value_of(plateau, "least_curvature.tanh")
    assert value_of(plateau, "gradient_size.small") < value_of(plateau, "gradient_size.tanh")


def test_gradient_and_curvature_are_taken_where_the_networks_stand_still(plateau: Result) -> None:
    for name in SMOOTH:
        cohort = plateau.cohorts[name]
        chosen = np.flatnonzero(still(cohort))
        parameters = cohort.history.parameters[looked_at(cohort)][:, chosen]
        sizes = np.sqrt((gradients(cohort.network, parameters, cohort.data) ** 2).sum(axis=0))
        np.testing.assert_allclose(gradient_size(cohort), sizes, rtol=1e-5)
        own = hessians(cohort.network, parameters[:, :1], cohort.data.x, cohort.data.labels)[0]
        np.testing.assert_allclose(own, own.T)
        assert least_curvature(cohort)[0] == pytest.approx(np.linalg.eigvalsh(own).min())

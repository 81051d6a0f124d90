"""The chain rule by hand, against finite differences, Keras' way of counting slopes, and a sum done on paper."""

import numpy as np
import pytest
import tensorflow as tf

from models import equations
from models.backpropagation import backward_pass, finite_differences, losses, slope
from models.datasets import Dataset
from models.network import Activation, Loss, Network, activate

pytestmark = pytest.mark.slow  # loads TensorFlow to compare with

ACTIVATIONS: tuple[Activation, ...] = ("linear", "relu", "sigmoid", "tanh")
LOSSES: tuple[Loss, ...] = ("binary_crossentropy", "softmax_crossentropy", "squared_error")


def data(loss: Loss, rows: int = 6) -> Dataset:
    generator = np.random.default_rng(7)
    labels = generator.integers(2 if loss == "binary_crossentropy" else 3, size=rows)
    targets = labels[:, None].astype(np.float32) if loss == "binary_crossentropy" else np.eye(3, dtype=np.float32)
    return Dataset(
        x=generator.normal(size=(rows, 2)).astype(np.float32),
        targets=targets if loss == "binary_crossentropy" else targets[labels],
        labels=labels,
        feature_names=("one", "two"),
        class_names=("a", "b", "c"),
    )


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_mean_of_the_examples_gradients_is_what_nudging_each_weight_finds(
    activation: Activation, loss: Loss
) -> None:
    examples = data(loss)
    network = Network((2, 4, examples.targets.shape[1]), activation, loss)
    parameters = np.random.default_rng(3).normal(size=(network.size, 5))
    found = backward_pass(network, parameters, examples).gradients
    assert found.shape == (6, network.size, 5)
    nudged = finite_differences(network, parameters, examples)
    np.testing.assert_allclose(found.mean(axis=0), nudged, rtol=1e-6, atol=1e-9)
    assert np.abs(nudged).max() > 0.01


def test_several_sigmoids_share_their_loss_evenly() -> None:
    network = Network((2, 4, 3), "tanh", "binary_crossentropy")
    parameters = np.random.default_rng(3).normal(size=(network.size, 5))
    examples = data("softmax_crossentropy")
    found = backward_pass(network, parameters, examples).gradients.mean(axis=0)
    np.testing.assert_allclose(found, finite_differences(network, parameters, examples), rtol=1e-6, atol=1e-9)
    assert np.abs(found).max() > 0.01


def test_a_backward_pass_done_on_paper() -> None:
    network = Network((2, 2, 1), "sigmoid", "binary_crossentropy")
    parameters = np.array([[1.0], [0.0], [0.0], [2.0], [0.0], [0.0], [3.0], [-1.0], [0.5]])
    one = Dataset(
        np.zeros((1, 2), np.float32), np.ones((1, 1), np.float32), np.ones(1, np.intp), ("t", "d"), ("bad", "good")
    )
    found = backward_pass(network, parameters, one)
    assert found.activations[0, :, 0].tolist() == [0.5, 0.5]  # at the point 0 both sums are 0
    assert found.outputs[0, 0, 0] == 1.5  # 3 * 0.5 - 1 * 0.5 + 0.5
    error = 1 / (1 + np.exp(-1.5)) - 1
    assert found.errors[0, 0, 0] == pytest.approx(error)
    assert found.upstream[0, :, 0] == pytest.approx([3 * error, -error])
    assert found.deltas[0, :, 0] == pytest.approx([0.75 * error, -0.25 * error])
    assert found.gradients[0, :, 0] == pytest.approx(
        [0, 0, 0, 0, 0.75 * error, -0.25 * error, 0.5 * error, 0.5 * error, error]
    )
    assert losses(network, parameters, one)[0, 0] == pytest.approx(np.log1p(np.exp(-1.5)))


def test_the_slope_of_relu_at_its_corner_is_0() -> None:
    network = Network((2, 1, 1), "relu", "squared_error")
    parameters = np.array([[1.0], [1.0], [0.0], [1.0], [0.0]])
    corner = Dataset(
        np.zeros((1, 2), np.float32), np.ones((1, 1), np.float32), np.zeros(1, np.intp), ("t", "d"), ("a",)
    )
    found = backward_pass(network, parameters, corner)
    assert found.upstream[0, 0, 0] == -2
    assert found.deltas[0, 0, 0] == 0


@pytest.mark.parametrize("sizes", [(2, 1), (2, 3, 3, 1)])
def test_only_one_hidden_layer_is_written_out(sizes: tuple[int, ...]) -> None:
    network = Network(sizes, "sigmoid", "binary_crossentropy")
    with pytest.raises(ValueError, match="one hidden layer"):
        backward_pass(network, np.zeros((network.size, 1)), data("binary_crossentropy"))


@pytest.mark.parametrize("loss", ["softmax_twice", "raw_crossentropy"])
def test_mistakes_with_the_softmax_are_not_written_out(loss: Loss) -> None:
    with pytest.raises(ValueError, match=loss):
        backward_pass(Network((2, 3, 3), "relu", loss), np.zeros((21, 1)), data("softmax_crossentropy"))


@pytest.mark.parametrize("loss", ["softmax_twice", "raw_crossentropy"])
def test_losses_of_mistakes_are_those_that_training_takes(loss: Loss) -> None:
    examples = data("softmax_crossentropy")
    network = Network((2, 3, 3), "relu", loss)
    parameters = np.random.default_rng(3).normal(size=(network.size, 5)).astype(np.float32)
    outputs = network.forward(parameters, examples.x)[-1]
    expected = equations.sample_losses(loss, tf.constant(outputs), tf.constant(examples.targets[:, :, None]))
    np.testing.assert_allclose(losses(network, parameters, examples), expected, rtol=1e-4, atol=1e-5)


def test_a_network_that_diverged_does_not_disturb_the_others() -> None:
    examples = data("binary_crossentropy")
    network = Network((2, 3, 1), "sigmoid", "binary_crossentropy")
    parameters = np.random.default_rng(3).normal(size=(network.size, 2))
    alone = backward_pass(network, parameters[:, :1], examples).gradients
    parameters[:, 1] = np.nan
    both = backward_pass(network, parameters, examples).gradients
    np.testing.assert_array_equal(both[..., :1], alone)
    assert np.isnan(both[..., 1]).all()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_slope_is_the_derivative(name: Activation) -> None:
    z, step = np.array([-3.0, -0.4, 0.2, 5.0]), 1e-6
    expected = (activate(name, z + step) - activate(name, z - step)) / (2 * step)
    np.testing.assert_allclose(slope(name, z, activate(name, z)), expected, atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_diverged_has_no_slope(name: Activation) -> None:
    nothing = np.array([np.nan])
    assert np.isnan(slope(name, nothing, activate(name, nothing))).all()


def test_the_slope_of_relu_at_0_is_0() -> None:
    assert slope("relu", np.zeros(1), np.zeros(1)).tolist() == [0]

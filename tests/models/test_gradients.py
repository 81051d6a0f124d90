"""The gradients that training follows, against finite differences in double precision and against Keras' own."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf
from tensorflow import keras

from models import equations
from models.datasets import Dataset
from models.network import Activation, Loss, Network

pytestmark = pytest.mark.slow

ACTIVATIONS: tuple[Activation, ...] = ("linear", "relu", "sigmoid", "tanh")
LOSSES: tuple[Loss, ...] = ("binary_crossentropy", "softmax_crossentropy", "squared_error")
NETWORKS = 5
ROWS = 20


@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(), (3,), (1,), (5, 4)])
def test_gradients_agree_with_central_finite_differences(
    examples: dict[str, Dataset], hidden: tuple[int, ...], activation: Activation, loss: Loss, dropout: bool
) -> None:
    data = examples[loss]
    network = Network((2, *hidden, data.targets.shape[1]), activation, loss)
    generator = np.random.default_rng(3)
    parameters = generator.normal(size=(network.size, NETWORKS))
    masks = [generator.integers(2, size=(ROWS, units, NETWORKS)) * 2.0 for units in hidden] if dropout else []
    weight = tf.constant(generator.random(ROWS))
    x, targets = (tf.constant(each[:ROWS, :, None], tf.float64) for each in (data.x, data.targets))
    given = [tf.constant(mask) for mask in masks]
    found = equations.losses_and_gradients(network, tf.constant(parameters), x, targets, weight, given)[1].numpy()

    step, size = 1e-6, network.size
    shifts = step * np.eye(size)[:, None]  # each parameter of each network alone, as networks of one ensemble
    repeated = [tf.constant(np.repeat(mask, size, axis=2)) for mask in masks]

    def shifted(shift: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the loss (networks, P) with each parameter (P, networks) shifted by itself."""
        moved = (parameters[:, :, None] + shift).reshape(size, -1)
        return np.asarray(equations.losses(network, tf.constant(moved), x, targets, weight, repeated)).reshape(-1, size)

    # Rounding of losses near 10 leaves about 1e-9 in the quotient.
    quotients = (shifted(shifts) - shifted(-shifts)) / (2 * step)
    assert np.allclose(found, quotients.T, rtol=1e-6, atol=1e-7)
    assert found.dtype == np.float64
    assert np.abs(found).max() > 0.01


@pytest.mark.parametrize("start", ["zero", "constant", "random kernels and no biases"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_at_the_first_step_agree_with_keras_from_symmetric_starts_too(
    examples: dict[str, Dataset], activation: Activation, loss: Loss, start: str
) -> None:
    # From a symmetric start, and wherever all ReLU neurons are off, outputs are exactly zero: a gradient that is wrong
    # only there is wrong at the very steps that decide how symmetry is broken. Finite differences cannot see that.
    data = examples[loss]
    network = Network((2, 3, data.targets.shape[1]), activation, loss)
    parameters = np.zeros((network.size, NETWORKS), np.float32)
    for at in network.layers:
        shape = parameters[at.kernel].shape
        parameters[at.kernel] = {
            "zero": np.zeros(shape),
            "constant": np.full(shape, 0.5),
            "random kernels and no biases": np.random.default_rng(at.units).normal(size=shape),
        }[start]
    weight = np.full(100, 1 / 100, np.float32)
    x, targets = tf.constant(data.x[:, :, None]), tf.constant(data.targets[:, :, None])
    found = equations.losses_and_gradients(network, tf.constant(parameters), x, targets, tf.constant(weight))[1].numpy()
    for column in range(NETWORKS):
        expected = keras_gradient(network, parameters[:, column], data)
        assert np.allclose(found[:, column], expected, atol=1e-6), f"network {column}"


@pytest.mark.parametrize("logit", [0.0, -0.0, 1e-30, -200.0, 200.0])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_gradient_of_binary_crossentropy_is_the_probability_minus_the_target(logit: float, target: float) -> None:
    network = Network((1, 1), "linear", "binary_crossentropy")
    parameters = tf.constant([[0.0], [logit]], tf.float64)
    one = tf.ones((1, 1, 1), tf.float64)
    found = equations.losses_and_gradients(network, parameters, one, target * one, tf.ones(1, tf.float64))[1].numpy()
    assert found[1, 0] == pytest.approx(1 / (1 + np.exp(-logit)) - target, abs=1e-15)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_and_gradients_of_huge_outputs_are_finite(examples: dict[str, Dataset], loss: Loss) -> None:
    data = examples[loss]
    network = Network((2, data.targets.shape[1]), "linear", loss)
    parameters = tf.constant(np.random.default_rng(0).normal(size=(network.size, 3)) * 1e6, tf.float32)
    given = (data.x[:, :, None], data.targets[:, :, None], np.full(100, 0.01, np.float32))
    assert np.isfinite(equations.losses(network, parameters, *given)).all()
    assert np.isfinite(equations.losses_and_gradients(network, parameters, *given)[1]).all()


def keras_gradient(network: Network, parameters: Any, data: Dataset) -> Any:
    """Return Keras' gradient (P,) for one network's ``parameters`` (P,)."""
    layers: list[Any] = [keras.layers.Dense(units, network.activation) for units in network.sizes[1:-1]]
    model = keras.Sequential([keras.Input((network.sizes[0],)), *layers, keras.layers.Dense(network.sizes[-1])])
    model.set_weights([part for layer in network.unpack(parameters) for part in layer])
    loss = {
        "binary_crossentropy": keras.losses.BinaryCrossentropy(from_logits=True),
        "softmax_crossentropy": keras.losses.CategoricalCrossentropy(from_logits=True),
        "squared_error": keras.losses.MeanSquaredError(),
    }[network.loss]
    with tf.GradientTape() as tape:
        value = loss(data.targets, model(data.x))
    return np.concatenate([part.numpy().ravel() for part in tape.gradient(value, model.trainable_variables)])

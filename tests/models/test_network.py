"""The network's equations in NumPy, its places in a parameter array, and its accuracy."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import log_expit, log_softmax

from models import equations
from models.datasets import Dataset
from models.network import Activation, Floats, Loss, Network

pytestmark = pytest.mark.slow  # loads TensorFlow to compare with

SIZES = [(2, 4), (2, 3, 4), (2, 3, 5, 4), (1, 1)]


@pytest.mark.parametrize("loss", ["binary_crossentropy", "softmax_crossentropy", "squared_error"])
@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("hidden", [(), (3,), (4, 3)])
def test_losses_of_the_engine_follow_from_the_outputs_of_forward(
    examples: dict[str, Dataset], hidden: tuple[int, ...], activation: Activation, loss: Loss
) -> None:
    data = examples[loss]
    network = Network((2, *hidden, data.targets.shape[1]), activation, loss)
    generator = np.random.default_rng(0)
    parameters = generator.normal(size=(network.size, 5))
    weight = generator.random(100)
    x, targets = data.x.astype(np.float64), data.targets.astype(np.float64)
    each = losses_of(loss, network.forward(parameters, x)[-1], targets)  # (rows, networks)
    found = equations.losses(network, tf.constant(parameters), tf.constant(x[:, :, None]), targets[:, :, None], weight)
    assert np.allclose(found, weight @ each, rtol=1e-12)


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh"])
def test_forward_is_the_matrix_product_network_by_network(activation: Activation) -> None:
    network = Network((3, 4, 2, 2), activation, "squared_error")
    generator = np.random.default_rng(1)
    parameters, x = generator.normal(size=(network.size, 6)), generator.normal(size=(7, 3))
    definitions: dict[Activation, Callable[[Floats], Floats]] = {
        "linear": lambda z: z,
        "relu": lambda z: z * (z > 0),
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "tanh": lambda z: 2 / (1 + np.exp(-2 * z)) - 1,
    }
    found = network.forward(parameters, x)
    assert [z.shape for z in found] == [(7, 4, 6), (7, 2, 6), (7, 2, 6)]
    for column in range(6):
        values: Floats = x
        for index, (kernel, bias) in enumerate(network.unpack(parameters[:, column])):
            z = values @ kernel + bias
            assert np.allclose(found[index][..., column], z, rtol=1e-12, atol=1e-12)
            values = definitions[activation](z)


def test_forward_keeps_the_precision_of_the_parameters() -> None:
    network = Network((2, 3, 1), "tanh", "binary_crossentropy")
    for kind in (np.float32, np.float64):
        assert {z.dtype for z in network.forward(np.ones((network.size, 2), kind), np.ones((4, 2)))} == {np.dtype(kind)}


@pytest.mark.parametrize("sizes", SIZES)
def test_packing_undoes_unpacking(sizes: tuple[int, ...]) -> None:
    network = Network(sizes, "relu", "squared_error")
    parameters = np.arange(network.size * 3, dtype=np.float32).reshape(network.size, 3)
    layers = network.unpack(parameters)
    assert [(kernel.shape, bias.shape) for kernel, bias in layers] == [
        ((inputs, units, 3), (units, 3)) for inputs, units in pairwise(sizes)
    ]
    assert np.array_equal(network.pack(layers), parameters)
    one = parameters[:, 0]
    assert np.array_equal(network.pack(network.unpack(one)), one)


def test_unpacking_gives_views_kernel_before_bias_and_row_by_row() -> None:
    network = Network((2, 3, 1), "relu", "binary_crossentropy")
    parameters = np.zeros((network.size, 1), np.float32)
    (kernel, bias), (last_kernel, last_bias) = network.unpack(parameters)
    kernel[1, 2], bias[0], last_kernel[1, 0], last_bias[0] = 1, 2, 3, 4
    assert parameters[:, 0].tolist() == [0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 3, 0, 4]


@pytest.mark.parametrize(("sizes", "size"), [((2, 4), 12), ((2, 3, 1), 13), ((2, 2, 4), 18), ((2, 3, 5, 4), 53)])
def test_size_counts_weights_and_biases(sizes: tuple[int, ...], size: int) -> None:
    network = Network(sizes, "relu", "squared_error")
    assert network.size == size
    assert network.layers[-1].bias.stop == size


@pytest.mark.parametrize(
    ("sizes", "loss", "message"),
    [
        ((2,), "squared_error", "inputs and outputs"),
        ((), "squared_error", "inputs and outputs"),
        ((2, 0, 1), "squared_error", "each 1 or more"),
    ],
)
def test_impossible_networks_are_refused(sizes: tuple[int, ...], loss: Loss, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Network(sizes, "relu", loss)


def test_accuracy_is_the_share_of_rows_that_are_classified_right() -> None:
    one, many = Network((1, 1), "linear", "binary_crossentropy"), Network((1, 3), "linear", "softmax_crossentropy")
    x, labels = np.array([[-2.0], [-1.0], [1.0], [2.0]]), np.array([0, 0, 1, 1])
    # The first neuron is right everywhere, the second nowhere, the third says 1 to all but the first row.
    assert one.accuracy(np.array([[1.0, -1.0, 1.0], [0, 0, 1.5]]), x, labels).tolist() == [1, 0, 0.75]
    # The largest of the outputs -x, x and -5 is the first one for negative x and the second one for positive x.
    assert many.accuracy(np.array([[-1.0], [1], [0], [0], [0], [-5]]), x, labels).tolist() == [1]
    assert many.accuracy(np.array([[-1.0], [1], [0], [0], [0], [-5]]), x, np.array([0, 2, 1, 1])).tolist() == [0.75]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_accuracy_counts_outputs_that_are_no_finite_numbers_as_wrong(bad: float) -> None:
    x, labels = np.ones((4, 1)), np.zeros(4, np.intp)
    one, many = Network((1, 1), "linear", "binary_crossentropy"), Network((1, 2), "linear", "softmax_crossentropy")
    assert one.accuracy(np.array([[-1.0, -1.0], [0, bad]]), x, labels).tolist() == [1, 0]
    assert many.accuracy(np.array([[1.0, 1], [0, 0], [0, 0], [0, bad]]), x, labels).tolist() == [1, 0]


def losses_of(loss: Loss, outputs: Floats, targets: Floats) -> Floats:
    """Compute the loss (rows, networks) of each example by the definition, from outputs (rows, outputs, networks)."""
    if loss == "squared_error":
        return np.asarray(((outputs - targets[:, :, None]) ** 2).mean(axis=1))
    if loss == "softmax_crossentropy":
        return np.asarray(-(targets[:, :, None] * log_softmax(outputs, axis=1)).sum(axis=1))
    return np.asarray(-(targets * log_expit(outputs[:, 0]) + (1 - targets) * log_expit(-outputs[:, 0])))

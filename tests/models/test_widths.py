"""A network with masked neurons is the narrow network, before and after training."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models.datasets import blobs, xor
from models.ensemble import Optimizer, train
from models.initializers import start
from models.network import Activation, Network
from models.widths import narrowed, widened, without_masked

pytestmark = pytest.mark.slow

Floats = npt.NDArray[np.float32]
WIDE = Network((2, 5, 1), "relu", "binary_crossentropy")


def masked_start(network: Network, width: int, networks: int) -> tuple[Floats, Floats]:
    """Return starts (P, networks) of which all hidden neurons but the first ``width`` are masked, and what may move."""
    narrow = narrowed(network, width)
    begin = start(narrow, "glorot_uniform", seed=4, members=range(networks))
    return widened(network, begin, width), widened(network, np.ones((narrow.size, 1), np.float32), width)


@pytest.mark.parametrize("width", [1, 3, 5])
def test_a_network_comes_back_from_where_it_was_masked(width: int) -> None:
    found, trainable = masked_start(WIDE, width, 2)
    narrow = narrowed(WIDE, width)
    assert narrow == Network((2, width, 1), "relu", "binary_crossentropy")
    expected = start(narrow, "glorot_uniform", seed=4, members=range(2))
    np.testing.assert_array_equal(without_masked(WIDE, found, width), expected)
    assert without_masked(WIDE, trainable, width).all()
    assert np.count_nonzero(trainable) == narrow.size
    assert not found[trainable[:, 0] == 0].any()


def test_each_weight_stands_in_its_place() -> None:
    numbers = np.arange(1, 10, dtype=np.float32)[:, None]  # 2 inputs, 2 hidden neurons, 1 output
    (kernel, bias), (outgoing, output_bias) = WIDE.unpack(widened(WIDE, numbers, 2))
    np.testing.assert_array_equal(kernel[..., 0], [[1, 2, 0, 0, 0], [3, 4, 0, 0, 0]])
    np.testing.assert_array_equal(bias[:, 0], [5, 6, 0, 0, 0])
    np.testing.assert_array_equal(outgoing[:, 0, 0], [7, 8, 0, 0, 0])
    np.testing.assert_array_equal(output_bias[:, 0], [9])


def test_steps_of_a_history_are_narrowed_like_networks() -> None:
    history = np.arange(WIDE.size * 6, dtype=np.float32).reshape(WIDE.size, 2, 3)  # (P, steps, networks)
    found = without_masked(WIDE, history, 2)
    np.testing.assert_array_equal(found[:, 1], without_masked(WIDE, history[:, 1], 2))


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh"])
def test_masked_neurons_change_nothing_in_training(activation: Activation) -> None:
    wide = replace(WIDE, activation=activation)
    begin, trainable = masked_start(wide, 2, 3)
    masked = train(wide, begin, xor.load(), Optimizer(), steps=50, trainable=trainable)
    plain = train(narrowed(wide, 2), without_masked(wide, begin, 2), xor.load(), Optimizer(), steps=50)
    np.testing.assert_allclose(without_masked(wide, masked.parameters, 2), plain.parameters, atol=1e-5)
    assert not masked.parameters[trainable[:, 0] == 0].any()
    np.testing.assert_allclose(masked.loss, plain.loss, atol=1e-6)


@pytest.mark.parametrize("width", [0, 6])
def test_a_width_must_fit(width: int) -> None:
    with pytest.raises(ValueError, match=f"not {width}"):
        narrowed(WIDE, width)


def test_a_network_must_have_one_hidden_layer() -> None:
    with pytest.raises(ValueError, match="one hidden layer"):
        narrowed(Network((2, 3, 3, 1), "relu", "squared_error"), 2)


def test_the_outputs_are_those_of_the_narrow_network() -> None:
    wide = Network((2, 8, 4), "sigmoid", "softmax_crossentropy")
    found, _ = masked_start(wide, 3, 4)
    np.testing.assert_allclose(
        wide.forward(found, blobs.load().x)[-1],
        narrowed(wide, 3).forward(without_masked(wide, found, 3), blobs.load().x)[-1],
        atol=1e-6,
    )

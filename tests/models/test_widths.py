"""A network with masked neurons is the narrow network, before and after training."""

from dataclasses import replace

import numpy as np
import pytest

from models.datasets import blobs, xor
from models.ensemble import Optimizer, train
from models.initializers import start
from models.network import Activation, Network
from models.widths import narrow_start

WIDE = Network((2, 5, 1), "relu", "binary_crossentropy")


def narrowed(network: Network, width: int, parameters: np.ndarray) -> np.ndarray:
    (kernel, bias), (outgoing, output_bias) = network.unpack(parameters)
    narrow = replace(network, sizes=(network.sizes[0], width, network.sizes[2]))
    return narrow.pack([(kernel[:, :width], bias[:width]), (outgoing[:width], output_bias)])


@pytest.mark.parametrize("width", [1, 3, 5])
def test_the_start_is_that_of_the_narrow_network(width: int) -> None:
    found, trainable = narrow_start(WIDE, width, "glorot_uniform", seed=4, networks=[0, 7])
    narrow = replace(WIDE, sizes=(2, width, 1))
    expected = start(narrow, "glorot_uniform", seed=4, networks=[0, 7])
    np.testing.assert_array_equal(narrowed(WIDE, width, found), expected)
    assert np.count_nonzero(trainable) == 2 * narrow.size
    assert not found[trainable == 0].any()


@pytest.mark.parametrize("activation", ["linear", "relu", "sigmoid", "tanh"])
def test_masked_neurons_change_nothing_in_training(activation: Activation) -> None:
    wide = replace(WIDE, activation=activation)
    narrow = replace(wide, sizes=(2, 2, 1))
    begin, trainable = narrow_start(wide, 2, "he_uniform", seed=1, networks=range(3))
    masked = train(wide, begin, xor.load(), Optimizer(), steps=50, trainable=trainable)
    begin = start(narrow, "he_uniform", seed=1, networks=range(3))
    plain = train(narrow, begin, xor.load(), Optimizer(), steps=50)
    np.testing.assert_allclose(narrowed(wide, 2, masked.parameters), plain.parameters, atol=1e-5)
    assert not masked.parameters[trainable == 0].any()
    np.testing.assert_allclose(masked.loss, plain.loss, atol=1e-6)


@pytest.mark.parametrize("width", [0, 6])
def test_a_width_must_fit(width: int) -> None:
    with pytest.raises(ValueError, match=f"not {width}"):
        narrow_start(WIDE, width, "glorot_uniform", seed=0, networks=[0])


def test_a_network_must_have_one_hidden_layer() -> None:
    with pytest.raises(ValueError, match="one hidden layer"):
        narrow_start(Network((2, 3, 3, 1), "relu", "squared_error"), 2, "glorot_uniform", seed=0, networks=[0])


def test_the_outputs_are_those_of_the_narrow_network() -> None:
    wide = Network((2, 8, 4), "sigmoid", "softmax_crossentropy")
    found, _ = narrow_start(wide, 3, "glorot_uniform", seed=2, networks=range(4))
    narrow = replace(wide, sizes=(2, 3, 4))
    np.testing.assert_allclose(
        wide.forward(found, blobs.load().x)[-1],
        narrow.forward(narrowed(wide, 3, found), blobs.load().x)[-1],
        atol=1e-6,
    )

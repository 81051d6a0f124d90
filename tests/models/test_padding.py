"""A padded network computes, and learns, what the shallow network does."""

import numpy as np
import pytest

from models.initializers import start
from models.labs import Lab
from models.labs.xor import XOR
from models.network import Activation, Floats, Network, activate, sum_of_products
from models.padding import activations, padded, places, trainable
from models.plans import Plan, Start
from tests.models.conftest import train

SHAPE = Network((2, 5, 4, 4, 1), "linear", "binary_crossentropy")
FITTING = [(2, 5, 1), (2, 3, 1), (2, 3, 4, 1), (2, 5, 4, 4, 1), (2, 1, 2, 3, 1)]


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("sizes", FITTING[1:])
def test_outputs_are_those_of_the_network_itself(sizes: tuple[int, ...], activation: Activation) -> None:
    network = Network(sizes, activation, "binary_crossentropy")
    drawn = start(network, "glorot_uniform", seed=3, members=range(4))
    x = np.random.default_rng(0).normal(size=(6, 2))
    values: Floats = np.repeat(x[:, :, None], 4, axis=-1)
    names: list[Activation] = [*activations(network, SHAPE).tolist(), "linear"]
    for (kernel, bias), name in zip(SHAPE.unpack(padded(network, SHAPE, drawn)), names, strict=True):
        values = activate(name, sum_of_products(values, kernel) + bias)
    np.testing.assert_allclose(values, network.forward(drawn, x)[-1], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("sizes", FITTING[1:])
def test_each_parameter_has_its_own_place_and_what_is_padding_may_not_move(sizes: tuple[int, ...]) -> None:
    network = Network(sizes, "relu", "binary_crossentropy")
    drawn = np.arange(1, network.size + 1, dtype=np.float32)[:, None]
    np.testing.assert_array_equal(padded(network, SHAPE, drawn)[places(network, SHAPE)], drawn)
    assert len(set(places(network, SHAPE).tolist())) == network.size
    free = trainable(network, SHAPE, np.ones((network.size, 1), np.float32))
    assert free.sum() == network.size


@pytest.mark.parametrize(
    "network",
    [
        Network((2, 1), "relu", "binary_crossentropy"),
        Network((2, 6, 1), "relu", "binary_crossentropy"),
        Network((2, 5, 1), "relu", "binary_crossentropy"),  # the identities of 4 neurons cannot hand on 5 values
        Network((2, 3, 3, 3, 3, 1), "relu", "binary_crossentropy"),
        Network((3, 3, 1), "relu", "binary_crossentropy"),
        Network((2, 3, 2), "relu", "softmax_crossentropy"),
        Network((2, 3, 1), "relu", "squared_error"),
    ],
    ids=lambda network: f"{network.sizes} {network.loss}",
)
def test_a_network_that_does_not_fit_is_refused(network: Network) -> None:
    with pytest.raises(ValueError, match="cannot be padded"):
        places(network, SHAPE)


@pytest.mark.slow
def test_depths_and_activations_are_one_ensemble_and_each_learns_as_it_does_without_padding() -> None:
    networks = [
        Network((2, 4, 1), "tanh", XOR.network.loss),
        Network((2, 3, 2, 1), "sigmoid", XOR.network.loss),
        Network((2, 4, 4, 1), "relu", XOR.network.loss),
    ]
    shape = Network((2, 4, 4, 1), "linear", XOR.network.loss)
    labs = [Lab(network, XOR.load, "XOR", str(network.sizes), "right") for network in networks]
    plans = [
        Plan(f"{at}", lab, Start.by("glorot_uniform"), 60, padded_to=shape, l2=0.01 * at) for at, lab in enumerate(labs)
    ]
    together = train(*plans)
    assert len({id(cohort.timing) for cohort in together.values()}) == 1
    for plan in plans:
        cohort = together[plan.name]
        alone = train(Plan("alone", plan.lab, plan.start, plan.steps, l2=plan.l2))["alone"]
        assert cohort.network == plan.lab.network
        np.testing.assert_array_equal(cohort.start, alone.start)
        np.testing.assert_allclose(cohort.parameters, alone.parameters, atol=2e-6)
        np.testing.assert_allclose(cohort.history.parameters, alone.history.parameters, atol=2e-6)
        np.testing.assert_allclose(cohort.loss, alone.loss, atol=2e-6)
        assert np.abs(cohort.parameters - cohort.start).max() > 0.1

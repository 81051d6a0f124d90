"""Starting weights follow Keras' rules, and each network's are its own."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pytest
from scipy.stats import ks_2samp, kstest
from tensorflow import keras

from models.initializers import INITIALIZERS, Initializer, start
from models.network import Network

pytestmark = pytest.mark.slow  # loads TensorFlow to compare with

INPUTS, UNITS = 40, 60
KERAS = {
    "glorot_uniform": keras.initializers.GlorotUniform,
    "glorot_normal": keras.initializers.GlorotNormal,
    "he_uniform": keras.initializers.HeUniform,
    "he_normal": keras.initializers.HeNormal,
}
VARIANCES = {"glorot": 2 / (INPUTS + UNITS), "he": 2 / INPUTS}
DEVIATION_CUT_AT_TWO = 0.87962566103423978  # of a standard normal distribution cut off at -2 and 2

Weights = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def network() -> Network:
    """Return a network whose two kernels tell inputs from units."""
    return Network((INPUTS, UNITS, 3), "relu", "softmax_crossentropy")


@pytest.fixture(scope="module")
def drawn(network: Network) -> Callable[[Initializer], Weights]:
    """Return a function that draws the first kernels of 20 networks, 48,000 weights."""

    def draw(initializer: Initializer) -> Weights:
        kernel, _ = network.unpack(start(network, initializer, seed=1, members=range(20)))[0]
        return kernel.ravel().astype(np.float32)

    return draw


@pytest.mark.parametrize("initializer", KERAS)
def test_weights_are_distributed_as_keras_draws_them(
    drawn: Callable[[Initializer], Weights], initializer: Initializer
) -> None:
    theirs = np.concatenate([np.ravel(KERAS[initializer](seed=seed)((INPUTS, UNITS))) for seed in range(20)])
    ours = drawn(initializer)
    # Of 48,000 draws each, p < 0.001 begins where the distributions are 1.3 % apart.
    assert ks_2samp(ours, theirs).pvalue > 1e-3
    assert ours.std() == pytest.approx(theirs.std(), rel=0.015)
    assert np.abs(ours).max() == pytest.approx(np.abs(theirs).max(), rel=0.002)


@pytest.mark.parametrize("initializer", KERAS)
def test_weights_have_the_mean_the_variance_and_the_bounds_of_their_rule(
    drawn: Callable[[Initializer], Weights], initializer: Initializer
) -> None:
    family, shape = initializer.split("_")
    deviation = np.sqrt(VARIANCES[family])
    bound = np.sqrt(3) * deviation if shape == "uniform" else 2 * deviation / DEVIATION_CUT_AT_TWO
    weights = drawn(initializer).astype(np.float64)
    assert abs(weights.mean()) < 4 * deviation / np.sqrt(weights.size)
    assert weights.std() == pytest.approx(deviation, rel=0.01)
    assert np.abs(weights).max() <= np.float32(bound)
    assert np.abs(weights).max() > 0.998 * bound


@pytest.mark.parametrize("initializer", KERAS)
def test_every_layer_takes_the_bounds_of_its_own_fans(network: Network, initializer: Initializer) -> None:
    variance = 2 / (UNITS + 3) if initializer.startswith("glorot") else 2 / UNITS
    (_, _), (kernel, _) = network.unpack(start(network, initializer, seed=2, members=range(200)))
    assert kernel.std() == pytest.approx(np.sqrt(variance), rel=0.02)


@pytest.mark.parametrize("scale", [0.01, 1.0, 3.0])
def test_normal_weights_have_the_scale_as_standard_deviation(network: Network, scale: float) -> None:
    kernel, _ = network.unpack(start(network, "normal", seed=1, members=range(20), scale=scale))[0]
    assert kstest(kernel.ravel() / scale, "norm").pvalue > 1e-3


@pytest.mark.parametrize("value", [-0.5, 0.25])
def test_constant_weights_have_the_scale_as_value(network: Network, value: float) -> None:
    for kernel, _ in network.unpack(start(network, "constant", seed=1, members=range(3), scale=value)):
        assert np.all(kernel == np.float32(value))


def test_zero_weights_are_zero_whatever_the_scale(network: Network) -> None:
    assert not start(network, "zero", seed=1, members=range(3), scale=5.0).any()


@pytest.mark.parametrize("initializer", INITIALIZERS)
def test_biases_are_zero_and_parameters_single_precision(network: Network, initializer: Initializer) -> None:
    parameters = start(network, initializer, seed=1, members=range(3))
    assert parameters.shape == (network.size, 3)
    assert parameters.dtype == np.float32
    for kernel, bias in network.unpack(parameters):
        assert not bias.any()
        assert kernel.any() == (initializer != "zero")


@pytest.mark.parametrize("initializer", KERAS)
def test_scale_multiplies_what_a_rule_draws(network: Network, initializer: Initializer) -> None:
    once = start(network, initializer, seed=1, members=range(3))
    assert np.array_equal(start(network, initializer, seed=1, members=range(3), scale=4.0), 4 * once)


@pytest.mark.parametrize("networks", [[7], [0, 7, 3], list(range(100)), np.array([900, 7])])
@pytest.mark.parametrize("initializer", [*KERAS, "normal"])
def test_a_network_is_the_same_alone_and_among_others(
    network: Network, initializer: Initializer, networks: Sequence[int]
) -> None:
    alone = start(network, initializer, seed=5, members=[7])[:, 0]
    among = start(network, initializer, seed=5, members=networks)
    assert np.array_equal(among[:, list(networks).index(7)], alone)


def test_networks_and_seeds_differ(network: Network) -> None:
    first = start(network, "glorot_uniform", seed=5, members=range(50))
    other = start(network, "glorot_uniform", seed=6, members=range(50))
    both = np.concatenate((first, other), axis=1)
    assert len(np.unique(both[0])) == 100
    correlations = np.atleast_2d(np.corrcoef(both[: INPUTS * UNITS].T))[np.triu_indices(100, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(INPUTS * UNITS)


def test_an_unknown_initializer_is_refused_with_the_names_of_those_there_are(network: Network) -> None:
    with pytest.raises(ValueError, match="lecun") as refusal:
        start(network, "lecun", seed=1, members=[0])  # type: ignore[arg-type]
    assert all(name in str(refusal.value) for name in INITIALIZERS)

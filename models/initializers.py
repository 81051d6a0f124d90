"""Starting weights, drawn for each network from its own seed; the rules are those of Keras.

References:
    Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks".
    He et al. 2015, "Delving Deep into Rectifiers". The normal variants are normal distributions cut off at two
    standard deviations and rescaled, as in Keras' ``VarianceScaling``.

"""

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from models.network import Network
from models.streams import Purpose, streams

Initializer = Literal["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "normal", "constant", "zero"]
INITIALIZERS: tuple[str, ...] = get_args(Initializer)

# The standard deviation of a standard normal distribution cut off at -2 and 2.
TRUNCATED_DEVIATION = 0.87962566103423978

Parameters = npt.NDArray[np.float32]


def start(
    network: Network,
    initializer: Initializer,
    *,
    seed: int,
    members: Sequence[int] | npt.NDArray[np.integer],
    scale: float = 1.0,
) -> Parameters:
    """Draw starting parameters (P, networks): kernels by ``initializer``, biases zero.

    ``scale`` multiplies what the Glorot and He rules draw, is the standard deviation of ``normal`` and the value of
    ``constant``. Network k is the same whatever else stands in ``members``.

    Raises:
        ValueError: the initializer is unknown.

    """
    if initializer not in INITIALIZERS:
        raise ValueError(f"unknown initializer {initializer!r}: one of {', '.join(INITIALIZERS)}")
    parameters = np.zeros((network.size, len(members)), np.float32)
    if initializer == "zero":
        return parameters
    if initializer == "constant":
        for at in network.layers:
            parameters[at.kernel] = scale
        return parameters
    rule = _rule(initializer)
    for column, generator in enumerate(streams(seed, members, Purpose.WEIGHTS)):
        for at in network.layers:
            draw = rule(generator, at.inputs, at.units)  # (inputs * units,)
            parameters[at.kernel, column] = scale * draw
    return parameters


def layer_constants(network: Network, seed: int, members: npt.NDArray[np.integer]) -> Parameters:
    """Draw starting parameters (P, networks) in which all weights of a layer are one random number, and biases zero."""
    parameters = np.zeros((network.size, len(members)), np.float32)
    for column, generator in enumerate(streams(seed, members, Purpose.CONSTANTS)):
        for at, drawn in zip(network.layers, generator.uniform(-1, 1, len(network.layers)), strict=True):
            parameters[at.kernel, column] = drawn
    return parameters


_Rule = Callable[[np.random.Generator, int, int], npt.NDArray[np.float64]]


def _rule(initializer: Initializer) -> _Rule:
    """Return a function of a generator, fan-in and fan-out that draws one kernel, row by row."""

    def variance(inputs: int, units: int) -> float:
        # Glorot: 2 / (fan_in + fan_out). He: 2 / fan_in.
        return 2 / (inputs + units) if initializer.startswith("glorot") else 2 / inputs

    def uniform(generator: np.random.Generator, inputs: int, units: int) -> npt.NDArray[np.float64]:
        limit = np.sqrt(3 * variance(inputs, units))
        return generator.uniform(-limit, limit, inputs * units)

    def truncated(generator: np.random.Generator, inputs: int, units: int) -> npt.NDArray[np.float64]:
        share = generator.uniform(ndtr(-2), ndtr(2), inputs * units)
        return np.asarray(ndtri(share) * np.sqrt(variance(inputs, units)) / TRUNCATED_DEVIATION)

    def normal(generator: np.random.Generator, inputs: int, units: int) -> npt.NDArray[np.float64]:
        return generator.standard_normal(inputs * units)

    if initializer == "normal":
        return normal
    return uniform if initializer.endswith("uniform") else truncated

"""Networks of several widths in one compiled program: a narrow one is a wide one whose other hidden neurons are masked.

A masked neuron has only zero weights, incoming and outgoing, and none of them may change: it adds nothing to the
outputs, and nothing comes back to it.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.network import Network

Parameters = npt.NDArray[np.float32]


def narrowed(network: Network, width: int) -> Network:
    """Return the network that ``network`` is when all hidden neurons but the first ``width`` are masked.

    Raises:
        ValueError: the network has not one hidden layer, or ``width`` is more than it holds.
    """
    if len(network.sizes) != 3 or not 1 <= width <= network.sizes[1]:
        raise ValueError(f"width must be from 1 to the hidden neurons of a network with one hidden layer, not {width}")
    return replace(network, sizes=(network.sizes[0], width, network.sizes[2]))


def widened(network: Network, parameters: Parameters, width: int) -> Parameters:
    """Return parameters (P, networks) with those of a network of ``width`` in their places, and zeros for the rest."""
    wide = np.zeros((network.size, parameters.shape[1]), np.float32)
    (kernel, bias), (outgoing, output_bias) = network.unpack(wide)
    narrow = narrowed(network, width).unpack(parameters)
    (kernel[:, :width], bias[:width]), (outgoing[:width], output_bias[:]) = narrow
    return wide


def without_masked(network: Network, parameters: npt.NDArray[np.floating], width: int) -> npt.NDArray[np.floating]:
    """Return the parameters (p, ...) of the narrow network that stand in (P, ...), the inverse of `widened`."""
    if width == network.sizes[1]:
        return parameters
    (kernel, bias), (outgoing, output_bias) = network.unpack(parameters)
    parts = (kernel[:, :width], bias[:width], outgoing[:width], output_bias)
    return np.concatenate([part.reshape(-1, *parameters.shape[1:]) for part in parts])

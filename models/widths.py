"""Networks of several widths in one compiled program: a narrow one is a wide one whose other hidden neurons are masked.

A masked neuron has only zero weights, incoming and outgoing, and none of them may change: it adds nothing to the
outputs, and nothing comes back to it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from models.initializers import Initializer, start
from models.network import Network

Parameters = npt.NDArray[np.float32]


def narrow_start(
    network: Network,
    width: int,
    initializer: Initializer,
    *,
    seed: int,
    networks: Sequence[int] | npt.NDArray[np.integer],
) -> tuple[Parameters, Parameters]:
    """Draw a start (P, networks) for ``width`` of the hidden neurons of ``network``, and what may change (P, networks).

    The weights are those that a network of this width would draw: Glorot's rule and He's depend on it.

    Raises:
        ValueError: the network has not one hidden layer, or ``width`` is more than it holds.
    """
    if len(network.sizes) != 3 or not 1 <= width <= network.sizes[1]:
        raise ValueError(f"width must be from 1 to the hidden neurons of a network with one hidden layer, not {width}")
    narrow = replace(network, sizes=(network.sizes[0], width, network.sizes[2]))
    drawn = start(narrow, initializer, seed=seed, networks=networks)
    return _widened(network, narrow, drawn), _widened(network, narrow, np.ones_like(drawn))


def _widened(network: Network, narrow: Network, parameters: Parameters) -> Parameters:
    """Return ``parameters`` of the narrow network in the places of the wide one, with zeros for the rest."""
    wide = np.zeros((network.size, parameters.shape[1]), np.float32)
    (kernel, bias), (outgoing, output_bias) = network.unpack(wide)
    width = narrow.sizes[1]
    (kernel[:, :width], bias[:width]), (outgoing[:width], output_bias[:]) = narrow.unpack(parameters)
    return wide

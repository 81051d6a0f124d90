"""Networks of several depths in one compiled program: a shallow one is a deep one whose other layers pass values on.

A hidden layer that a network does not have is an identity: a linear activation, a kernel with ones on its diagonal and
biases of zero, none of which may change. It hands values and gradients on as they are. A neuron that a layer does not
have has only zero weights that may not change, as in `models.widths`. So networks of other depths, widths and
activations are data of one program, and their parameters are read back as if they had been trained alone.
"""

import numpy as np
import numpy.typing as npt

from models.network import Network

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.intp]


def places(network: Network, shape: Network) -> Integers:
    """Return where each of the parameters (p,) of ``network`` stands among those of the deeper, wider ``shape``.

    Raises:
        ValueError: ``network`` does not fit into ``shape``.
    """
    check_fits(network, shape)
    into = [*shape.layers[: len(network.layers) - 1], shape.layers[-1]]
    found = []
    for at, to in zip(network.layers, into, strict=True):
        inputs, units = np.arange(at.inputs)[:, None], np.arange(at.units)
        found += [(to.kernel.start + inputs * to.units + units).ravel(), to.bias.start + units]
    return np.concatenate(found)


def padded(network: Network, shape: Network, parameters: Floats) -> Floats:
    """Return parameters (P, networks) of ``shape`` that compute what those of ``network``, (p, networks), do."""
    found = np.zeros((shape.size, parameters.shape[1]), np.float32)
    found[places(network, shape)] = parameters
    kept = np.arange(network.sizes[-2])  # the neurons of the last hidden layer, which the identities hand on
    for at in shape.layers[len(network.layers) - 1 : -1]:
        found[at.kernel.start + kept * at.units + kept] = 1
    return found


def trainable(network: Network, shape: Network, of: Floats) -> Floats:
    """Return what multiplies each gradient of ``shape`` (P, ...), by that of ``network`` (p, ...): 0 for padding."""
    found = np.zeros((shape.size, *of.shape[1:]), np.float32)
    found[places(network, shape)] = of
    return found


def activations(network: Network, shape: Network) -> npt.NDArray[np.str_]:
    """Return the names of the activations (hidden layers of ``shape``,) that make it compute as ``network`` does."""
    hidden, every = len(network.layers) - 1, len(shape.layers) - 1
    return np.array([network.activation] * hidden + ["linear"] * (every - hidden))


def check_fits(network: Network, shape: Network) -> None:
    """Check that ``network`` can be padded to ``shape``.

    Raises:
        ValueError: it has another loss, other inputs or outputs, no hidden layer, or more or wider layers.
    """
    hidden, every = network.sizes[1:-1], shape.sizes[1:-1]
    alike = (network.sizes[0], network.sizes[-1], network.loss) == (shape.sizes[0], shape.sizes[-1], shape.loss)
    # The identities hand on as many values as the last hidden layer has.
    wanted = [*hidden, *hidden[-1:] * (len(every) - len(hidden))]
    fits = hidden and len(wanted) == len(every) and all(a <= b for a, b in zip(wanted, every, strict=True))
    if not (alike and fits):
        raise ValueError(
            f"sizes {network.sizes} with {network.loss} cannot be padded to {shape.sizes} with {shape.loss}"
        )

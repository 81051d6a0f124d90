"""What one small network is: layer sizes, activation, loss; and its equations in NumPy, for measuring and drawing.

The parameters of N networks with P weights and biases each stand in one array of shape (P, N), layer after layer,
kernel before bias. The ensemble axis is last, here and everywhere: arithmetic on many networks is then arithmetic
on contiguous vectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Activation = Literal["linear", "relu", "sigmoid", "tanh"]
Loss = Literal["binary_crossentropy", "softmax_crossentropy", "softmax_twice", "raw_crossentropy", "squared_error"]
CLIP = 1e-7  # nearer than this to 0 or 1, what is taken for a probability is moved away, as in Keras
ACTIVATION_NAMES: tuple[Activation, ...] = get_args(Activation)
Floats = npt.NDArray[np.floating]
Layer = tuple[Floats, Floats]


@dataclass(frozen=True)
class Dense:
    """Where one layer stands in a parameter array: kernel of shape (inputs, units), then bias of shape (units,)."""

    inputs: int
    units: int
    kernel: slice
    bias: slice


@dataclass(frozen=True)
class Network:
    """A multilayer perceptron; ``sizes`` runs from the inputs over the hidden layers to the outputs.

    The output layer is linear. Its outputs are logits for the two cross-entropies and values for the squared error.
    Several outputs with the binary cross-entropy are so many sigmoids, whose losses are averaged.
    Two losses are mistakes of learners: ``softmax_twice`` takes the softmax of the outputs for logits, and
    ``raw_crossentropy`` takes the outputs themselves for probabilities, as ``from_logits=False`` does of labels that
    are whole numbers.
    """

    sizes: tuple[int, ...]
    activation: Activation
    loss: Loss

    def __post_init__(self) -> None:
        if len(self.sizes) < 2 or min(self.sizes) < 1:
            raise ValueError(f"sizes must name at least inputs and outputs, each 1 or more, not {self.sizes}")

    @cached_property
    def layers(self) -> tuple[Dense, ...]:
        """The layers' places in a parameter array."""
        found, at = [], 0
        for inputs, units in pairwise(self.sizes):
            middle, end = at + inputs * units, at + inputs * units + units
            found.append(Dense(inputs, units, slice(at, middle), slice(middle, end)))
            at = end
        return tuple(found)

    @property
    def size(self) -> int:
        """The number P of weights and biases."""
        return sum((inputs + 1) * units for inputs, units in pairwise(self.sizes))

    def unpack(self, parameters: Floats) -> list[Layer]:
        """Split (P, ...) into a kernel (inputs, units, ...) and a bias (units, ...) for each layer, as views."""
        return [
            (parameters[at.kernel].reshape(at.inputs, at.units, *parameters.shape[1:]), parameters[at.bias])
            for at in self.layers
        ]

    def pack(self, layers: Sequence[Layer]) -> npt.NDArray[np.float32]:
        """Join kernels (inputs, units, ...) and biases (units, ...) into (P, ...) in single precision."""
        flat = [part.reshape(-1, *bias.shape[1:]) for kernel, bias in layers for part in (kernel, bias)]
        return np.concatenate(flat).astype(np.float32)

    def forward(self, parameters: Floats, x: Floats) -> list[Floats]:
        """Compute every layer's pre-activations (rows, units, networks) for ``x`` of shape (rows, inputs).

        The last of them are the network's outputs. ``parameters`` has shape (P, networks).
        """
        parameters = np.ascontiguousarray(parameters)  # some networks of many: their stride would cost a multiple
        values: Floats = np.asarray(x, parameters.dtype)[:, :, None]  # (rows, inputs, 1)
        found: list[Floats] = []
        with np.errstate(invalid="ignore", over="ignore"):  # a network that diverged gives numbers that are not finite
            for kernel, bias in self.unpack(parameters):
                if found:
                    values = activate(self.activation, found[-1])  # (rows, units, networks)
                found.append(sum_of_products(values, kernel) + bias)  # (rows, units, networks)
        return found

    def accuracy(self, parameters: Floats, x: Floats, labels: npt.NDArray[np.integer]) -> npt.NDArray[np.float64]:
        """Compute the share (networks,) of rows that each network classifies as ``labels`` (rows,) says."""
        return np.asarray(self.right(self.forward(parameters, x)[-1], labels).mean(axis=0))

    def right(self, outputs: Floats, labels: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
        """Say which rows (rows, networks) outputs (rows, outputs, networks) classify as ``labels`` (rows,) says.

        A row whose outputs are equal, or no finite numbers, is not right.
        """
        return np.asarray((self.lead(outputs, labels) > 0) & np.isfinite(outputs).all(axis=1))

    def lead(self, outputs: Floats, labels: npt.NDArray[np.integer]) -> Floats:
        """Return how far the right output is ahead (rows, networks), 0 for a tie; of one output, its right sign's size.

        ``outputs`` has shape (rows, outputs, networks), ``labels`` (rows,).
        """
        if outputs.shape[1] == 1:
            return np.where(labels == 1, 1, -1)[:, None] * outputs[:, 0]
        right = np.arange(outputs.shape[1]) == labels[:, None]  # (rows, outputs)
        others = np.where(right[..., None], -np.inf, outputs).max(axis=1)  # (rows, networks)
        with np.errstate(invalid="ignore", over="ignore"):  # of a network that diverged
            return np.asarray(outputs[right] - others)

    def classify(self, outputs: Floats) -> npt.NDArray[np.intp]:
        """Return the class (rows, networks) that outputs (rows, outputs, networks) speak for."""
        return (outputs[:, 0] > 0).astype(np.intp) if outputs.shape[1] == 1 else outputs.argmax(axis=1)


def activate(activation: Activation, z: Floats) -> Floats:
    """Apply a hidden activation to pre-activations of any shape."""
    match activation:
        case "relu":
            return np.maximum(z, 0)
        case "sigmoid":
            return np.asarray(expit(z))
        case "tanh":
            return np.tanh(z)
    return z


def sum_of_products(values: Floats, kernel: Floats) -> Floats:
    """Multiply (rows, inputs, networks or 1) with (inputs, units, networks) into (rows, units, networks)."""
    total: Floats = np.einsum("rin,iun->run", np.broadcast_to(values, (*values.shape[:2], kernel.shape[-1])), kernel)
    return total

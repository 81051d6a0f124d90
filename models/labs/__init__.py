"""Labs: a network, its data, what both are called, and the bar above which a network counts as successful.

A tie is no success. Networks that answer the same everywhere end with outputs that differ by rounding alone, and then
the signs of a few roundings, or the order of the classes, would decide. So the right output must be clear of the
others, or of 0 where there is only one, before a row counts. Where values are learned and no classes, a row is right
when its value is near enough.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset
from models.network import Activation, Network

ACTIVATIONS: dict[Activation, str] = {"linear": "linear", "relu": "ReLU", "sigmoid": "sigmoid", "tanh": "tanh"}
LOSSES = {
    "binary_crossentropy": "binary cross-entropy",
    "softmax_crossentropy": "softmax cross-entropy",
    "softmax_twice": "cross-entropy with the softmax applied twice",
    "raw_crossentropy": "cross-entropy of raw outputs, without a softmax",
    "squared_error": "squared error",
}
MARGIN = 1e-3  # logits
Floats = npt.NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Lab:
    """A network with the data that it learns, and when it counts as successful."""

    network: Network
    load: Callable[[], Dataset]
    data_words: str
    network_words: str
    bar_words: str  # what a network that succeeds has right
    accuracy: float = 0.99  # that success takes at least
    margin: float = MARGIN  # of a logit, by which a row must be right to count for success
    tolerance: float | None = None  # within which a value is right, where values are learned and no classes

    @property
    def data(self) -> Dataset:
        """The examples; the same object at each call, so that networks on the same data train together."""
        return self.load()

    @property
    def loss_words(self) -> str:
        """The loss' name."""
        return LOSSES[self.network.loss]

    def accuracies(self, parameters: Floats) -> npt.NDArray[np.float64]:
        """Return the share (networks,) of rows that each network gets right; ``parameters`` has shape (P, networks)."""
        return self.accuracies_of(self._outputs(parameters))

    def succeed(self, parameters: Floats) -> npt.NDArray[np.bool_]:
        """Say for each network (networks,) whether it succeeds; ``parameters`` has shape (P, networks)."""
        return self.succeed_by(self._outputs(parameters))

    def accuracies_of(self, outputs: Floats) -> npt.NDArray[np.float64]:
        """Return the share (networks,) of rows that outputs (rows, outputs, networks) get right."""
        right = self._near(outputs) if self.tolerance else self.network.right(outputs, self.data.labels)
        return np.asarray(right.mean(axis=0))

    def succeed_by(self, outputs: Floats) -> npt.NDArray[np.bool_]:
        """Say for each network (networks,) whether its outputs (rows, outputs, networks) reach the bar."""
        if self.tolerance:
            return np.asarray(self._near(outputs).mean(axis=0) >= self.accuracy)
        clear = (self.network.lead(outputs, self.data.labels) >= self.margin) & np.isfinite(outputs).all(axis=1)
        return np.asarray(clear.mean(axis=0) >= self.accuracy)

    def _near(self, outputs: Floats) -> npt.NDArray[np.bool_]:
        """Say which rows (rows, networks) have all their values within the tolerance."""
        with np.errstate(invalid="ignore"):
            return np.asarray((np.abs(outputs - self.data.targets[:, :, None]) <= (self.tolerance or 0)).all(axis=1))

    def _outputs(self, parameters: Floats) -> Floats:
        return self.network.forward(parameters, self.data.x)[-1]

    def on(self, load: Callable[[], Dataset], data_words: str) -> "Lab":
        """Return the same lab with other data."""
        return replace(self, load=load, data_words=data_words)

    def using(self, activation: Activation, network_words: str) -> "Lab":
        """Return the same lab with another hidden activation."""
        return replace(self, network=replace(self.network, activation=activation), network_words=network_words)

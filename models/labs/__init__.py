"""Labs: a network, its data, what both are called, and the bar above which a network counts as successful."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset
from models.network import Activation, Network

LOSSES = {
    "binary_crossentropy": "binary cross-entropy",
    "softmax_crossentropy": "softmax cross-entropy",
    "squared_error": "squared error",
}


@dataclass(frozen=True, eq=False)
class Lab:
    """A network with the data that it learns, and when it counts as successful."""

    network: Network
    load: Callable[[], Dataset]
    data_words: str
    network_words: str
    accuracy: float = 0.99  # that success takes at least
    margin: float = 0.0  # of a logit, by which each row of a network with one output must be right

    @property
    def data(self) -> Dataset:
        """The examples; the same object at each call, so that networks on the same data train together."""
        return self.load()

    @property
    def loss_words(self) -> str:
        """The loss' name."""
        return LOSSES[self.network.loss]

    def accuracies(self, parameters: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        """Return the share (networks,) of rows that each network gets right; ``parameters`` has shape (P, networks)."""
        return self.network.accuracy(parameters, self.data.x, self.data.labels)

    def succeed(self, parameters: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
        """Say for each network (networks,) whether it succeeds; ``parameters`` has shape (P, networks)."""
        if not self.margin:
            return np.asarray(self.accuracies(parameters) >= self.accuracy)
        outputs = self.network.forward(parameters, self.data.x)[-1][:, 0]  # (rows, networks)
        sign = np.where(self.data.labels == 1, 1, -1)[:, None]
        return np.asarray((sign * outputs >= self.margin).mean(axis=0) >= self.accuracy)

    def on(self, load: Callable[[], Dataset], data_words: str) -> "Lab":
        """Return the same lab with other data."""
        return replace(self, load=load, data_words=data_words)

    def using(self, activation: Activation, network_words: str) -> "Lab":
        """Return the same lab with another hidden activation."""
        return replace(self, network=replace(self.network, activation=activation), network_words=network_words)

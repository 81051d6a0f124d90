"""Calibration: how sure networks of two classes are of their answers, beside how often these are right.

It is judged where the true chance of each class is known, so that no sample of labels blurs it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit

Floats = npt.NDArray[np.floating]
BINS = 10  # of equal width, from a confidence of 0.5 to one of 1
EDGES = np.linspace(0.5, 1, BINS + 1)


@dataclass(frozen=True, eq=False)
class Bins:
    """Points sorted by how sure each network is of its answer there: all (bins, networks), in shares of the points.

    ``points`` says how many there are, ``said`` what the network said and ``right`` what was right of them, both summed
    over the points: over ``points`` they are the mean confidence and the accuracy in the bin.
    """

    points: Floats
    said: Floats
    right: Floats

    @classmethod
    def of(cls, outputs: Floats, chance: Floats) -> "Bins":
        """Sort outputs before the sigmoid (rows, networks) into bins; ``chance`` (rows,) is that of the class 1."""
        with np.errstate(invalid="ignore", over="ignore"):  # of a network that diverged
            said = expit(np.abs(outputs.astype(np.float64)))
            right = np.where(outputs > 0, chance[:, None], 1 - chance[:, None])
            inside = (np.searchsorted(EDGES, said, side="right") - 1).clip(0, BINS - 1)
        at = inside == np.arange(BINS)[:, None, None]  # (bins, rows, networks)
        return cls(*((at * values).mean(axis=1) for values in (1.0, said, right)))

    @classmethod
    def beside(cls, parts: "list[Bins]") -> "Bins":
        """Join the bins of several groups of networks."""
        names = ("points", "said", "right")
        return cls(*(np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in names))

    @property
    def confidence(self) -> Floats:
        """The mean probability (networks,) that a network gives to its own answers."""
        return np.asarray(self.said.sum(axis=0))

    @property
    def accuracy(self) -> Floats:
        """How many of its answers (networks,) are right."""
        return np.asarray(self.right.sum(axis=0))

    @property
    def gap(self) -> Floats:
        """How much surer a network is than it is right (networks,); below 0 where it is too careful."""
        return self.confidence - self.accuracy

    @property
    def error(self) -> Floats:
        """The expected calibration error (networks,): the gaps of all bins, whatever their sign (Guo et al. 2017)."""
        return np.asarray(np.abs(self.said - self.right).sum(axis=0))

    @property
    def sure(self) -> Floats:
        """How many of the points (networks,) lie in the last bin, at 95 % and more."""
        return np.asarray(self.points[-1])

    @property
    def right_when_sure(self) -> Floats:
        """How many of those (networks,) are right; NaN where there are none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.right[-1] / self.points[-1])


def best_scale(outputs: Floats, labels: npt.NDArray[np.integer]) -> Floats:
    """Return the number (networks,) from 0 to 1 by which outputs (rows, networks) are best multiplied, for the loss.

    The outputs are those before the sigmoid. To be less sure changes no answer: it is temperature scaling (Guo et al.
    2017). The loss is convex in that number: its slope is bisected.
    """
    margins = outputs * (2 * labels[:, None] - 1)  # above 0 where the answer is right
    low, high = np.zeros(margins.shape[1]), np.ones(margins.shape[1])
    with np.errstate(invalid="ignore", over="ignore"):  # of a network that diverged
        for _ in range(12):
            middle = (low + high) / 2
            falls = (margins * expit(-middle * margins)).mean(axis=0) > 0  # the slope, with its sign turned
            low, high = np.where(falls, middle, low), np.where(falls, high, middle)
    return low

"""Loss and accuracy over the steps, on what is learned and on what is held back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Curves:
    """Loss and accuracy (steps, networks) at ``steps``, on the examples that are learned and on those held back.

    The loss has the examples' weights and neither dropout nor penalty; the accuracy counts examples of a weight above 0
    and is NaN for the squared error. What is not held back is measured as NaN.

    ``shown_loss`` is what is shown while training goes on, as in a Keras history: the mean over the examples of the
    steps since the row before, each as it was learned, by the weights of that step, with dropout and penalty. It is
    NaN in the first row.
    """

    steps: npt.NDArray[np.intp]
    loss: Floats
    accuracy: Floats
    held_back_loss: Floats
    held_back_accuracy: Floats
    shown_loss: Floats

    @classmethod
    def blank(cls, steps: Sequence[int], networks: int) -> "Curves":
        """Return curves to be filled, of NaN."""
        values = [np.full((len(steps), networks), np.nan, np.float32) for _ in range(5)]
        return cls(np.array(steps, np.intp), *values)

    def part(self, positions: slice, last: int | None = None) -> "Curves":
        """Return the curves of some of the networks, and of them the first ``last`` steps."""
        return Curves(self.steps[:last], *(values[:last, positions] for values in self.values))

    @cached_property
    def least(self) -> npt.NDArray[np.intp]:
        """The row (networks,) with the least loss on what is held back, the first of several; 0 if none is finite."""
        found = np.where(np.isfinite(self.held_back_loss), self.held_back_loss, np.inf)
        return np.asarray(found.argmin(axis=0))

    def at_least(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Return values (steps, networks) at each network's row of the least held-back loss."""
        return np.asarray(np.take_along_axis(values, self.least[None], axis=0)[0])

    @property
    def values(self) -> tuple[Floats, ...]:
        """All of them, in the order of the fields; what a program measures at a step stands first, in its order."""
        return self.loss, self.accuracy, self.held_back_loss, self.held_back_accuracy, self.shown_loss


class RunningMean:
    """The mean, over examples, of the steps' losses since it was last taken.

    ``visited`` says how many examples are learned in the steps before one.
    """

    def __init__(self, networks: int, visited: Callable[[int], int]) -> None:
        self._visited = visited
        self._sum, self._examples, self._step = np.zeros(networks), 0, 0

    def add(self, sums: npt.ArrayLike, step: int) -> None:
        """Add the sums (networks,) over all examples of the steps since the last call, up to ``step``."""
        self._sum += np.asarray(sums)
        self._examples += self._visited(step) - self._visited(self._step)
        self._step = step

    def take(self) -> npt.NDArray[np.float64]:
        """Return the mean (networks,), NaN of nothing, and begin anew."""
        mean = self._sum / self._examples if self._examples else np.full_like(self._sum, np.nan)
        self._sum, self._examples = np.zeros_like(self._sum), 0
        return mean

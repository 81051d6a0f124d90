"""Loss and accuracy over the steps, on what is learned and on what is held back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Curves:
    """Loss and accuracy (steps, networks) at ``steps``, on the examples that are learned and on those held back.

    The loss has the examples' weights and neither dropout nor penalty; the accuracy counts examples of a weight above 0
    and is NaN for the squared error. What is not held back is measured as NaN.
    """

    steps: npt.NDArray[np.intp]
    loss: Floats
    accuracy: Floats
    held_back_loss: Floats
    held_back_accuracy: Floats

    @classmethod
    def blank(cls, steps: Sequence[int], networks: int) -> "Curves":
        """Return curves to be filled, of NaN."""
        values = [np.full((len(steps), networks), np.nan, np.float32) for _ in range(4)]
        return cls(np.array(steps, np.intp), *values)

    def part(self, positions: slice, last: int | None = None) -> "Curves":
        """Return the curves of some of the networks, and of them the first ``last`` steps."""
        return Curves(self.steps[:last], *(values[:last, positions] for values in self.values))

    @property
    def values(self) -> tuple[Floats, Floats, Floats, Floats]:
        """All four, in the order in which the program measures them."""
        return self.loss, self.accuracy, self.held_back_loss, self.held_back_accuracy

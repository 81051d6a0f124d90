"""What is kept of an ensemble's training: its end, its parameters at chosen steps, and its curves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from models.curves import Curves, RunningMean
from models.network import Network

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Recording:
    """Which steps of which networks to keep; ``positions`` are theirs in the ensemble.

    At the steps of ``curves``, loss and accuracy of all networks are kept; that takes examples of each network's own.
    """

    steps: tuple[int, ...]
    positions: tuple[int, ...]
    curves: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class History:
    """Recorded parameters (steps, P, networks) and losses (steps, networks) at ``steps``, of the chosen networks."""

    steps: npt.NDArray[np.intp]
    positions: npt.NDArray[np.intp]
    parameters: Floats
    loss: Floats


@dataclass(frozen=True)
class Timing:
    """Wall-clock seconds: of compilation, where the program was not ready yet, and of training."""

    compile: float
    train: float


@dataclass(frozen=True, eq=False)
class Trained:
    """An ensemble before and after training: parameters (P, networks) and the loss (networks,).

    The loss is the mean over all examples, with their weights, without dropout and without penalty. There are curves
    where networks have examples of their own.
    """

    network: Network
    steps: int
    start: Floats
    parameters: Floats
    loss: Floats
    history: History
    timing: Timing  # of the whole ensemble, also for a part of it
    curves: Curves | None = None

    @cached_property
    def diverged(self) -> npt.NDArray[np.bool_]:
        """Whether each network (networks,) ended with a loss or a parameter that is no finite number."""
        return ~(np.isfinite(self.loss) & np.isfinite(self.parameters).all(axis=0))

    def part(self, positions: slice) -> "Trained":
        """Return some of the networks, in ascending order; of the history what is recorded of them."""
        inside = np.arange(self.loss.size)[positions]
        chosen = np.isin(self.history.positions, inside)
        history = History(
            self.history.steps,
            np.searchsorted(inside, self.history.positions[chosen]),
            self.history.parameters[..., chosen],
            self.history.loss[:, chosen],
        )
        return replace(
            self,
            start=self.start[:, positions],
            parameters=self.parameters[:, positions],
            loss=self.loss[positions],
            history=history,
            curves=None if self.curves is None else self.curves.part(positions),
        )


def log_spaced(steps: int, count: int = 40) -> tuple[int, ...]:
    """Return up to ``count`` whole steps from 0 to ``steps``, evenly spaced on a logarithmic axis."""
    spaced = {round(step) for step in np.geomspace(1, steps, count - 1)} if steps else set()
    return tuple(sorted({0, steps} | spaced))


def empty_curves(recording: Recording | None, steps: int, networks: int) -> Curves:
    """Return curves to be filled; the first and the last step are always kept."""
    kept = {0, steps, *(recording.curves if recording else ())}
    return Curves.blank(sorted(step for step in kept if step <= steps), networks)


def empty_history(network: Network, recording: Recording | None, steps: int) -> History:
    """Return a history to be filled, with no rows where nothing is recorded."""
    marks = sorted({step for step in recording.steps if step <= steps}) if recording else []
    chosen = sorted(set(recording.positions)) if recording else []
    return History(
        np.array(marks, np.intp),
        np.array(chosen, np.intp),
        np.empty((len(marks), network.size, len(chosen)), np.float32),
        np.empty((len(marks), len(chosen)), np.float32),
    )


def keep(
    history: History, curves: Curves, block: slice, marks: Sequence[int], kept: Sequence[Floats], shown: RunningMean
) -> None:
    """Write down what `models.training.advance` kept of a block at ``marks``.

    ``block`` is where its networks stand in the ensemble; they fill its first columns. The history is of those of them
    that were chosen, the curves are of all.
    """
    columns = np.flatnonzero((history.positions >= block.start) & (history.positions < block.stop))
    places, size = history.positions[columns] - block.start, block.stop - block.start
    for step, parameters, *measured in zip(marks, *kept, strict=True):
        if curves.steps.size:
            shown.add(measured.pop(), step)
        for row in np.flatnonzero(history.steps == step):
            history.parameters[row][:, columns] = parameters[:, places]
            history.loss[row, columns] = measured[0][places]
        for row in np.flatnonzero(curves.steps == step):
            for values, found in zip(curves.values, measured, strict=False):  # without examples held back, two of four
                values[row, block] = found[:size]
            curves.shown_loss[row, block] = shown.take()[:size]

"""Early stopping, read off a loss that was measured after every epoch: where it ends, and which weights it keeps.

Training goes on to the last epoch all the same, so that what was missed can be told too. The rule is that of
``keras.callbacks.EarlyStopping`` with ``min_delta`` 0: it ends once the loss has been above its least value so far, or
equal to it, for as many epochs in a row as the patience says.
"""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.intp]
Booleans = npt.NDArray[np.bool_]
Which = Literal["ended", "best"]  # the weights after the last epoch, or after the best one up to then


class Stop(NamedTuple):
    """The epoch (networks,) after which each network's training ends, and the one up to then with the least loss."""

    ended: Integers
    best: Integers


def stop(loss: Floats, patience: int) -> Stop:
    """Return where training ends with this patience (epochs), of the loss (epochs + 1, networks).

    The loss before training, in row 0, is not asked; networks that were not trained end, and are best, there. A loss
    that is not finite is no improvement.

    Raises:
        ValueError: the patience is below 1.
    """
    if patience < 1:
        raise ValueError(f"the patience must be 1 or more epochs, not {patience}")
    if len(loss) == 1:
        nothing = np.zeros(loss.shape[1], np.intp)
        return Stop(nothing, nothing)
    known = _finite(loss[1:])  # (epochs, networks)
    least = np.minimum.accumulate(known, axis=0)
    before = np.concatenate([np.full_like(least[:1], np.inf), least[:-1]])
    epochs = np.arange(1, len(loss))[:, None]
    best = np.maximum.accumulate(np.where(known < before, epochs, 0), axis=0)  # the last improvement, 0 for none
    over = epochs - best >= patience
    row = np.where(over.any(axis=0), over.argmax(axis=0), len(known) - 1)
    kept = np.take_along_axis(best, row[None], axis=0)[0]
    return Stop(row + 1, np.maximum(kept, 1))


def at(epochs: Integers, values: Floats) -> Floats:
    """Return values (epochs + 1, networks) after each network's own epoch (networks,)."""
    return np.asarray(np.take_along_axis(values, epochs[None], axis=0)[0])


def too_soon(loss: Floats, patience: int) -> Booleans:
    """Say which networks' training a patience ends before the epoch with the least loss of all."""
    return np.asarray(stop(loss, patience).ended < _finite(loss).argmin(axis=0))


def lost(loss: Floats, patience: int, which: Which) -> Floats:
    """Return the loss of what a patience leaves, less the least of all; not finite where a network diverged."""
    with np.errstate(invalid="ignore"):
        return np.asarray(at(getattr(stop(loss, patience), which), loss) - _finite(loss).min(axis=0))


def _finite(loss: Floats) -> Floats:
    """Return the losses with what is not finite as infinite, so that it is never the least."""
    return np.where(np.isfinite(loss), loss, np.inf)

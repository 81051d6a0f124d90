"""What can be read off a cohort's curves: when its loss on held-back examples is least, and what comes after.

A reading takes a `models.plans.Cohort` whose plan has examples held back, and returns one value for each network,
(networks,). A network whose losses are no finite numbers has no least one: its values are NaN, or false.
"""

import numpy as np
import numpy.typing as npt

from models.curves import Curves
from models.plans import Cohort, reading

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.intp]


def curves(cohort: Cohort) -> Curves:
    """Return a cohort's curves.

    Raises:
        ValueError: it has none, since its networks have no examples of their own.
    """
    if cohort.curves is None:
        raise ValueError(f"{cohort.plan.name} has no curves: give its plan examples to learn and to hold back")
    return cohort.curves


@reading
def _least(cohort: Cohort) -> Integers:
    """Return the row of the curves with the least loss on what is held back, the first one of several."""
    losses = curves(cohort).held_back_loss  # (steps, networks)
    return np.asarray(np.where(np.isfinite(losses), losses, np.inf).argmin(axis=0))


def _at_least(cohort: Cohort, values: Floats) -> Floats:
    """Return values (steps, networks) at each network's row of the least held-back loss."""
    return np.asarray(np.take_along_axis(values, _least(cohort)[None], axis=0)[0])


def minimum_step(cohort: Cohort) -> Floats:
    """Return the step at which the loss on what is held back is least."""
    found = curves(cohort)
    known = np.isfinite(_at_least(cohort, found.held_back_loss))
    return np.where(known, found.steps[_least(cohort)], np.nan)


def rise(cohort: Cohort) -> Floats:
    """Return how many times its least value the loss on what is held back is at the end; NaN where it is not finite."""
    losses = curves(cohort).held_back_loss
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(losses[-1] / _at_least(cohort, losses))


def training_fell(cohort: Cohort) -> Booleans:
    """Say whose loss on what is learned is lower at the end than where that on what is held back was least."""
    losses = curves(cohort).loss
    return np.asarray(losses[-1] < _at_least(cohort, losses))


def accuracy_at_least(cohort: Cohort) -> Floats:
    """Return the accuracy on what is held back where its loss is least."""
    return _at_least(cohort, curves(cohort).held_back_accuracy)


def accuracy_lost(cohort: Cohort) -> Floats:
    """Return how much lower the accuracy on what is held back is at the end than where its loss was least."""
    return np.asarray(accuracy_at_least(cohort) - curves(cohort).held_back_accuracy[-1])


def gap(cohort: Cohort) -> Floats:
    """Return how much higher the loss at the end is on what is held back than on what is learned."""
    found = curves(cohort)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(found.held_back_loss[-1] - found.loss[-1])

"""What can be read off a cohort's curves: when its loss on held-back examples is least, and what comes after.

A reading takes a `models.plans.Cohort` whose plan has examples held back, and returns one value for each network,
(networks,). A network whose losses are no finite numbers has no least one: its values are NaN, or false.
"""

import numpy as np
import numpy.typing as npt

from models.curves import Curves
from models.plans import Cohort

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]


def curves(cohort: Cohort) -> Curves:
    """Return a cohort's curves.

    Raises:
        ValueError: it has none, since its networks have no examples of their own.
    """
    if cohort.curves is None:
        raise ValueError(f"{cohort.plan.name} has no curves: give its plan examples to learn and to hold back")
    return cohort.curves


def end_loss(cohort: Cohort) -> Floats:
    """Return the loss on what is held back at the end."""
    return np.asarray(curves(cohort).held_back_loss[-1])


def end_accuracy(cohort: Cohort) -> Floats:
    """Return the accuracy on what is held back at the end."""
    return np.asarray(curves(cohort).held_back_accuracy[-1])


def learned_loss(cohort: Cohort) -> Floats:
    """Return the loss on what is learned at the end, without any penalty."""
    return np.asarray(curves(cohort).loss[-1])


def learned_accuracy(cohort: Cohort) -> Floats:
    """Return the accuracy on what is learned at the end."""
    return np.asarray(curves(cohort).accuracy[-1])


def least_loss(cohort: Cohort) -> Floats:
    """Return the least loss on what is held back."""
    found = curves(cohort)
    return found.at_least(found.held_back_loss)


def minimum_step(cohort: Cohort) -> Floats:
    """Return the step at which the loss on what is held back is least."""
    found = curves(cohort)
    return np.where(np.isfinite(least_loss(cohort)), found.steps[found.least], np.nan)


def rise(cohort: Cohort) -> Floats:
    """Return how many times its least value the loss on what is held back is at the end; NaN where it is not finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(end_loss(cohort) / least_loss(cohort))


def training_fell(cohort: Cohort) -> Booleans:
    """Say whose loss on what is learned is lower at the end than where that on what is held back was least."""
    found = curves(cohort)
    return np.asarray(found.loss[-1] < found.at_least(found.loss))


def accuracy_at_least(cohort: Cohort) -> Floats:
    """Return the accuracy on what is held back where its loss is least."""
    found = curves(cohort)
    return found.at_least(found.held_back_accuracy)


def accuracy_lost(cohort: Cohort) -> Floats:
    """Return how much lower the accuracy on what is held back is at the end than where its loss was least."""
    return np.asarray(accuracy_at_least(cohort) - end_accuracy(cohort))


def gap(cohort: Cohort) -> Floats:
    """Return how much higher the loss at the end is on what is held back than on what is learned."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(end_loss(cohort) - learned_loss(cohort))

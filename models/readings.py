"""What can be read off a cohort: who succeeds, which neurons are dead or identical, where they fire. Each stands once.

A reading takes a `models.plans.Cohort` and returns one value for each network, (networks,), unless its docstring says
otherwise. The functions at the end make a reading of a reading: before training, of some networks, over the steps.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from models import splits
from models.alignment import gap
from models.backpropagation import slope
from models.network import activate
from models.plans import Cohort, reading

Booleans = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.floating]
Integers = npt.NDArray[np.intp]
Strings = npt.NDArray[np.str_]
S = TypeVar("S", bound=np.generic)
R = TypeVar("R")
MOST_KEPT = 10_000  # networks whose pre-activations are kept, some three kilobytes each


def forward(cohort: Cohort) -> list[Floats]:
    """Return every layer's pre-activations, each (rows, units, networks); kept unless there are very many networks."""
    if cohort.loss.size > MOST_KEPT:
        return cohort.network.forward(cohort.parameters, cohort.data.x)
    return _forward(cohort)


@reading
def _forward(cohort: Cohort) -> list[Floats]:
    return cohort.network.forward(cohort.parameters, cohort.data.x)


@reading
def accuracy(cohort: Cohort) -> npt.NDArray[np.float64]:
    """Return the share of rows that each network gets right."""
    return cohort.lab.accuracies_of(forward(cohort)[-1])


@reading
def success(cohort: Cohort) -> Booleans:
    """Say which networks reach the bar of their lab."""
    return cohort.lab.succeed_by(forward(cohort)[-1])


def failed(cohort: Cohort) -> Booleans:
    """Say which networks do not reach the bar of their lab."""
    return ~success(cohort)


def diverged(cohort: Cohort) -> Booleans:
    """Say which networks have a loss or a parameter that is no finite number."""
    return cohort.diverged


def loss(cohort: Cohort) -> Floats:
    """Return the mean loss over all rows."""
    return cohort.loss


@reading
def moved(cohort: Cohort) -> Floats:
    """Return the largest change of a parameter from start to end."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.abs(cohort.parameters - cohort.start).max(axis=0))


@reading
def rose(cohort: Cohort) -> Booleans:
    """Say of which recorded networks the loss rose, or was no number, between two recorded steps."""
    losses = cohort.history.loss  # (steps, networks)
    with np.errstate(invalid="ignore", over="ignore"):
        # A loss that is no number is compared as not lower, so that it counts as risen.
        return np.asarray((~(losses[1:] <= losses[:-1])).any(axis=0))


# Hidden neurons.


def sums(cohort: Cohort) -> Floats:
    """Return the pre-activations of the first hidden layer, (rows, units, networks); masked neurons are left out."""
    return forward(cohort)[0][:, : cohort.width]


@reading
def slopes(cohort: Cohort) -> Floats:
    """Return the slope of the activation at each pre-activation of the first hidden layer, (rows, units, networks)."""
    activation = cohort.network.activation
    return slope(activation, sums(cohort), activate(activation, sums(cohort)))


@reading
def silent(cohort: Cohort) -> Booleans:
    """Say which neurons (units, networks) fire on no row, that is, have no positive pre-activation."""
    return np.asarray(~(sums(cohort) > 0).any(axis=0))


@reading
def dead(cohort: Cohort) -> Booleans:
    """Say which finite networks have a neuron that fires on no row; only ReLU has no slope there."""
    if cohort.network.activation != "relu":
        return np.zeros(cohort.loss.size, bool)
    return np.asarray(silent(cohort).any(axis=0)) & ~cohort.diverged


def saturated(flat: Booleans, most: float) -> Booleans:
    """Say which networks (networks,) have a neuron that is ``flat`` (rows, units, networks) on ``most`` of the rows."""
    return np.asarray((flat.mean(axis=0) >= most).any(axis=0))


def kernel(cohort: Cohort) -> Floats:
    """Return the incoming weights of the first hidden layer, (inputs, units, networks)."""
    return cohort.network.unpack(cohort.parameters)[0][0]


@reading
def distance(cohort: Cohort) -> Floats:
    """Return how far the first two neurons are apart: the largest difference of an incoming weight or bias."""
    return gap(*cohort.network.unpack(cohort.parameters)[0])


@reading
def identical(cohort: Cohort) -> Booleans:
    """Say in which networks the first two neurons are the same to the last bit."""
    return np.asarray(distance(cohort) == 0)


@reading
def apart(cohort: Cohort) -> Booleans:
    """Say in which networks the first two neurons differ."""
    return np.asarray(distance(cohort) > 0)


# How neurons split the blobs.


@reading
def active_sides(cohort: Cohort) -> Strings:
    """Return the classes on each neuron's active side (units, networks), as sorted digits."""
    return splits.sides_of(sums(cohort) > 0, cohort.data.labels)


@reading
def patterns(cohort: Cohort) -> Strings:
    """Return both neurons' active sides as one name, sorted."""
    return splits.patterns(active_sides(cohort))


def side_names(cohort: Cohort) -> Strings:
    """Name the blobs for which each of both neurons is active: "one active for blobs 0 and 2, one for 2 and 3"."""
    pairs = np.sort(active_sides(cohort), axis=0).T.tolist()
    return np.array(
        [f"one active for {splits.blobs_in_words(one)}, one for {splits.listed(two)}" for one, two in pairs]
    )


def duplicate(cohort: Cohort) -> Booleans:
    """Say in which networks both neurons split the classes alike, whichever side is active."""
    return splits.same_split(active_sides(cohort))


def two_and_two(cohort: Cohort) -> Booleans:
    """Say in which networks both neurons split four classes two and two."""
    return splits.two_and_two(active_sides(cohort))


def complementary(cohort: Cohort) -> Booleans:
    """Say in which networks both neurons split two and two, in different ways."""
    return two_and_two(cohort) & ~duplicate(cohort)


# Readings of readings.


def untrained(read: Callable[[Cohort], R]) -> Callable[[Cohort], R]:
    """Take a reading of the networks as they began."""
    return lambda cohort: read(cohort.untrained)


def among(
    which: Callable[[Cohort], Booleans], read: Callable[[Cohort], npt.NDArray[S]]
) -> Callable[[Cohort], npt.NDArray[S]]:
    """Take a reading of some of the networks only; what it returns has the networks as its last axis."""
    return lambda cohort: read(cohort)[..., which(cohort)]


def finite(read: Callable[[Cohort], npt.NDArray[S]]) -> Callable[[Cohort], npt.NDArray[S]]:
    """Take a reading of the networks that did not diverge."""
    return lambda cohort: read(cohort)[..., ~cohort.diverged]


def counts(read: Callable[[Cohort], Strings]) -> Callable[[Cohort], dict[str, Booleans]]:
    """Turn a reading of names into one share for each name that occurs."""

    def count(cohort: Cohort) -> dict[str, Booleans]:
        names = read(cohort)
        return {name: np.asarray(names == name) for name in sorted(set(names.tolist()))}

    return count


def over_steps(read: Callable[[Cohort], npt.NDArray[S]]) -> Callable[[Cohort], npt.NDArray[S]]:
    """Take a reading of the recorded networks at each recorded step: (steps, ...)."""

    def stack(cohort: Cohort) -> npt.NDArray[S]:
        values = read(cohort.over_steps)  # (..., steps * networks)
        apart = values.reshape(*values.shape[:-1], len(cohort.history.steps), -1)  # (..., steps, networks)
        return np.moveaxis(apart, -2, 0)

    return stack


def first_step(read: Callable[[Cohort], Booleans]) -> Callable[[Cohort], npt.NDArray[np.float64]]:
    """Return the first recorded step at which a reading is true of a recorded network; NaN where it never is."""

    def first(cohort: Cohort) -> npt.NDArray[np.float64]:
        there = over_steps(read)(cohort)  # (steps, networks)
        steps = cohort.history.steps[there.argmax(axis=0)].astype(np.float64)
        return np.where(there.any(axis=0), steps, np.nan)

    return first

"""What can be read off networks with one input that learn a curve: how near they come, their pieces, what lies beyond.

A reading takes a `models.plans.Cohort` whose data are a sine or a parabola between -1 and 1.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset, parabola, sine
from models.plans import Cohort, reading
from models.readings import Booleans, Floats
from models.statistics import median

CURVES: Mapping[Callable[[], Dataset], Callable[[Floats], Floats]] = {
    sine.load: sine.curve,
    parabola.load: parabola.curve,
}
INSIDE = np.linspace(-1, 1, 101)
RIGHT, LEFT = np.linspace(1, 3, 41), np.linspace(-1, -3, 41)
HALF_A_PERIOD_ON = np.linspace(1, 2, 21)
FAR_OUT = np.geomspace(1, 10_000, 161)
CELLS = 100  # in which kinks are put together that cannot be told apart

NEAR = 0.1  # distance from the curve (root mean square) at which a network follows it
ON_THE_CURVE = 0.3  # distance of a single value
CLEAR = 0.1  # a smaller change of a value is called none
STRAIGHT = 0.01  # the most that a straight line may bend, and the least change of slope that is a kink
BEYOND = 2.0  # where answers are compared: as far from the nearest point as that is from the middle


def values(cohort: Cohort, x: npt.NDArray[Any]) -> Floats:
    """Return what each network says at ``x`` (places,), as (places, networks)."""
    return np.asarray(cohort.network.forward(cohort.parameters, np.asarray(x, np.float32)[:, None])[-1][:, 0])


def distances(cohort: Cohort, x: npt.NDArray[Any]) -> Floats:
    """Return how far each network is from the curve without noise at ``x`` (places,), as (places, networks)."""
    return np.asarray(np.abs(values(cohort, x) - CURVES[cohort.lab.load](x)[:, None]))


@reading
def error(cohort: Cohort) -> Floats:
    """Return how far each network is from the curve where the data are (root mean square)."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.sqrt((distances(cohort, INSIDE) ** 2).mean(axis=0)))


def follows(cohort: Cohort) -> Booleans:
    """Say which networks follow the curve where the data are."""
    return np.asarray(error(cohort) < NEAR)


def follows_beyond(cohort: Cohort) -> Booleans:
    """Say which networks stay on the curve to the right of the data, up to `BEYOND`."""
    return np.asarray((distances(cohort, HALF_A_PERIOD_ON) < ON_THE_CURVE).all(axis=0))


@reading
def slope_changes(cohort: Cohort) -> Floats:
    """Return by how much a ReLU network's slope changes in each of `CELLS` cells from -1 to 1, (cells, networks)."""
    (kernel, bias), (outgoing, _) = cohort.network.unpack(cohort.parameters)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        kinks, changes = -bias / kernel[0], np.abs(kernel[0]) * outgoing[:, 0]  # (units, networks)
        cells = np.where(np.abs(kinks) < 1, np.floor((kinks + 1) / 2 * CELLS), -1)
    inside = cells[:, None] == np.arange(CELLS)[:, None]  # (units, cells, networks)
    return np.asarray(np.where(inside, changes[:, None], 0).sum(axis=0))


def kinks(cohort: Cohort, network: int) -> npt.NDArray[np.float64]:
    """Return about where one ReLU network has its kinks between -1 and 1."""
    return (np.flatnonzero(np.abs(slope_changes(cohort)[:, network]) > STRAIGHT) + 0.5) * 2 / CELLS - 1


def pieces(cohort: Cohort) -> Floats:
    """Return of how many straight pieces each ReLU network's curve is made, between -1 and 1."""
    return np.asarray((np.abs(slope_changes(cohort)) > STRAIGHT).sum(axis=0) + 1.0)


def straight_outside(cohort: Cohort) -> Booleans:
    """Say which networks are straight on both sides, from the last points to 3."""
    found = np.ones(cohort.loss.size, bool)
    for side in (RIGHT, LEFT):
        y = values(cohort, side)
        with np.errstate(invalid="ignore", over="ignore"):
            line = y[0] + (y[-1] - y[0]) * np.linspace(0, 1, len(side))[:, None]
            found &= np.abs(y - line).max(axis=0) < STRAIGHT
    return found


def flat_from(cohort: Cohort) -> Floats:
    """Return from which distance on each network is flat on both sides; infinite where it never is."""
    found = np.ones(cohort.loss.size)
    for side in (FAR_OUT, -FAR_OUT):
        y = values(cohort, side)
        with np.errstate(invalid="ignore", over="ignore"):  # a network that diverged is flat nowhere
            moves = ~(np.abs(y - y[-1]) < CLEAR)  # (places, networks)
        first = np.where(moves.any(axis=0), len(FAR_OUT) - np.argmax(moves[::-1], axis=0), 0)
        place = FAR_OUT[first.clip(max=len(FAR_OUT) - 1)]
        found = np.maximum(found, np.where(place > FAR_OUT[-1] / 10, np.inf, place))  # a rising line is flat nowhere
    return found


def flat_outside(cohort: Cohort) -> Booleans:
    """Say which networks are flat on both sides from `BEYOND` on."""
    return np.asarray(flat_from(cohort) <= BEYOND)


def spread(cohort: Cohort, x: npt.NDArray[Any]) -> float | None:
    """Return how wide the band of the middle 80 % of values is, of networks that follow; the median over ``x``."""
    y = values(cohort, x)[:, follows(cohort)]
    return median(np.subtract(*np.percentile(y, (90, 10), axis=1))) if y.size else None

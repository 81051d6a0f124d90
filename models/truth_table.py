"""Truth tables: which class wins in each of the four regions into which two hidden neurons part the plane."""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from models.plans import Cohort, reading
from models.readings import Booleans, Floats, Integers, Strings, active_sides, forward
from models.splits import other_side, patterns

FIRES = ((True, True), (True, False), (False, True), (False, False))  # the rows of a truth table


@dataclass(frozen=True, eq=False)
class TruthTable:
    """The truth tables of many networks, their regions in the order of `FIRES`."""

    inside: Booleans  # (regions, points, networks), whether a point lies there
    winner: Integers  # (regions, networks), the class; -1 where there is no point, or no finite output
    probability: Floats  # (regions, networks), of the winner, mean over the region's points; NaN where there is none


@reading
def truth_table(cohort: Cohort) -> TruthTable:
    """Read off in which region the points lie, and which class has the largest mean probability there."""
    sums, outputs = forward(cohort)
    inside = np.stack([((sums > 0) == np.reshape(fires, (-1, 1))).all(axis=1) for fires in FIRES])
    chances = softmax(np.where(np.isfinite(outputs), outputs, np.nan), axis=1)  # (points, classes, networks)
    with np.errstate(invalid="ignore"):  # in a region without points
        mean = np.stack(
            [
                np.where(points[:, None], chances, 0).sum(axis=0) / points.sum(axis=0, dtype=chances.dtype)
                for points in inside
            ]
        )  # (regions, classes, networks)
    known = np.isfinite(mean).all(axis=1)
    winner = np.where(known, mean.argmax(axis=1), -1)
    return TruthTable(inside, winner, np.where(known, mean.max(axis=1), np.nan))


@reading
def region_names(cohort: Cohort) -> Strings:
    """Return the name of each region (regions, networks): the classes on its side of either line, as a pair."""
    active = active_sides(cohort)
    silent = np.array([[other_side(side) for side in sides] for sides in active.tolist()])
    return np.stack([patterns(np.where(np.reshape(fires, (-1, 1)), active, silent)) for fires in FIRES])

"""What can be read off networks that learned three of the four blobs: how sure they are of the fourth, and far away.

A reading takes a `models.plans.Cohort` whose name ends with the number of the blob that was never seen, and returns one
value for each network, (networks,), unless its docstring says otherwise.
"""

from collections.abc import Callable

import numpy as np
from scipy.special import softmax

from models.datasets import blobs
from models.plans import Cohort, reading
from models.readings import Booleans, Floats, Strings

SURE = 0.95
NEAR, FAR = 10.0, 1000.0  # from the middle; the points lie within 8
DISTANCES = np.geomspace(NEAR, FAR, 9)
DIRECTIONS = 64
TOGETHER = 5  # networks whose probabilities are averaged


def unseen_of(cohort: Cohort) -> Floats:
    """Return the points (points, features) of the blob that a cohort's networks never see."""
    return blobs.of(int(cohort.plan.name.partition(".")[2]))


def probabilities(cohort: Cohort, x: Floats) -> Floats:
    """Return the probabilities (rows, classes, networks) that networks give at ``x`` (rows, features)."""
    with np.errstate(invalid="ignore"):  # of a network that diverged
        return np.asarray(softmax(cohort.network.forward(cohort.parameters, x)[-1].astype(np.float64), axis=1))


@reading
def unseen_confidence(cohort: Cohort) -> Floats:
    """Return how sure each network is of its answer at each point (points, networks) of the blob it never saw."""
    return np.asarray(probabilities(cohort, unseen_of(cohort)).max(axis=1))


def sure_on_unseen(cohort: Cohort) -> Booleans:
    """Say which networks are surer than `SURE` at half of those points, or more."""
    return np.asarray((unseen_confidence(cohort) > SURE).mean(axis=0) >= 0.5)


def seen_confidence(cohort: Cohort) -> Floats:
    """Return how sure each network is of its answers on the points that it learned; their mean."""
    return np.asarray(probabilities(cohort, cohort.data.x).max(axis=1).mean(axis=0))


def asked_together(cohort: Cohort) -> Floats:
    """Return how sure groups of `TOGETHER` networks (groups,) are of the unseen blob, by their mean probabilities."""
    found = probabilities(cohort, unseen_of(cohort))  # (points, classes, networks)
    groups = found.shape[-1] // TOGETHER
    grouped = found[..., : groups * TOGETHER].reshape(*found.shape[:2], groups, TOGETHER)
    return np.asarray(grouped.mean(axis=-1).max(axis=1).mean(axis=0))


def ring(distance: float) -> Floats:
    """Return places (directions, 2) in all directions, so far from the middle."""
    angle = np.arange(DIRECTIONS) / DIRECTIONS * 2 * np.pi
    return distance * np.stack([np.cos(angle), np.sin(angle)], axis=1)


@reading
def away(cohort: Cohort) -> Floats:
    """Return how sure each network is of its answer in each direction (distances, directions, networks)."""
    return np.stack([probabilities(cohort, ring(distance)).max(axis=1) for distance in DISTANCES])


def away_at(at: int) -> Callable[[Cohort], Floats]:
    """Return how sure networks are on average over all directions, at one of the distances."""
    return lambda cohort: np.asarray(away(cohort)[at].mean(axis=0))


def sure_everywhere(cohort: Cohort) -> Booleans:
    """Say which networks are surer than 99 % in every direction at the farthest distance."""
    return np.asarray((away(cohort)[-1] > 0.99).all(axis=0))


def growth(cohort: Cohort) -> Floats:
    """Return how many times as large the lead of the first output is at `FAR` as at a tenth of it (networks,).

    It is the median over the directions.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        leads = []
        for distance in (FAR / 10, FAR):
            ordered = np.sort(cohort.network.forward(cohort.parameters, ring(distance))[-1], axis=1)
            leads.append(ordered[:, -1] - ordered[:, -2])  # (directions, networks)
        return np.asarray(np.median(leads[1] / leads[0], axis=0))


def outcome(cohort: Cohort) -> Strings:
    """Say of each network (networks,) at how much of the blob that it never saw it is sure."""
    part = np.nan_to_num((unseen_confidence(cohort) > SURE).mean(axis=0))
    names = [
        "over 95 % sure nowhere in the blob never seen",
        "sure at some of its points",
        "sure at half or more of it",
    ]
    return np.array(names)[np.where(part >= 0.5, 2, np.where(part > 0, 1, 0))]

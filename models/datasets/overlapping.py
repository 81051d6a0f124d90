"""Two clouds of points that overlap: no classifier gets all of them right, and how many the best one gets is known.

Both are normal with variance 1 in each feature, their centres two standard deviations apart on the first one. The best
classifier takes the nearer centre, which is wrong where a point lies more than one standard deviation from its own
centre on the other's side.
"""

from dataclasses import replace
from functools import cache
from math import erf, sqrt

import numpy as np
import numpy.typing as npt
from scipy.special import expit, ndtri

from models.datasets import Dataset

CENTERS = ((-1.0, 0.0), (1.0, 0.0))
WORDS = "two overlapping clouds, centres two standard deviations apart"
BEST_ACCURACY = (1 + erf(1 / sqrt(2))) / 2  # of the nearer centre: the standard normal distribution at 1, 0.841


@cache
def load(points: int = 200) -> Dataset:
    """Return a sample that is always the same."""
    return sample(np.random.default_rng(7), points)


def sample(generator: np.random.Generator, points: int) -> Dataset:
    """Draw points whose classes take turns, so that the first 2n of them hold n of each class."""
    labels = np.arange(points) % 2
    x = generator.standard_normal((points, 2)) + np.array(CENTERS)[labels]
    return Dataset(
        x=x.astype(np.float32),
        targets=labels[:, None].astype(np.float32),
        labels=labels.astype(np.intp),
        feature_names=("x₁", "x₂"),
        class_names=("left", "right"),
    )


@cache
def everywhere(points: int = 2048) -> Dataset:
    """Return points that stand for all that may come: of each class so many, as dense as its points are likely.

    They are a Fibonacci lattice of the unit square (Niederreiter 1992, chapter 5), moved by the inverse of the normal
    distribution. The accuracy on them is that on all points to about a tenth of a per cent.
    """
    at = np.arange(points)
    golden = (np.sqrt(5) - 1) / 2
    uniform = np.stack([(at + 0.5) / points, (golden * at + 0.5 / points) % 1], axis=1)  # (points, features)
    x = np.concatenate([ndtri(uniform) + center for center in np.array(CENTERS)])
    labels = np.repeat([0, 1], points)
    return replace(load(), x=x.astype(np.float32), targets=labels[:, None].astype(np.float32), labels=labels)


def chance(x: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Return the probability (rows,) that a point of ``x`` (rows, features) belongs to the class on the right.

    With equal variances the log-odds of the classes are linear: 2 x₁ for these centres (Bishop 2006, section 4.2).
    """
    return np.asarray(expit(2 * x[:, 0].astype(np.float64)))


def best_loss() -> float:
    """Return the least cross-entropy (nats) that a classifier can have on average over all points, by quadrature.

    With equal variances the log-odds of the classes are linear: 2 x₁ for these centres (Bishop 2006, section 4.2).
    """
    x, weight = np.polynomial.hermite_e.hermegauss(60)  # of the standard normal distribution around the right centre
    return float((np.logaddexp(0, -2 * (x + 1)) * weight).sum() / weight.sum())

"""Coffee roasting: temperature and duration of 200 roasts, and whether each came out well.

A roast is good inside a triangle, so three straight lines decide it: hot enough, long enough, and not too much of
both. They are the edges that a hidden neuron can learn.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from models.alignment import angles, assign
from models.datasets import Dataset

WITHIN = 40.0  # degrees between a neuron's line and the edge that it is said to draw


@dataclass(frozen=True)
class Edge:
    """One straight side of the good region: the points where normal @ (temperature, duration) equals offset."""

    name: str
    label: str
    normal: tuple[float, float]
    offset: float


# Each normal points into the good region; the units are degrees Celsius and minutes.
EDGES = (
    Edge("low_temperature", "temperature = 175", (1.0, 0.0), 175.0),
    Edge("short_duration", "duration = 12", (0.0, 1.0), 12.0),
    Edge("diagonal", "duration = 21 − 3/85 · temperature", (-3 / 85, -1.0), -21.0),
)
EDGE_NAMES = tuple(edge.name for edge in EDGES)
EDGE_WORDS = tuple(name.replace("_", " ") for name in EDGE_NAMES)
MATCH = f"a neuron holds an edge within {WITHIN:g} degrees, by an optimal assignment"


@cache
def roasts() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Return temperatures in 150..285 and durations in 11.5..15.5 (200, 2), and 1 for a good roast (200,)."""
    raw = np.random.default_rng(2).random(400).reshape(-1, 2)
    x = np.column_stack((raw[:, 0] * (285 - 150) + 150, raw[:, 1] * (15.5 - 11.5) + 11.5))
    temperature, duration = x.T
    good = (temperature > 175) & (temperature < 260) & (duration > 12) & (duration < 15)
    good &= duration <= -3 / 85 * temperature + 21
    return x, good.astype(np.intp)


@cache
def load() -> Dataset:
    """Return the 200 roasts with both features normalised to mean 0 and variance 1."""
    x, labels = roasts()
    return Dataset(
        x=((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32),
        targets=labels[:, None].astype(np.float32),
        labels=labels,
        feature_names=("temperature", "duration"),
        class_names=("bad roast", "good roast"),
    )


def normalised_edges() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the edges' unit normals (edges, 2) and offsets (edges,) in the normalised features of `load`."""
    x, _ = roasts()
    raw = np.array([edge.normal for edge in EDGES])
    normals = raw * x.std(axis=0)
    offsets = np.array([edge.offset for edge in EDGES]) - raw @ x.mean(axis=0)
    length = np.linalg.norm(normals, axis=1)
    return normals / length[:, None], offsets / length


def edges_drawn(kernel: npt.NDArray[np.floating], within: float = WITHIN) -> npt.NDArray[np.intp]:
    """Return the edge (units, networks) that each neuron draws, and -1 for a neuron whose line is none of them.

    ``kernel`` (features, units, networks) holds incoming weights for the normalised features; a line is an edge
    ``within`` so many degrees.
    """
    normals, _ = normalised_edges()
    cost = angles(normals, kernel)  # (edges, units, networks)
    drawn = np.full(kernel.shape[1:], -1, np.intp)
    for edge, units in enumerate(assign(cost)):
        every = np.arange(units.size)
        near = cost[edge, units, every] <= within
        drawn[units[near], every[near]] = edge
    return drawn

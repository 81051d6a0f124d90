"""The four blobs while two of them walk around each other, and their points with another question."""

from dataclasses import replace
from functools import cache

import numpy as np
import numpy.typing as npt

from models.datasets import Dataset, blobs


@cache
def centers(turn: int) -> npt.NDArray[np.float64]:
    """Return the blobs' centres (4, 2) when 2 and 3 have walked ``turn`` degrees around each other."""
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = np.array(blobs.CENTERS)
    middle = found[2:].mean(axis=0)
    found[2:] = middle + (found[2:] - middle) @ rotation.T
    return found


@cache
def load(turn: int) -> Dataset:
    """Return the blobs' 100 points, each moved along with its blob's centre."""
    home = blobs.load()
    moved = home.x + (centers(turn) - centers(0))[home.labels]
    return replace(home, x=moved.astype(np.float32))


@cache
def left_right() -> Dataset:
    """Return the lab's points with two classes: blobs 0 and 1 against blobs 2 and 3."""
    home = blobs.load()
    labels = (home.labels >= 2).astype(np.intp)
    targets = np.eye(len(blobs.CENTERS), dtype=np.float32)[labels]
    return replace(home, labels=labels, targets=targets, class_names=("left", "right", "class 2", "class 3"))

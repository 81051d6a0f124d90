"""XOR: the four corners of a square, in two classes that no straight line parts.

A corner belongs to class 1 when its two coordinates differ. Both corners of a class lie on one diagonal, and the two
diagonals cross, so that every line has at least one corner on the wrong side.
"""

from functools import cache
from itertools import product

import numpy as np

from models.datasets import Dataset


@cache
def load(low: int = -1) -> Dataset:
    """Return the corners (``low`` or 1, ``low`` or 1), row by row: the table that most books show has ``low`` 0."""
    x = np.array(list(product((low, 1), repeat=2)), np.float32)  # (4, 2)
    labels = (x[:, 0] != x[:, 1]).astype(np.intp)
    return Dataset(
        x=x,
        targets=labels[:, None].astype(np.float32),
        labels=labels,
        feature_names=("x₁", "x₂"),
        class_names=("same", "different"),
    )

"""How a hidden neuron's line splits the classes: which lie on its active side, and which splits a line can make.

A side is written as the sorted digits of the classes on it ("01"), and an unordered pair of sides is sorted and joined
by ``|``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

Floats = npt.NDArray[np.floating]
PARTED = {"01": "0 and 1 from 2 and 3", "02": "0 and 2 from 1 and 3", "03": "0 and 3 from 1 and 2"}
SPLIT_NAMES = (*PARTED.values(), "one blob from the others")


@dataclass(frozen=True, eq=False)
class Border:
    """The line normal @ x + offset = 0 with a normal of length 1 that points to the classes in ``side``."""

    side: str
    normal: Floats
    offset: float


def sides_of(fires: npt.NDArray[np.bool_], labels: npt.NDArray[np.integer]) -> npt.NDArray[np.str_]:
    """Return neurons' active sides (units, networks): the classes on most of whose rows they fire, "" for none.

    ``fires`` says on which rows (rows, units, networks) they do.
    """
    mostly = np.stack([fires[labels == label].mean(axis=0) > 0.5 for label in np.unique(labels)])
    sides = np.full(mostly.shape[1:], "", dtype=f"<U{len(mostly)}")
    for label, on_it in enumerate(mostly):
        sides = np.where(on_it, np.char.add(sides, str(label)), sides)
    return sides


def patterns(sides: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """Return each network's pair of sides (networks,) as one name; ``sides`` has shape (2, networks)."""
    ordered = np.sort(sides, axis=0)
    return np.char.add(np.char.add(ordered[0], "|"), ordered[1])


def other_side(side: str, classes: int = 4) -> str:
    """Return the classes that lie on the other side."""
    return "".join(str(label) for label in range(classes) if str(label) not in side)


def unsigned(sides: npt.NDArray[np.str_]) -> npt.NDArray[np.str_]:
    """Return sides, of any shape, by the side that holds class 0, whichever is active: "0123" parts nothing."""
    names, at = np.unique(sides, return_inverse=True)
    return np.array([name if "0" in name else other_side(name) for name in names.tolist()])[at].reshape(sides.shape)


def split_kinds(sides: npt.NDArray[np.str_]) -> npt.NDArray[np.intp]:
    """Return the place of each side's split, of any shape, among `SPLIT_NAMES`; -1 where nothing is parted."""
    found = unsigned(sides)
    kinds = [*(found == split for split in PARTED), np.isin(found, ["0", "012", "013", "023"])]
    return np.select(kinds, range(len(SPLIT_NAMES)), -1)


def same_split(sides: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Say for each network (networks,) whether both neurons split the classes alike, whichever side is active."""
    return np.array([one in {two, other_side(two)} for one, two in sides.T], dtype=bool)


def two_and_two(sides: npt.NDArray[np.str_]) -> npt.NDArray[np.bool_]:
    """Say for each network (networks,) whether both neurons split four classes two and two."""
    split: npt.NDArray[np.bool_] = (np.char.str_len(sides) == 2).all(axis=0)
    return split


def possible_lines(centers: Floats) -> dict[str, Border]:
    """Return, for every side that a straight line can cut off, the line with the widest margin to all ``centers``.

    ``centers`` (classes, 2) holds one point for each class. Of four points at the corners of a convex quadrilateral no
    line parts the two diagonals, so that two of the fourteen sides are missing.
    """
    from sklearn.svm import SVC  # noqa: PLC0415 - it takes a second, and listing experiments needs none

    ones = np.column_stack((centers, np.ones(len(centers))))
    found = {}
    classes = range(len(centers))
    for size in range(1, len(centers)):
        for side in combinations(classes, size):
            inside = np.isin(classes, side)
            # A line parts them where sign * (normal @ x + offset) >= 1 has a solution.
            sign = np.where(inside, 1, -1)[:, None]
            if linprog(np.zeros(3), A_ub=-sign * ones, b_ub=-np.ones(len(ones)), bounds=(None, None)).success:
                machine = SVC(kernel="linear", C=1e6).fit(centers, inside)
                name = "".join(str(label) for label in side)
                length = float(np.linalg.norm(machine.coef_[0]))
                found[name] = Border(name, machine.coef_[0] / length, float(machine.intercept_[0]) / length)
    return dict(sorted(found.items()))


def listed(blobs: Sequence[str]) -> str:
    """Name blobs one after the other: "0, 2 and 3"; "none" where there is none."""
    *first, last = blobs or ["none"]
    return f"{', '.join(first)} and {last}" if first else last


def blobs_in_words(side: str) -> str:
    """Name the blobs of a side, "023", for a reader: "blobs 0, 2 and 3"."""
    return f"blob{'s' if len(side) > 1 else ''} {listed(side)}" if side else "no blob"

"""Which blobs a neuron fires on, and which a straight line can cut off."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from models.datasets import blobs
from models.labs.blobs import BLOBS
from models.network import Network
from models.readings import active_sides
from models.splits import (
    SPLIT_NAMES,
    Border,
    other_side,
    patterns,
    possible_lines,
    same_split,
    split_kinds,
    two_and_two,
    unsigned,
)
from tests.models.conftest import by_hand

Floats = npt.NDArray[np.float64]
NETWORK = Network((2, 2, 4), "relu", "softmax_crossentropy")
CENTERS = np.array(blobs.CENTERS)
SIDES = sorted("".join(each) for size in (1, 2, 3) for each in combinations("0123", size))
POSSIBLE = [side for side in SIDES if side not in {"03", "12"}]


@pytest.fixture(scope="module")
def lines() -> dict[str, Border]:
    return possible_lines(CENTERS)


@pytest.fixture(scope="module")
def widest() -> dict[str, float]:
    """Return the widest margin of every side that can be cut off; every hundredth of a degree is tried."""
    found: dict[str, float] = {}
    for angle in np.radians(np.arange(0, 360, 0.01)):
        along = CENTERS @ [np.cos(angle), np.sin(angle)]
        order = np.argsort(along)
        for at in range(1, len(order)):
            side = "".join(str(label) for label in sorted(order[at:]))
            margin = (along[order[at]] - along[order[at - 1]]) / 2
            found[side] = max(found.get(side, 0), margin)
    return found


def distances(line: Border, points: Floats) -> Floats:
    return np.asarray(points @ line.normal + line.offset)


def test_a_line_can_cut_off_twelve_of_the_fourteen_sides_of_the_blobs(lines: dict[str, Border]) -> None:
    assert list(lines) == POSSIBLE
    assert len(lines) == 12


def test_the_two_missing_sides_are_missing_in_every_direction(widest: dict[str, float]) -> None:
    assert sorted(widest) == POSSIBLE


@pytest.mark.parametrize("side", POSSIBLE)
def test_each_line_parts_the_centres_with_a_unit_normal_to_its_side(lines: dict[str, Border], side: str) -> None:
    line = lines[side]
    assert line.side == side
    assert np.linalg.norm(line.normal) == pytest.approx(1)
    assert "".join(str(label) for label in np.flatnonzero(distances(line, CENTERS) > 0)) == side


@pytest.mark.parametrize("side", POSSIBLE)
def test_each_lines_margin_is_the_widest(lines: dict[str, Border], widest: dict[str, float], side: str) -> None:
    assert np.abs(distances(lines[side], CENTERS)).min() == pytest.approx(widest[side], abs=2e-3)


@pytest.mark.parametrize("side", POSSIBLE)
def test_a_side_and_the_other_one_share_their_line(lines: dict[str, Border], side: str) -> None:
    line, other = lines[side], lines[other_side(side)]
    np.testing.assert_allclose(line.normal, -other.normal, atol=1e-2)
    assert line.offset == pytest.approx(-other.offset, abs=2e-2)


def test_of_a_triangle_with_a_point_inside_only_that_point_cannot_be_cut_off() -> None:
    lines = possible_lines(np.array([[-4.0, 0.0], [4.0, 0.0], [0.0, 6.0], [0.0, 2.0]]))
    assert set(SIDES) - set(lines) == {"3", "012"}


@pytest.mark.parametrize("seed", range(2))
def test_four_random_points_have_twelve_sides_and_each_line_cuts_its_side_off(seed: int) -> None:
    centers = np.random.default_rng(seed).normal(size=(4, 2)) * 3
    lines = possible_lines(centers)
    assert len(lines) == 12
    for side, line in lines.items():
        assert {str(label) for label in np.flatnonzero(distances(line, centers) > 0)} == set(side)


def hand_made(*neurons: tuple[float, float, float]) -> npt.NDArray[np.float32]:
    """Return one network's parameters (P, 1) whose neurons have these two weights and this bias."""
    values = np.array(neurons)
    output = (np.zeros((2, 4, 1)), np.zeros((4, 1)))
    return NETWORK.pack([(values[:, :2].T[..., None], values[:, 2:]), output])


@pytest.mark.parametrize(
    ("neuron", "side"),
    [
        ((1, 0, 0.5), "23"),
        ((-1, 0, -0.5), "01"),
        ((0, 1, 0), "02"),
        ((0, -1, 0), "13"),
        ((1, 0, -3), "3"),
        ((1, 0, 3.5), "123"),
        ((0, 0, 1), "0123"),
        ((0, 0, -1), ""),
        ((1, 1, -100), ""),
        ((np.nan, np.nan, np.nan), ""),
    ],
)
def test_active_sides_of_a_hand_made_neuron(neuron: tuple[float, float, float], side: str) -> None:
    sides = active_sides(by_hand(BLOBS, hand_made(neuron, (0, 1, 0))))
    assert sides.shape == (2, 1)
    assert sides[:, 0].tolist() == [side, "02"]


def test_active_sides_of_an_ensemble_are_those_of_its_networks() -> None:
    neurons = [((1, 0, 0.5), (0, 1, 0)), ((0, 0, -1), (1, 0, -3)), ((-1, 0, -0.5), (0, 0, 1))]
    ensemble = np.concatenate([hand_made(*pair) for pair in neurons], axis=1)
    found = active_sides(by_hand(BLOBS, ensemble))
    assert found.T.tolist() == [["23", "02"], ["", "3"], ["01", "0123"]]


@pytest.mark.parametrize(("side", "other"), [("01", "23"), ("", "0123"), ("0123", ""), ("3", "012")])
def test_other_side(side: str, other: str) -> None:
    assert other_side(side) == other


@pytest.mark.parametrize(
    ("one", "two", "pattern", "same", "balanced"),
    [
        ("01", "02", "01|02", False, True),
        ("02", "01", "01|02", False, True),
        ("01", "01", "01|01", True, True),
        ("01", "23", "01|23", True, True),
        ("23", "01", "01|23", True, True),
        ("13", "23", "13|23", False, True),
        ("0", "123", "0|123", True, False),
        ("0", "1", "0|1", False, False),
        ("01", "3", "01|3", False, False),
        ("", "02", "|02", False, False),
        ("02", "", "|02", False, False),
        ("", "", "|", True, False),
        ("", "0123", "|0123", True, False),
    ],
)
def test_pairs_of_sides(one: str, two: str, pattern: str, *, same: bool, balanced: bool) -> None:
    sides = np.array([[one, "01", two], [two, "02", one]])
    assert patterns(sides).tolist() == [pattern, "01|02", pattern]
    assert same_split(sides).tolist() == [same, False, same]
    assert two_and_two(sides).tolist() == [balanced, True, balanced]


def test_a_split_is_named_by_the_side_of_class_0_whichever_is_active() -> None:
    sides = np.array([["01", "23", ""], ["0123", "3", "012"]])
    np.testing.assert_array_equal(unsigned(sides), [["01", "01", "0123"], ["0123", "012", "012"]])


def test_a_split_has_one_kind_whichever_side_is_active() -> None:
    kinds = dict(zip(SIDES, split_kinds(np.array(SIDES)).tolist(), strict=True))
    assert all(kinds[side] == kinds[other_side(side)] for side in SIDES)
    assert [SPLIT_NAMES[kinds[side]] for side in ("23", "13", "12", "3")] == list(SPLIT_NAMES)
    assert split_kinds(np.array([["", "0123"]])).tolist() == [[-1, -1]]

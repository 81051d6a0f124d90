"""Blobs that walk around each other: where they go, and what is asked of their points."""

from itertools import combinations

import numpy as np
import pytest

from models.datasets import blobs
from models.datasets.turned_blobs import centers, left_right, load

TURNS = (0, 45, 90, 135, 180)
HOME = np.array(blobs.CENTERS)


@pytest.mark.parametrize("turn", TURNS)
def test_only_blobs_2_and_3_walk_and_keep_their_distance(turn: int) -> None:
    found = centers(turn)
    np.testing.assert_array_equal(found[:2], HOME[:2])
    np.testing.assert_allclose(found[2:].mean(axis=0), HOME[2:].mean(axis=0))
    assert np.linalg.norm(found[2] - found[3]) == pytest.approx(np.linalg.norm(HOME[2] - HOME[3]))


def test_half_a_turn_makes_them_change_places() -> None:
    np.testing.assert_allclose(centers(180)[[2, 3]], HOME[[3, 2]], atol=1e-12)
    np.testing.assert_array_equal(centers(0), HOME)


@pytest.mark.parametrize("turn", TURNS)
def test_points_move_with_their_blob_and_keep_their_class(turn: int) -> None:
    home, moved = blobs.load(), load(turn)
    np.testing.assert_allclose(moved.x - centers(turn)[home.labels], home.x - HOME[home.labels], atol=1e-5)
    np.testing.assert_array_equal(moved.targets, home.targets)
    assert moved.x.dtype == np.float32


def test_left_right_asks_another_question_of_the_same_points() -> None:
    home, asked = blobs.load(), left_right()
    np.testing.assert_array_equal(asked.x, home.x)
    for one, two in combinations(range(4), 2):
        same = (asked.targets[home.labels == one][0] == asked.targets[home.labels == two][0]).all()
        assert same == ({one, two} in ({0, 1}, {2, 3}))

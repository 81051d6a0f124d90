"""Moved blobs: where they go, which splits a line can make there, and what is counted of the learned ones."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from models import registry
from models.datasets import blobs
from models.experiment import Label, Result, Share
from models.experiments.data_decides import (
    NETWORK,
    OTHER_TARGETS,
    SPLITS,
    TURNS,
    centers,
    left_right,
    possible_splits,
    splits,
    turned,
)

Run = Callable[..., Result]
Floats = npt.NDArray[np.floating]
HOME = np.array(blobs.CENTERS)


@pytest.fixture(scope="session")
def data_decides(run: Run) -> Result:
    return run("data-decides")


def share(result: Result, name: str) -> Share:
    finding = result.findings[name]
    assert isinstance(finding, Share)
    return finding


def label(result: Result, name: str) -> str | None:
    finding = result.findings[name]
    assert isinstance(finding, Label)
    return finding.value


def crosses(ends: Floats, others: Floats) -> bool:
    """Say whether two segments, each given by its two ends (2, 2), cross."""

    def side(a: Floats, b: Floats, c: Floats) -> float:
        return float(np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])))

    (a, b), (c, d) = ends, others
    return side(a, b, c) != side(a, b, d) and side(c, d, a) != side(c, d, b)


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
    home, moved = blobs.load(), turned(turn)
    np.testing.assert_allclose(moved.x - centers(turn)[home.labels], home.x - HOME[home.labels], atol=1e-5)
    np.testing.assert_array_equal(moved.targets, home.targets)
    assert moved.x.dtype == np.float32


@pytest.mark.parametrize("turn", TURNS)
def test_a_split_is_impossible_exactly_where_the_segments_between_its_blobs_cross(turn: int) -> None:
    found = centers(turn)
    for split in SPLITS:
        inside = [int(blob) for blob in split]
        outside = [blob for blob in range(4) if blob not in inside]
        assert (split in possible_splits(turn)) == (not crosses(found[inside], found[outside]))


def test_left_right_asks_another_question_of_the_same_points() -> None:
    home, asked = blobs.load(), left_right()
    np.testing.assert_array_equal(asked.x, home.x)
    for one, two in combinations(range(4), 2):
        same = (asked.targets[home.labels == one][0] == asked.targets[home.labels == two][0]).all()
        assert same == ({one, two} in ({0, 1}, {2, 3}))


def test_all_cohorts_start_alike_and_end_apart(data_decides: Result) -> None:
    cohorts = list(data_decides.cohorts.values())
    assert len(cohorts) == len(TURNS) + 1
    for one, two in combinations(cohorts, 2):
        np.testing.assert_array_equal(one.start, two.start)
        assert (one.parameters != two.parameters).any(axis=0).all()


@pytest.mark.parametrize("turn", TURNS)
def test_splits_are_named_by_the_side_of_blob_0(data_decides: Result, turn: int) -> None:
    found = splits(data_decides.cohorts[f"turn.{turn}"].parameters, turned(turn))
    assert found.shape == (2, 64)
    assert all("0" in split for split in found.ravel().tolist())
    for split in SPLITS:
        counted = share(data_decides, f"split_share.{turn}.{split}")
        assert (counted.count, counted.of) == (sum(split in pair for pair in found.T.tolist()), 64)


@pytest.mark.parametrize("turn", TURNS)
def test_what_no_line_can_make_of_the_centres_is_not_learned(data_decides: Result, turn: int) -> None:
    assert label(data_decides, f"possible_splits.{turn}") == ", ".join(possible_splits(turn))
    for split in set(SPLITS) - set(possible_splits(turn)):
        assert share(data_decides, f"split_share.{turn}.{split}").count <= 1


def test_one_split_goes_and_another_comes(data_decides: Result) -> None:
    before, after = (
        {split: share(data_decides, f"split_share.{turn}.{split}").count for split in SPLITS} for turn in (0, 180)
    )
    assert before["02"] > 32 > after["02"]
    assert after["03"] > 32 > before["03"]
    assert min(before["01"], after["01"]) > 32
    followed = share(data_decides, "followed_share")
    assert followed.of == before["02"]
    assert followed.count <= after["03"]


@pytest.mark.parametrize("turn", TURNS)
def test_agreement_is_the_share_of_the_most_frequent_pair(data_decides: Result, turn: int) -> None:
    trained, data = data_decides.cohorts[f"turn.{turn}"], turned(turn)
    converged = NETWORK.accuracy(trained.parameters, data.x, data.labels) >= 0.99
    pairs = ["|".join(sorted(pair)) for pair in splits(trained.parameters, data)[:, converged].T.tolist()]
    found = share(data_decides, f"agreement.{turn}")
    assert found.of == share(data_decides, f"converged_share.{turn}").count == len(pairs)
    most = label(data_decides, f"most_frequent.{turn}")
    if pairs:
        assert most is not None
        assert found.count == pairs.count(most) == max(pairs.count(pair) for pair in pairs)
    else:
        assert (found.value, most) == (None, None)


def test_what_is_not_asked_is_not_learned(data_decides: Result) -> None:
    asked = splits(data_decides.cohorts[OTHER_TARGETS].parameters, turned(0))
    both = share(data_decides, "left_right_both_share")
    assert both.count == np.count_nonzero((asked == "01").all(axis=0)) > 32
    assert share(data_decides, "left_right.01").count > 60
    assert share(data_decides, "left_right.02").count < 16


def test_the_figures_count_what_they_show(data_decides: Result) -> None:
    stops, walk = registry.find("data-decides").figures(data_decides)
    assert len(stops.table.rows) == 6
    for turn, row in zip(TURNS, walk.table.rows, strict=True):
        counts = [share(data_decides, f"split_share.{turn}.{split}").count for split in SPLITS]
        assert list(row[2:]) == [f"{count} of 64" for count in counts]
        assert f"turned by {turn} degrees: " in walk.alternative


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("data-decides", networks=networks, steps=30)
    assert share(result, "split_share.90.03").of == networks
    assert share(result, "diverged_share").of == networks

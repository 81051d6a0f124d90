"""Moved blobs: which splits a line can make there, and what is counted of the learned ones."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from models.datasets import turned_blobs
from models.datasets.turned_blobs import centers
from models.experiment import Result
from models.experiments.data_decides import SPLITS, STOPS, possible_splits, splits
from models.findings import Label
from tests.models.conftest import Run

Floats = npt.NDArray[np.floating]
TURNS = tuple(STOPS.values())


@pytest.fixture(scope="session")
def data_decides(run: Run) -> Result:
    return run("data-decides")


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
def test_a_split_is_impossible_exactly_where_the_segments_between_its_blobs_cross(turn: int) -> None:
    found = centers(turn)
    for split in SPLITS:
        inside = [int(blob) for blob in split]
        outside = [blob for blob in range(4) if blob not in inside]
        assert (split in possible_splits(turn)) == (not crosses(found[inside], found[outside]))


def test_all_cohorts_start_alike_and_end_apart(data_decides: Result) -> None:
    cohorts = list(data_decides.cohorts.values())
    assert len(cohorts) == len(TURNS) + 1
    for one, two in combinations(cohorts, 2):
        np.testing.assert_array_equal(one.start, two.start)
        assert (one.parameters != two.parameters).any(axis=0).all()


@pytest.mark.parametrize("turn", TURNS)
def test_splits_are_named_by_the_side_of_blob_0(data_decides: Result, turn: int) -> None:
    found = splits(data_decides.cohorts[f"turn.{turn}"])
    assert found.shape == (2, 64)
    assert all("0" in split for split in found.ravel().tolist())
    for split in SPLITS:
        counted = data_decides.share(f"split_share.{turn}.{split}")
        assert (counted.count, counted.of) == (sum(split in pair for pair in found.T.tolist()), 64)


@pytest.mark.parametrize("turn", TURNS)
def test_what_no_line_can_make_of_the_centres_is_not_learned(data_decides: Result, turn: int) -> None:
    assert label(data_decides, f"possible_splits.{turn}") == ", ".join(possible_splits(turn))
    for split in set(SPLITS) - set(possible_splits(turn)):
        assert data_decides.share(f"split_share.{turn}.{split}").count <= 1


def test_one_split_goes_and_another_comes(data_decides: Result) -> None:
    before, after = (
        {split: data_decides.share(f"split_share.{turn}.{split}").count for split in SPLITS} for turn in (0, 180)
    )
    assert before["02"] > 32 > after["02"]
    assert after["03"] > 32 > before["03"]
    assert min(before["01"], after["01"]) > 32
    followed = data_decides.share("followed_share")
    assert followed.of == before["02"]
    assert followed.count <= after["03"]


@pytest.mark.parametrize("turn", TURNS)
def test_agreement_is_the_share_of_the_most_frequent_pair(data_decides: Result, turn: int) -> None:
    cohort, data = data_decides.cohorts[f"turn.{turn}"], turned_blobs.load(turn)
    converged = cohort.network.accuracy(cohort.parameters, data.x, data.labels) >= 0.99
    pairs = ["|".join(sorted(pair)) for pair in splits(cohort)[:, converged].T.tolist()]
    found = data_decides.share(f"agreement.{turn}")
    assert found.of == data_decides.share(f"converged_share.{turn}").count == len(pairs)
    most = label(data_decides, f"most_frequent.{turn}")
    if pairs:
        assert most is not None
        assert found.count == pairs.count(most) == max(pairs.count(pair) for pair in pairs)
    else:
        assert (found.value, most) == (None, None)


def test_what_is_not_asked_is_not_learned(data_decides: Result) -> None:
    asked = splits(data_decides.cohorts["left_right"])
    both = data_decides.share("left_right_both_share")
    assert both.count == np.count_nonzero((asked == "01").all(axis=0)) > 32
    assert data_decides.share("left_right_both_share_at_start").count < both.count
    assert data_decides.share("left_right.01").count > 60
    assert data_decides.share("left_right.02").count < 16


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("data-decides", networks=networks, steps=30)
    assert result.share("split_share.90.03").of == networks
    assert result.share("diverged_share").of == networks

"""Which chance decides: what stays and what is drawn anew, and what is compared."""

import numpy as np
import pytest

from models.experiment import Result
from models.readings import active_sides, success
from models.splits import other_side
from tests.models.conftest import Run


@pytest.fixture(scope="module")
def same_start(run: Run) -> Result:
    return run("same-start")


def test_either_the_starts_or_the_orders_are_drawn_anew(same_start: Result) -> None:
    first, order, start = (same_start.cohorts[name] for name in ("first", "other_order", "other_start"))
    np.testing.assert_array_equal(order.start, first.start)
    assert (order.parameters != first.parameters).any(axis=0).all()
    assert (start.start != first.start).any(axis=0).all()


def test_the_same_start_on_the_same_orders_would_be_the_same_network(run: Run, same_start: Result) -> None:
    short, long = run("same-start", networks=1), same_start
    for name in ("first", "other_order", "other_start"):
        np.testing.assert_array_equal(short.cohorts[name].parameters[:, 0], long.cohorts[name].parameters[:, 0])


@pytest.mark.parametrize("chance", ["other_order", "other_start"])
def test_splits_are_compared_neuron_by_neuron_and_as_a_pair(same_start: Result, chance: str) -> None:
    one, two = (active_sides(same_start.cohorts[name]).T.tolist() for name in ("first", chance))
    named = [[min(side, other_side(side)) for side in sides] for sides in one]
    again = [[min(side, other_side(side)) for side in sides] for sides in two]
    index = sum(a == b for a, b in zip(named, again, strict=True))
    assert same_start.share(f"same_index_share.{chance}").count == index
    splits = sum(sorted(a) == sorted(b) for a, b in zip(named, again, strict=True))
    assert same_start.share(f"same_splits_share.{chance}").count == splits
    assert same_start.share(f"same_sides_share.{chance}").count == sum(a == b for a, b in zip(one, two, strict=True))
    alike = success(same_start.cohorts["first"]) == success(same_start.cohorts[chance])
    assert same_start.share(f"same_outcome_share.{chance}").count == np.count_nonzero(alike)


def test_the_start_decides_more_than_the_order(same_start: Result) -> None:
    order, start = (same_start.share(f"same_index_share.{chance}") for chance in ("other_order", "other_start"))
    assert order.count > 44
    assert start.count < 38

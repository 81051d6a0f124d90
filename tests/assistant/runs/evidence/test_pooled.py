"""A finding over several runs: shares added up, quantities with their range, and what has no interval as it is."""

from typing import Any

import pytest

from assistant.intervals import NORMAL_999, wilson
from assistant.library.findings import Finding
from assistant.runs.evidence.pooled import Pooled


def share(count: int, of: int = 64, *, sample: bool = True) -> Finding:
    low, high = wilson(count, of) if of and sample else (None, None)
    value = count / of if of else None
    return Finding(kind="share", label="networks that do", value=value, count=count, of=of, low=low, high=high)


def quantity(value: float | None, unit: str = "weight") -> Finding:
    return Finding(kind="quantity", label="gap", value=value, unit=unit)


def test_shares_are_added_up() -> None:
    pooled = Pooled.of([share(32), share(40), share(0, 0), None])
    assert pooled.range == wilson(72, 128, NORMAL_999)
    assert pooled.words == "72 of 128 networks in 2 runs: 56.2 % (95 % interval 47.6 to 64.5 %)"


def test_what_is_no_sample_is_the_same_in_every_run() -> None:
    pooled = Pooled.of([share(8, 78, sample=False)] * 3)
    assert pooled.range == (8 / 78, 8 / 78)
    assert pooled.words == "8 of 78 networks, the same in every one of 3 runs"


@pytest.mark.parametrize(
    ("values", "unit", "found", "words"),
    [
        ([2.0, 1.0, 4.0], "weight", (1, 4), "2, the median of 3 runs (1 to 4)"),
        ([0.5, 0.7, 0.9], "share of points", (0.5, 0.9), "70 % of the points, the median of 3 runs (50 % to 90 %)"),
        ([12.0, 12.0], "degrees", (12, 12), "12 degrees, the same in 2 runs"),
        ([12.0], "degrees", (12, 12), "12 degrees, in 1 run"),
    ],
)
def test_a_quantity_has_a_median_and_a_range(values: list[float], unit: str, found: Any, words: str) -> None:
    pooled = Pooled.of([quantity(value, unit) for value in [*values, None]])
    assert (pooled.range, pooled.words) == (found, words)


def test_of_a_label_the_most_frequent_counts() -> None:
    pooled = Pooled.of([Finding(kind="label", value=value) for value in ("01|02", "02|13", "02|13")])
    assert (pooled.range, pooled.words) == ("02|13", "02 and 13, in 2 of 3 runs")


def test_where_nothing_was_found_there_is_no_range() -> None:
    assert (Pooled.of([quantity(None), None]).range, Pooled.of([]).words) == (None, "nothing to measure")

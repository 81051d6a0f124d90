"""Shares' intervals against SciPy and the closed formula, and medians without what is not finite."""

from math import sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from models.statistics import median, wilson

sizes = st.integers(1, 100_000)
counted = sizes.flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))
steady = settings(deadline=None)


@steady
@given(counted)
@example((0, 1))
@example((53, 64))
def test_wilson_is_scipys_interval(counts: tuple[int, int]) -> None:
    interval = binomtest(*counts).proportion_ci(confidence_level=0.95, method="wilson")
    assert wilson(*counts) == (interval.low, interval.high)


@steady
@given(counted)
def test_wilson_is_the_closed_formula(counts: tuple[int, int]) -> None:
    count, of = counts
    share, z = count / of, norm.ppf(0.975)
    middle = (share + z**2 / (2 * of)) / (1 + z**2 / of)
    half = z / (1 + z**2 / of) * sqrt(share * (1 - share) / of + z**2 / (4 * of**2))
    assert wilson(count, of) == pytest.approx((middle - half, middle + half), abs=1e-9)


@steady
@given(counted)
@example((0, 64))
@example((64, 64))
def test_wilson_contains_the_share_and_stays_between_0_and_1(counts: tuple[int, int]) -> None:
    low, high = wilson(*counts)
    assert 0 <= low <= counts[0] / counts[1] <= high <= 1
    assert low < high


@steady
@given(st.integers(1, 1_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))), st.integers(2, 50))
def test_wilson_is_narrower_with_more_networks(counts: tuple[int, int], times: int) -> None:
    count, of = counts
    low, high = wilson(count, of)
    lower, higher = wilson(times * count, times * of)
    assert higher - lower < high - low


@steady
@given(counted)
def test_wilson_of_the_misses_is_the_mirror_image(counts: tuple[int, int]) -> None:
    count, of = counts
    low, high = wilson(count, of)
    assert wilson(of - count, of) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize(
    ("count", "of", "reason"), [(0, 0, "no interval"), (0, -1, "no interval"), (-1, 5, "k"), (6, 5, "k")]
)
def test_wilson_refuses_what_is_no_share(count: int, of: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        wilson(count, of)


@steady
@given(
    st.lists(st.floats(-1e6, 1e6), max_size=20),
    st.lists(st.sampled_from([np.nan, np.inf, -np.inf]), max_size=20),
    st.randoms(use_true_random=False),
)
def test_median_ignores_what_is_not_finite(finite: list[float], broken: list[float], random: Random) -> None:
    values = [*finite, *broken]
    random.shuffle(values)
    expected = float(np.median(finite)) if finite else None
    assert median(np.array(values, float)) == expected


@pytest.mark.parametrize(("values", "expected"), [([3, 1, 2], 2.0), ([1, 4], 2.5), ([], None)])
def test_median_of_whole_numbers(values: list[int], expected: float | None) -> None:
    assert median(np.array(values, np.intp)) == expected


def test_median_is_a_plain_number() -> None:
    assert type(median(np.array([1.5], np.float32))) is float

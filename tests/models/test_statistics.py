"""Shares' intervals against SciPy and the closed formula, and medians without what is not finite."""

from math import sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, norm

from models.statistics import median, wilson

pytestmark = pytest.mark.slow

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


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_newcombes_examples(count: int, of: int, low: float, high: float) -> None:
    """Newcombe (1998), Two-sided confidence intervals for the single proportion. Statistics in Medicine 17, table I."""
    assert wilson(count, of) == pytest.approx((low, high), abs=6e-5)


@steady
@given(counted)
def test_wilson_ends_where_the_score_test_rejects(counts: tuple[int, int]) -> None:
    count, of = counts
    for end in wilson(count, of):
        if 1e-9 < end < 1 - 1e-9:
            score = (count / of - end) / sqrt(end * (1 - end) / of)
            assert 2 * norm.sf(abs(score)) == pytest.approx(0.05, rel=1e-4)


@steady
@given(st.integers(2, 1_000).flatmap(lambda of: st.tuples(st.integers(0, of - 1), st.just(of))))
def test_wilson_moves_up_with_every_further_network_counted(counts: tuple[int, int]) -> None:
    count, of = counts
    low, high = wilson(count, of)
    lower, higher = wilson(count + 1, of)
    assert low < lower
    assert high < higher or count + 1 == of


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.9])
def test_wilson_covers_the_true_share_about_as_often_as_it_says(share: float) -> None:
    of = 64
    covered = sum(
        float(binom.pmf(count, of, share))
        for count in range(of + 1)
        if wilson(count, of)[0] <= share <= wilson(count, of)[1]
    )
    assert 0.92 < covered < 0.98


@steady
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), st.floats(0.5, 4), st.floats(-100, 100))
def test_median_moves_with_its_values(values: list[float], scale: float, shift: float) -> None:
    whole = np.array(values)
    found = median(whole)
    assert found is not None
    assert values.count(found) or len(values) % 2 == 0
    assert (whole <= found).mean() >= 0.5 <= (whole >= found).mean()
    assert median(whole * scale + shift) == pytest.approx(found * scale + shift, rel=1e-9, abs=1e-6)


@steady
@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)), min_size=1, max_size=30))
def test_median_is_numpys_without_what_is_missing(values: list[float]) -> None:
    whole = np.array(values)
    known = whole[~np.isnan(whole)]
    assert median(whole) == (float(np.nanmedian(whole)) if known.size else None)

"""Medians without what is not finite."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.statistics import median

steady = settings(deadline=None)


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

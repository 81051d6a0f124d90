"""The interval of a share against SciPy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from assistant.intervals import wilson


@given(st.integers(1, 10_000).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_the_interval_is_scipys(counts: tuple[int, int]) -> None:
    count, of = counts
    exact = binomtest(count, of).proportion_ci(method="wilson")
    low, high = wilson(count, of)
    assert (low, high) == pytest.approx((exact.low, exact.high), abs=1e-12)
    assert low <= count / of <= high

"""Intervals of shares, for pages and reports; in plain Python, since web processes load no SciPy."""

NORMAL_95 = 1.959963984540054  # of the normal distribution, 95 % lie within so many standard deviations


def wilson(count: int, of: int) -> tuple[float, float]:
    """Return the lower and upper end, 0..1, of the Wilson interval (95 %) of ``count`` of ``of``, which is 1 or more.

    Source: Wilson (1927). Probable inference, the law of succession, and statistical inference. JASA 22.
    """
    share, spread = count / of, NORMAL_95**2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = NORMAL_95 / (1 + spread) * (share * (1 - share) / of + spread / (4 * of)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)

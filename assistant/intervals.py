"""Intervals of shares, for pages and reports; in plain Python, since web processes load no SciPy."""

NORMAL_95 = 1.959963984540054  # of the normal distribution, 95 % lie within so many standard deviations
NORMAL_999 = 3.290526731491894  # and 99.9 % within so many


def wilson(count: int, of: int, deviations: float = NORMAL_95) -> tuple[float, float]:
    """Return the lower and upper end, 0..1, of the Wilson interval of ``count`` of ``of``, which is 1 or more.

    Args:
        count: of the networks, or of what else is counted.
        of: how many there are.
        deviations: within so many standard deviations; 95 % unless given.

    Source: Wilson (1927). Probable inference, the law of succession, and statistical inference. JASA 22.
    """
    share, spread = count / of, deviations**2 / of
    middle = (share + spread / 2) / (1 + spread)
    half = deviations / (1 + spread) * (share * (1 - share) / of + spread / (4 * of)) ** 0.5
    # Of none and of all, one end is the share itself, whatever rounding says.
    return max(0.0, middle - half) if count else 0.0, min(1.0, middle + half) if count < of else 1.0

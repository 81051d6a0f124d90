"""Pairs with one error and with two: the same starts side by side, and what is counted."""

import numpy as np

from models.readings import duplicate, untrained
from tests.models.conftest import FigureOf, Run


def test_the_counts_are_the_findings(run: Run, figure: FigureOf) -> None:
    result, table = run("separate-errors"), figure("separate-errors", "counts").table
    names = ("duplicate_share_at_start", "duplicate_share.shared", "duplicate_share.separate", "kept_share.shared")
    assert [row[1:3] for row in table.rows[:4]] == [
        (str(result.share(name).count), str(result.share(name).of)) for name in names
    ]


def test_starts_with_one_split_twice_come_first(run: Run, figure: FigureOf) -> None:
    shared = run("separate-errors").cohorts["shared"]
    shown = [int(row[0]) for row in figure("separate-errors", "pairs").table.rows]
    began = untrained(duplicate)(shared)[shown]
    assert began.size == 16
    np.testing.assert_array_equal(began, np.sort(began)[::-1])

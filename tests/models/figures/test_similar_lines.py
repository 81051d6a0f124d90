"""Outcomes, pushes and twins in words."""

import re
from collections import Counter

from models.experiments.similar_lines import outcome
from tests.models.conftest import FigureOf, Run


def test_words_count_the_outcomes(run: Run, figure: FigureOf) -> None:
    found, main = figure("similar-lines", "wall"), run("similar-lines").cohorts["main"]
    counts = Counter(outcome(main).tolist())
    kinds = ("converged", "unfinished", "duplicate", "dead")
    assert [int(count) for count in re.findall(r": (\d+)", found.alternative)] == [counts[kind] for kind in kinds]
    assert Counter(row[1] for row in found.table.rows) == counts


def test_words_name_every_twins_gap(run: Run, figure: FigureOf) -> None:
    found, result = figure("similar-lines", "twins"), run("similar-lines")
    epsilons = [key.partition(".")[2] for key in result.findings if key.startswith("gap_after.")]
    assert [row[0] for row in found.table.rows] == epsilons
    assert len(epsilons) == 6
    for epsilon in epsilons:
        assert f"{epsilon} apart: {result.quantity(f'gap_after.{epsilon}'):.3g}" in found.alternative


def test_words_name_the_range_of_the_push(figure: FigureOf) -> None:
    found = figure("similar-lines", "push")
    low, high, other_low, other_high = (float(each) for each in re.findall(r"-?\d+\.\d{3}", found.alternative))
    assert low < high
    assert other_low < other_high
    assert found.table.rows[0][1:] == found.table.rows[-1][1:]  # once around is where it began

"""The figures on the same answer for every input say what the networks found."""

import numpy as np
import pytest

from models.experiments.constant_answer import CAUSES, constant, probability
from models.readings import over_steps
from tests.models.conftest import FigureOf, Run


def test_causes_stand_in_their_order(run: Run, figure: FigureOf) -> None:
    rows = figure("constant-answer", "causes").table.rows
    expected = [run("constant-answer").share(f"constant_share.{name}").count for name in CAUSES]
    assert [int(row[1]) for row in rows] == expected


def test_probabilities_lie_between_their_ends_and_raw_ones_at_the_frequency(run: Run, figure: FigureOf) -> None:
    rows = dict(zip(CAUSES, figure("constant-answer", "probability").table.rows, strict=True))
    for name, (_, low, middle, high, _) in rows.items():
        found = probability(run("constant-answer").cohorts[name])
        assert float(low) <= float(middle) <= float(high)
        assert float(middle) == pytest.approx(np.median(found.mean(axis=0)), abs=0.006)
    assert rows["unscaled"][4] == "0.215"


def test_one_answer_over_the_steps_is_that_of_the_recorded_networks(run: Run, figure: FigureOf) -> None:
    none = run("constant-answer").cohorts["none"]
    (_, first, _), *_, (_, last, _) = figure("constant-answer", "steps").table.rows
    shares = over_steps(constant)(none).mean(axis=1)
    assert (first, last) == (f"{shares[0]:.0%}", f"{shares[-1]:.0%}")

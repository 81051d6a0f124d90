"""The figures on output units say what the networks found."""

import numpy as np
import pytest

from models.experiments.output_units import OUTPUTS, probabilities
from tests.models.conftest import FigureOf, Run


def test_successes_stand_in_the_order_of_the_outputs(run: Run, figure: FigureOf) -> None:
    rows = figure("output-units", "success").table.rows
    assert [int(row[1]) for row in rows] == [run("output-units").share(f"success.{name}").count for name in OUTPUTS]


def test_the_difference_begins_at_rounding_and_ends_as_measured(run: Run, figure: FigureOf) -> None:
    for (_, start, _, end), name in zip(
        figure("output-units", "difference").table.rows, ("two_same", "two_held"), strict=True
    ):
        assert float(start) < 1e-6
        assert float(end) == pytest.approx(run("output-units").quantity(f"apart.{name}"), rel=0.1)


def test_sums_are_of_all_points(run: Run, figure: FigureOf) -> None:
    softmax, sigmoids = figure("output-units", "sums").table.rows
    assert softmax[1:] == ("1", "100%")
    sums = probabilities(run("output-units").cohorts["sigmoids"]).sum(axis=1)
    assert sigmoids[1:] == (f"{np.median(sums):.3g}", f"{(np.abs(sums - 1) <= 0.1).mean():.0%}")

"""Nearly equal neurons: the step at which they part, and how it hangs on their distance."""

from dataclasses import replace

import numpy as np
import pytest

from models.experiment import Result
from models.experiments.escape import APART, EPSILONS, escape_step, gaps
from tests.models.conftest import Run, value_of


@pytest.fixture(scope="module")
def escape(run: Run) -> Result:
    return run("escape")


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_neurons_begin_as_far_apart_as_is_said(escape: Result, epsilon: float) -> None:
    began = gaps(escape.cohorts[f"sgd.{epsilon:g}"])[0]
    assert ((began > 0) & (began <= epsilon * 1.01)).all()


def test_the_step_lies_between_the_last_recorded_one_together_and_the_first_apart(escape: Result) -> None:
    cohort = escape.cohorts["adam.0.001"]
    steps, apart = cohort.history.steps, gaps(cohort) > APART
    for network in np.flatnonzero(apart.any(axis=0)).tolist():
        found = escape_step(cohort)[network]
        first = int(apart[:, network].argmax())
        assert steps[first - 1] <= found <= steps[first]


def test_neurons_that_never_part_have_no_step(run: Run) -> None:
    result = run("escape", networks=2, steps=5)
    assert np.isnan(escape_step(result.cohorts["sgd.1e-06"])).all()
    assert result.share("escaped_share.sgd.1e-06").count == 0
    assert result.quantity("slope.sgd") is None


def test_the_gap_grows_by_a_factor(escape: Result) -> None:
    """A distance that is ten times smaller costs about as many further steps each time."""
    steps = [value_of(escape, f"escape_steps.sgd.{epsilon:g}") for epsilon in EPSILONS]
    assert np.ptp(np.diff(steps)) < value_of(escape, "slope.sgd")
    assert value_of(escape, "slope.sgd") == pytest.approx((steps[-1] - steps[0]) / 5, rel=0.2)


def test_a_made_up_growth_is_read_off_exactly(escape: Result) -> None:
    cohort = escape.cohorts["sgd.0.01"]
    steps = cohort.history.steps
    parameters = np.zeros_like(cohort.history.parameters)
    parameters[:, 0] = (1e-3 * np.exp(steps / 50.0))[:, None]  # neuron 1's first weight; neuron 2 stays at zero
    made = replace(cohort, history=replace(cohort.history, parameters=parameters))
    np.testing.assert_allclose(escape_step(replace(made)), 50 * np.log(APART / 1e-3), rtol=1e-4)

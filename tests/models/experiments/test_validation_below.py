"""Validation below training: the gaps are those of the curves, and one cause at a time makes them."""

from dataclasses import replace

import numpy as np
import pytest

from models import export, registry
from models.backpropagation import losses
from models.curve_readings import curves
from models.datasets import Dataset
from models.experiment import Result
from models.experiments.validation_below import (
    CAUSES,
    EPOCH,
    FEW,
    KEPT,
    KEPT_FEW,
    MARGIN,
    OWN,
    POINTS,
    gap_with_penalty,
    outcome,
    shown_gap,
)
from models.plans import Cohort
from tests.models.conftest import Run, value_of
from tests.trained import SEED


@pytest.fixture(scope="module")
def below(run: Run) -> Result:
    return run("validation-below")


def with_losses(cohort: Cohort, shown: float, held_back: float) -> Cohort:
    """Return the cohort as if all networks had had these losses at every step."""
    found = curves(cohort)
    made = replace(
        found, shown_loss=np.full_like(found.loss, shown), held_back_loss=np.full_like(found.loss, held_back)
    )
    return replace(cohort, curves=made)


def test_every_cause_is_reported_of_all_networks(below: Result) -> None:
    for cause in CAUSES:
        assert below.share(f"below_share.{cause}").of == 64
        assert below.share(f"above_share.{cause}").of == 64
        assert value_of(below, f"distance.{cause}") >= abs(value_of(below, f"gap.{cause}"))


def test_findings_are_read_off_the_curves(below: Result) -> None:
    found = curves(below.cohorts["plain"])
    assert found.steps.tolist() == list(range(0, 161, EPOCH))
    first, last = (found.held_back_loss[row] - found.shown_loss[row] for row in (1, -1))
    scored = found.held_back_loss[-1] - found.loss[-1]
    for cause, gaps in {"running_mean": first, "running_mean_last": last, "none": scored}.items():
        assert below.share(f"below_share.{cause}").count == np.count_nonzero(gaps <= -MARGIN)
        assert below.share(f"above_share.{cause}").count == np.count_nonzero(gaps >= MARGIN)
        assert value_of(below, f"gap.{cause}") == pytest.approx(np.median(gaps))
        assert value_of(below, f"distance.{cause}") == pytest.approx(np.median(np.abs(gaps)))


def test_losses_are_those_of_the_networks_own_points(below: Result) -> None:
    for name, kept in {"plain": KEPT, "few": KEPT_FEW}.items():
        cohort = below.cohorts[name]
        for sampler, measured in ((OWN, curves(cohort).loss), (kept, curves(cohort).held_back_loss)):
            drawn = sampler.draw(SEED, np.array([5]))
            data = Dataset(drawn.x[..., 0], drawn.targets[..., 0], drawn.labels[:, 0], ("x", "y"), ("left", "right"))
            mine = losses(cohort.network, cohort.parameters[:, 5:6], data).mean()
            assert measured[-1, 5] == pytest.approx(mine, abs=1e-5)


def test_the_lucky_split_changes_the_validation_points_alone(below: Result) -> None:
    plain, few = below.cohorts["plain"], below.cohorts["few"]
    np.testing.assert_allclose(few.parameters, plain.parameters, atol=1e-4)
    assert KEPT_FEW.rows == FEW
    assert KEPT.rows == OWN.rows == POINTS


def test_no_point_is_both_learned_and_held_back() -> None:
    learned, kept = OWN.draw(SEED, np.arange(2)), KEPT.draw(SEED, np.arange(2))
    assert not set(learned.x[:, 0].ravel().tolist()) & set(kept.x[:, 0].ravel().tolist())


def test_each_cause_lifts_the_shown_loss_and_measuring_alike_takes_it_away(below: Result) -> None:
    counts = {cause: below.share(f"below_share.{cause}").count for cause in CAUSES}
    for cause, alike in {
        "running_mean": "running_mean_last",
        "dropout": "dropout_scored",
        "penalty": "penalty_both",
    }.items():
        assert counts[cause] > 40
        assert counts[alike] < 24
    assert counts["none"] < 24


def test_few_validation_points_scatter_to_both_sides(below: Result) -> None:
    assert value_of(below, "distance.lucky_split") > 2 * value_of(below, "distance.none")
    assert below.share("below_share.lucky_split").count > 12
    assert below.share("above_share.lucky_split").count > 12


def test_without_dropout_and_penalty_the_last_epochs_mean_is_nearly_what_is_measured_after_it(below: Result) -> None:
    found = curves(below.cohorts["plain"])
    assert np.median(found.shown_loss[-1] - found.loss[-1]) == pytest.approx(0, abs=0.005)
    assert np.median(found.shown_loss[1] - found.loss[1]) > 0.05


def test_the_penalty_is_that_of_the_weights_and_not_of_the_biases(below: Result) -> None:
    cohort = below.cohorts["penalty"]
    kernels = [kernel for kernel, _ in cohort.network.unpack(cohort.parameters)]
    penalties = 0.01 * sum((kernel**2).sum(axis=(0, 1)) for kernel in kernels)
    np.testing.assert_allclose(gap_with_penalty(cohort) - shown_gap(cohort), penalties, rtol=1e-5)


def test_outcomes_are_named_by_the_margin(below: Result) -> None:
    cohort = below.cohorts["plain"]
    assert set(outcome(with_losses(cohort, 0.5, 0.47))) == {
        "validation loss 0.02 or more below the shown training loss"
    }
    assert set(outcome(with_losses(cohort, 0.5, 0.49))) == {"not lower, or by less than 0.02"}
    assert set(outcome(with_losses(cohort, np.nan, 0.1))) == {"not lower, or by less than 0.02"}
    assert set(outcome(cohort.untrained)) == {"not lower, or by less than 0.02"}


def test_networks_that_all_learn_the_same_points_can_be_watched_and_taken_home(below: Result) -> None:
    watched = registry.find("validation-below").watched(below)
    assert list(watched) == ["same.plain", "same.dropout", "same.penalty"]
    for name in watched:
        assert below.cohorts[name].plan.aside
        script = export.script(below.cohorts[name].plan, experiment="validation-below", seed=SEED, settings={})
        assert "1,000 points" in script
    assert below.cohorts["plain"].history.positions.size == 0

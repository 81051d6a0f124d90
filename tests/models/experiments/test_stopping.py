"""Stopping: every way to stop is read off one training, judged on points that chose nothing."""

import numpy as np
import pytest

from models import export, registry
from models.backpropagation import losses as losses_of
from models.curve_readings import curves
from models.datasets import Dataset
from models.experiment import Result
from models.experiments.stopping import (
    CLEAR,
    EPOCH,
    FEW,
    HELD_BACK,
    KEPT,
    LAST,
    NEW,
    OWN,
    PATIENCES,
    RULES,
    USUAL,
    best_epoch,
    few,
    good,
    losses,
    new_loss,
    outcome,
)
from tests.models.conftest import Run, value_of
from tests.trained import SEED


@pytest.fixture(scope="module")
def stopping(run: Run) -> Result:
    return run("stopping")


def ended(loss: list[float], patience: int) -> tuple[int, int]:
    """Return after which epoch training ends and which was the best so far, counted one epoch after the other."""
    best, waited = 1, 0
    for epoch in range(2, len(loss)):
        best, waited = (epoch, 0) if loss[epoch] < loss[best] else (best, waited + 1)
        if waited == patience:
            return epoch, best
    return len(loss) - 1, best


def test_best_epochs_are_those_of_the_curves(stopping: Result) -> None:
    for ending, name in (("", "main"), (".same", "same"), (".slow", "slow")):
        cohort = stopping.cohorts[name]
        found = curves(cohort)
        assert found.steps.tolist() == list(range(0, 501, EPOCH))
        best = found.held_back_loss.argmin(axis=0)
        for which, at in (("low", 10), ("median", 50), ("high", 90)):
            assert value_of(stopping, f"minimum_step.{which}{ending}") == pytest.approx(np.percentile(best, at))
        late = np.count_nonzero(best > 100 - LAST)
        assert stopping.share(f"unfinished_share{ending}").count == late


@pytest.mark.parametrize("patience", PATIENCES)
def test_what_a_patience_loses_is_read_off_the_curves(stopping: Result, patience: int) -> None:
    loss, fresh = (losses(stopping.cohorts[name]).T.tolist() for name in ("main", "judged"))
    where = [ended(each, patience) for each in loss]
    last, best = (
        np.array([each[epochs[n]] - min(each) for each, epochs in zip(loss, where, strict=True)]) for n in (0, 1)
    )
    assert value_of(stopping, f"lost.{patience}") == pytest.approx(best.mean(), abs=1e-6)
    assert value_of(stopping, f"lost_last.{patience}") == pytest.approx(last.mean(), abs=1e-6)
    assert stopping.share(f"costly_share.{patience}").count == np.count_nonzero(best >= CLEAR)
    assert stopping.share(f"costly_last_share.{patience}").count == np.count_nonzero(last >= CLEAR)
    assert value_of(stopping, f"stopped.{patience}") == np.median([epochs[0] for epochs in where])
    soon = [epochs[0] < np.argmin(each) for each, epochs in zip(loss, where, strict=True)]
    assert stopping.share(f"too_soon_share.{patience}").count == sum(soon)
    for rule, n in (("last", 0), ("best", 1)):
        new = [each[epochs[n]] for each, epochs in zip(fresh, where, strict=True)]
        assert value_of(stopping, f"new_loss.{rule}.{patience}") == pytest.approx(np.median(new))


def test_rules_without_a_patience_take_one_epoch_for_all(stopping: Result) -> None:
    fresh = losses(stopping.cohorts["judged"])
    assert value_of(stopping, "new_loss.all_epochs") == pytest.approx(np.median(fresh[-1]))
    number = round(value_of(stopping, "minimum_step.median"))
    np.testing.assert_array_equal(new_loss(stopping.cohorts, "one_number"), fresh[number])
    more = new_loss(stopping.cohorts, "all_epochs") - new_loss(stopping.cohorts, USUAL)
    assert stopping.share("worse_share.all_epochs").count == np.count_nonzero(more >= CLEAR)
    assert {rule for rule in RULES if stopping.share(f"worse_share.{rule}").of != 64} == set()


def test_the_three_sets_of_points_judge_the_same_training(stopping: Result) -> None:
    for name in ("judged", "few"):
        np.testing.assert_array_equal(stopping.cohorts[name].parameters, stopping.cohorts["main"].parameters)
    members = np.array([5])
    for name, sampler in (("main", KEPT), ("judged", NEW), ("few", few())):
        drawn, cohort = sampler.draw(SEED, members), stopping.cohorts[name]
        data = Dataset(drawn.x[..., 0], drawn.targets[..., 0], drawn.labels[:, 0], ("x", "y"), ("left", "right"))
        mine = losses_of(cohort.network, cohort.parameters[:, 5:6], data).mean()
        assert losses(cohort)[-1, 5] == pytest.approx(mine, abs=1e-5)
    points = [set(sampler.draw(SEED, members).x[:, 0, 0].tolist()) for sampler in (OWN, KEPT, NEW)]
    assert not points[0] & points[1]
    assert not points[2] & (points[0] | points[1])
    repeated = set(few().draw(SEED, members).x[:, 0, 0].tolist())
    assert len(repeated) == FEW
    assert repeated < points[1]
    assert few().rows == HELD_BACK


def test_no_number_of_epochs_suits_all_and_the_best_weights_let_one_wait(stopping: Result) -> None:
    assert value_of(stopping, "minimum_step.high") > 3 * value_of(stopping, "minimum_step.low")
    assert value_of(stopping, "lost_last.30") > 5 * value_of(stopping, "lost.30")
    assert value_of(stopping, "new_loss.all_epochs") > value_of(stopping, "new_loss.best.10")
    assert stopping.share("unfinished_share.slow").count > stopping.share("unfinished_share").count


def test_outcomes_are_named_by_the_best_epoch_and_some_can_be_watched(stopping: Result) -> None:
    cohort = stopping.cohorts["same"]
    words, best = outcome(cohort), best_epoch(cohort)
    assert set(words[best <= 4]) <= {"at its best by epoch 4"}
    assert set(words[best > 10]) <= {"at its best after epoch 10"}
    assert set(outcome(cohort.untrained)) == {"not trained yet"}
    assert good(cohort.untrained).sum() == 0
    assert list(registry.find("stopping").watched(stopping)) == ["same", "same.slow"]
    script = export.script(cohort.plan, experiment="stopping", seed=SEED, settings={})
    assert "100 points" in script


def test_untrained_networks_have_no_best_epoch_but_the_start(stopping: Result) -> None:
    names = ["minimum_step.median", "lost_last.30", "too_soon_share.1"]
    begun = registry.find("stopping").measure_untrained(stopping.cohorts, names)
    assert getattr(begun["minimum_step.median"], "value", 1) == 0
    assert getattr(begun["lost_last.30"], "value", 1) == 0
    assert getattr(begun["too_soon_share.1"], "count", 1) == 0

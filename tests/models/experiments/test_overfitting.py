"""Overfitting: the curves are those of the networks, and the findings are read off them as they say."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models import registry
from models.curve_readings import accuracy_lost, curves, gap, minimum_step, rise, training_fell
from models.curves import Curves
from models.datasets import overlapping
from models.experiment import Result
from models.experiments.overfitting import (
    CELLS,
    FAR,
    KEPT,
    SHOWN,
    far,
    loss_less_sure,
    loss_on_others,
    own,
    risen,
    same,
    sureness,
)
from models.labs.overlapping import OVERLAPPING
from models.labs.xor import XOR
from models.plans import Cohort, Plan, Start
from tests.models.conftest import Run, train, value_of
from tests.trained import SEED


@pytest.fixture(scope="module")
def overfitting(run: Run) -> Result:
    return run("overfitting")


def with_curves(held_back: npt.ArrayLike, learned: npt.ArrayLike | None = None) -> Cohort:
    """Return a cohort with these losses (steps, networks) and, on what is held back, accuracies of 1 less the loss."""
    losses = np.asarray(held_back, np.float32)
    fallen = losses if learned is None else np.asarray(learned, np.float32)
    made = Curves(np.arange(len(losses)) * 5, fallen, losses, losses, 1 - losses, fallen)
    lab, sampler = same(20)
    plan = Plan("main", lab, Start.by("zero"), 0, learned=sampler, held_back=KEPT)
    return replace(train(plan, networks=losses.shape[1])["main"], curves=made)


def test_every_cell_and_family_is_reported_of_all_networks(overfitting: Result) -> None:
    for points, width in CELLS:
        for family in ("rise_share", "training_fell_share"):
            assert overfitting.share(f"{family}.{points}.{width}").of == 64
        for family in ("minimum_step", "rise", "accuracy_lost", "accuracy", "learned_accuracy", "sureness", "gap"):
            value_of(overfitting, f"{family}.{points}.{width}")
        loss, best = (value_of(overfitting, f"{family}.{points}.{width}") for family in ("loss", "loss_less_sure"))
        assert best <= loss
    assert [name for name in overfitting.findings if "same" in name] == ["rise_share.same.20.2"]
    rose = risen(overfitting.cohorts["same.20.2"])
    assert (overfitting.share("rise_share.same.20.2").count, 64) == (rose.sum(), rose.size)


def test_findings_are_read_off_the_curves(overfitting: Result) -> None:
    found = curves(overfitting.cohorts["20.16"])
    assert found.steps.tolist() == list(range(0, 801, 5))
    least = found.held_back_loss.argmin(axis=0)
    every = np.arange(64)
    ratio = found.held_back_loss[-1] / found.held_back_loss[least, every]
    lost = found.held_back_accuracy[least, every] - found.held_back_accuracy[-1]
    assert overfitting.share("rise_share.20.16").count == np.count_nonzero(ratio >= 1.2)
    assert value_of(overfitting, "rise.20.16") == pytest.approx(np.median(ratio))
    assert value_of(overfitting, "minimum_step.20.16") == np.median(5 * least)
    assert value_of(overfitting, "accuracy_lost.20.16") == pytest.approx(np.median(lost))
    assert value_of(overfitting, "gap.20.16") == pytest.approx(np.median(found.held_back_loss[-1] - found.loss[-1]))
    fell = found.loss[-1] < found.loss[least, every]
    assert overfitting.share("training_fell_share.20.16").count == np.count_nonzero(fell)


def test_few_points_and_many_neurons_make_the_held_back_loss_rise_and_many_points_do_not(overfitting: Result) -> None:
    counts = {cell: overfitting.share(f"rise_share.{cell[0]}.{cell[1]}").count for cell in CELLS}
    assert counts[20, 16] > 56
    assert counts[1000, 8] < 8
    assert counts[20, 2] < counts[20, 16]
    assert counts[100, 16] < counts[20, 16]


def test_no_accuracy_is_far_above_the_best_possible(overfitting: Result) -> None:
    for points, width in CELLS:
        means = curves(overfitting.cohorts[f"{points}.{width}"]).held_back_accuracy.mean(axis=1)  # (steps,)
        # Of 64 * 200 held-back points, which are drawn once: four standard deviations.
        assert means.max() < overlapping.BEST_ACCURACY + 4 * np.sqrt(0.84 * 0.16 / 12_800)


def test_a_loss_that_only_falls_has_not_risen_and_one_that_doubles_has() -> None:
    cohort = with_curves([[1.0, 1.0, 1.0], [0.5, 0.4, np.nan], [0.25, 0.8, np.inf]], np.full((3, 3), 0.5))
    assert rise(cohort).tolist()[:2] == pytest.approx([1, 2])
    assert rise(cohort)[2] == np.inf
    assert minimum_step(cohort).tolist() == [10, 5, 0]
    assert accuracy_lost(cohort).tolist()[:2] == pytest.approx([0, 0.4])
    assert gap(cohort).tolist()[:2] == pytest.approx([-0.25, 0.3])
    assert training_fell(cohort).tolist() == [False] * 3


def test_a_network_without_finite_losses_has_no_least_one() -> None:
    cohort = with_curves([[np.nan], [np.nan]])
    assert np.isnan(minimum_step(cohort)).all()
    assert not (rise(cohort) >= 1).any()
    assert not training_fell(cohort).any()


def test_a_cohort_without_curves_says_what_its_plan_lacks() -> None:
    with pytest.raises(ValueError, match="xor has no curves: give its plan examples"):
        curves(train(Plan("xor", XOR, Start.by("zero"), 0))["xor"])


def test_untrained_networks_have_not_risen(overfitting: Result) -> None:
    experiment = registry.find("overfitting")
    names = ["rise_share.20.16", "accuracy_lost.20.16", "minimum_step.20.16"]
    begun = experiment.measure_untrained(overfitting.cohorts, names)
    assert [getattr(begun[name], "count", getattr(begun[name], "value", None)) for name in names] == [0, 0, 0]


@pytest.mark.parametrize("points", [20, 100, 1000])
def test_each_network_learns_so_many_points_of_its_own(points: int) -> None:
    drawn = own(points).draw(SEED, np.arange(3))
    assert drawn.weights.sum(axis=0).tolist() == [points] * 3
    assert len({column.tobytes() for column in np.moveaxis(drawn.x, -1, 0)}) == 3
    kept = KEPT.draw(SEED, np.arange(3))
    assert not set(kept.x[..., 0].ravel().tolist()) & set(drawn.x[..., 0].ravel().tolist())


@pytest.mark.parametrize("points", [20, 100])
def test_what_is_shown_learns_the_points_that_are_drawn(points: int) -> None:
    lab, sampler = same(points)
    drawn = sampler.draw(SEED, np.arange(2))
    for network in range(2):
        there = drawn.weights[:, network] > 0
        np.testing.assert_array_equal(drawn.x[there, :, network], lab.data.x)
        np.testing.assert_array_equal(drawn.labels[there, network], lab.data.labels)


def test_shown_networks_are_recorded_and_the_loss_of_the_history_is_that_of_the_curves(overfitting: Result) -> None:
    assert list(registry.find("overfitting").watched(overfitting)) == list(SHOWN)
    cohort = overfitting.cohorts["same.20.8"]
    np.testing.assert_array_equal(cohort.history.loss[-1], curves(cohort).loss[-1])


def test_guessing_is_far_from_the_least_possible_loss_and_the_nearer_centre_is_not() -> None:
    cohort = knowing(0, 1)
    assert FAR * overlapping.best_loss() < np.log(2)
    assert far(cohort).tolist() == [True, False]
    none, right = sureness(cohort)
    assert none == 0.5
    assert right == pytest.approx(overlapping.BEST_ACCURACY, abs=0.03)  # who knows the odds is as sure as right


def test_networks_that_learned_few_points_are_surer_than_right(overfitting: Result) -> None:
    surplus = {
        name: value_of(overfitting, f"sureness.{name}") - value_of(overfitting, f"accuracy.{name}")
        for name in ("20.16", "1000.8")
    }
    assert surplus["20.16"] > 0.08
    assert abs(surplus["1000.8"]) < 0.04


def knowing(*factors: float) -> Cohort:
    """Return networks of two neurons whose outputs are these multiples of the log-odds, 2 x₁."""
    network = OVERLAPPING.network
    parameters = np.zeros((network.size, len(factors)), np.float32)
    (kernel, _), (outgoing, _) = network.unpack(parameters)
    kernel[0, 0], kernel[0, 1] = 1, -1
    outgoing[0, 0], outgoing[1, 0] = 2 * np.array(factors), -2 * np.array(factors)
    return replace(with_curves(np.ones((1, len(factors)))), network=network, parameters=parameters)


def test_less_sure_in_the_best_way_is_as_sure_as_the_odds_allow() -> None:
    cohort = knowing(1, 3, 10, -1, 0.2)
    loss, best = loss_on_others(cohort), loss_less_sure(cohort)
    assert best[1:3] == pytest.approx(best[0], rel=0.01)  # the same answers, scaled back
    assert loss[1] > 1.3 * best[1]
    assert loss[2] > 4 * best[2]
    assert best[3] == pytest.approx(np.log(2), abs=1e-3)  # who is mostly wrong had better not be sure at all
    assert best[4] == pytest.approx(loss[4], rel=0.01)  # it is not sure enough, and is made no surer


def test_most_of_what_few_points_cost_many_neurons_is_that_they_are_too_sure(overfitting: Result) -> None:
    loss, best = (value_of(overfitting, f"{family}.20.16") for family in ("loss", "loss_less_sure"))
    assert loss - best > 0.5 * (loss - overlapping.best_loss())
    assert value_of(overfitting, "loss.1000.8") - value_of(overfitting, "loss_less_sure.1000.8") < 0.02

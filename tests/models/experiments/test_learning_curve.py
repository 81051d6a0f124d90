"""Learning curve: fewer points are the first of more, copies are no new points, and accuracies are those on all."""

from dataclasses import replace

import numpy as np
import pytest

from models import registry
from models.curve_readings import curves
from models.datasets import overlapping
from models.experiment import Result
from models.experiments.learning_curve import (
    BLOCK,
    COPIED,
    COPIES,
    DOUBLED,
    NEAR,
    POINTS,
    copied,
    duplicated,
    gained,
    good,
    lowest_tenth,
    near,
    outcome,
    true_accuracy,
)
from models.experiments.overfitting import KEPT, own
from models.labs.overlapping import OVERLAPPING
from models.plans import Cohort
from tests.models.conftest import Run, value_of
from tests.trained import SEED


@pytest.fixture(scope="module")
def learned(run: Run) -> Result:
    return run("learning-curve")


def constructed(cohort: Cohort, slopes: list[float]) -> Cohort:
    """Return the cohort with networks that take the nearer centre with these slopes: its opposite, if negative."""
    parameters = np.zeros((cohort.network.size, len(slopes)), np.float32)
    (kernel, _), (outgoing, _) = cohort.network.unpack(parameters)
    kernel[0, 0], kernel[0, 1], outgoing[0, 0], outgoing[1, 0] = 1, -1, slopes, np.negative(slopes)
    return replace(cohort, parameters=parameters, loss=np.zeros(len(slopes), np.float32))


def test_every_number_of_points_is_reported_of_all_networks(learned: Result) -> None:
    for name in (*map(str, POINTS), "duplicated"):
        for family in ("near_share", "misjudged_share"):
            assert learned.share(f"{family}.{name}").of == 64
        for family in ("accuracy", "low", "learned", "gap"):
            value_of(learned, f"{family}.{name}")
    assert not [name for name in learned.findings if "same" in name]


def test_findings_are_read_off_the_networks(learned: Result) -> None:
    cohort, held_back = learned.cohorts["50"], curves(learned.cohorts["50"]).held_back_accuracy[-1]
    mine = true_accuracy(cohort)
    outputs = OVERLAPPING.network.forward(cohort.parameters[:, [7]], overlapping.everywhere().x)[-1][:, 0, 0]
    assert mine[7] == ((outputs > 0) == overlapping.everywhere().labels).mean()
    assert value_of(learned, "accuracy.50") == np.median(mine)
    assert value_of(learned, "low.50") == pytest.approx(np.percentile(mine, 10))
    assert value_of(learned, "learned.50") == np.median(curves(cohort).accuracy[-1])
    assert value_of(learned, "gap.50") == pytest.approx(np.median(curves(cohort).accuracy[-1] - mine))
    best = overlapping.BEST_ACCURACY
    assert learned.share("near_share.50").count == np.count_nonzero(mine >= best - NEAR)
    assert learned.share("misjudged_share.50").count == np.count_nonzero(np.abs(held_back - mine) >= 0.02)
    for more, half in DOUBLED.items():
        gain = true_accuracy(learned.cohorts[f"{more}"]) - true_accuracy(learned.cohorts[f"{half}"])
        np.testing.assert_array_equal(gained(learned.cohorts, f"{more}"), gain)
        assert learned.share(f"helped_share.{more}").count == np.count_nonzero(gain >= 0.01)
        assert learned.share(f"harmed_share.{more}").count == np.count_nonzero(gain <= -0.01)


def test_held_back_points_agree_on_average_with_all_points(learned: Result) -> None:
    cohort = learned.cohorts["1000"]
    means = curves(cohort).held_back_accuracy[-1].mean(), true_accuracy(cohort).mean()
    assert means[0] == pytest.approx(means[1], abs=4 * np.sqrt(0.84 * 0.16 / 12_800))  # four standard deviations


def test_the_fewer_points_are_the_first_of_the_more_and_none_is_held_back() -> None:
    members = np.arange(3)
    most = own(POINTS[-1]).draw(SEED, members)
    for points in POINTS:
        drawn = own(points).draw(SEED, members)
        assert drawn.weights.sum(axis=0).tolist() == [points] * 3
        np.testing.assert_array_equal(drawn.x[:points], most.x[:points])
        np.testing.assert_array_equal(drawn.targets[:points], most.targets[:points])
    kept = KEPT.draw(SEED, members)
    assert not set(kept.x[:, 0].ravel().tolist()) & set(most.x[:, 0].ravel().tolist())


def test_all_begin_alike_and_train_for_as_many_steps(learned: Result) -> None:
    for name in (*map(str, POINTS[1:]), "duplicated"):
        np.testing.assert_array_equal(learned.cohorts[name].start, learned.cohorts["10"].start)
    assert {cohort.plan.steps for cohort in learned.cohorts.values()} == {800}


def test_copies_are_the_same_points_again_and_change_nothing_but_roundings(learned: Result) -> None:
    once, again = own(COPIED).draw(SEED, np.arange(2)), copied().draw(SEED, np.arange(2))
    assert again.weights.sum(axis=0).tolist() == [COPIED * COPIES] * 2
    for copy in range(COPIES):
        np.testing.assert_array_equal(again.x[copy * COPIED : (copy + 1) * COPIED], once.x[:COPIED])
    first, copies = learned.cohorts[f"{COPIED}"], learned.cohorts["duplicated"]
    np.testing.assert_allclose(curves(copies).loss[-1], curves(first).loss[-1], atol=1e-3)
    assert np.abs(gained(learned.cohorts, "duplicated")).max() < 0.01


def test_what_is_shown_learns_what_is_drawn() -> None:
    lab, sampler = duplicated(COPIED)
    drawn = sampler.draw(SEED, np.arange(2))
    assert lab.data is lab.data
    np.testing.assert_array_equal(drawn.x[..., 1], lab.data.x)
    np.testing.assert_array_equal(drawn.labels[:, 0], lab.data.labels)
    assert registry.find("learning-curve").replay is not None


def test_more_points_help_where_there_are_few_and_not_where_the_ceiling_is_reached(learned: Result) -> None:
    assert value_of(learned, "accuracy.1000") > value_of(learned, "accuracy.20")
    assert value_of(learned, "accuracy.1000") < overlapping.BEST_ACCURACY + 0.001
    assert learned.share("near_share.200").count > 56
    assert learned.share("near_share.20").count < 36
    assert learned.share("helped_share.100").count > 12
    assert learned.share("helped_share.1000").count < 4
    assert learned.share("harmed_share.20").count > 5
    assert value_of(learned, "gap.20") > 0.08
    assert value_of(learned, "gap.1000") < 0.03


def test_the_nearer_centre_is_the_best_and_what_diverged_is_neither_near_nor_lowest(learned: Result) -> None:
    cohort = constructed(learned.cohorts["20"], [2, -2, np.nan])
    assert true_accuracy(cohort) == pytest.approx([0.8413, 0.1587, np.nan], abs=0.001, nan_ok=True)
    assert near(cohort).tolist() == [True, False, False]
    assert good(cohort).tolist() == [True, False, False]
    assert outcome(cohort)[1] == "less than 80 % of 400 other points right"
    assert lowest_tenth(cohort) is None


def test_networks_beyond_a_block_are_judged_too(learned: Result) -> None:
    assert true_accuracy(constructed(learned.cohorts["20"], [2.0] * BLOCK + [-2.0]))[[0, -1]].round(2).tolist() == [
        0.84,
        0.16,
    ]


def test_untrained_networks_guess(learned: Result) -> None:
    begun = registry.find("learning-curve").measure_untrained(learned.cohorts, ["accuracy.1000", "gap.20"])
    assert getattr(begun["accuracy.1000"], "value", 0) == pytest.approx(0.5, abs=0.15)
    assert getattr(begun["gap.20"], "value", 1) == pytest.approx(0, abs=0.05)

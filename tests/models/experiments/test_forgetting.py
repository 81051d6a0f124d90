"""Forgetting: what is left of the old points is counted anew, and every way goes on from the same networks."""

import numpy as np
import pytest

from models.experiment import Result
from models.experiments.forgetting import LAB, STEPS, WAYS, outcome
from tests.models.conftest import Run, value_of

X, LABELS = LAB.data.x, LAB.data.labels


@pytest.fixture(scope="module")
def forgetting(run: Run) -> Result:
    return run("forgetting")


def answers(result: Result, name: str) -> np.ndarray:
    """Return the class (rows, networks) that each network gives to each point, computed layer by layer."""
    (w1, b1), (w2, b2) = LAB.network.unpack(result.cohorts[name].parameters)
    hidden = np.maximum(np.einsum("rf,fun->run", X, w1) + b1, 0)
    return np.asarray((np.einsum("run,uon->ron", hidden, w2) + b2).argmax(axis=1))


@pytest.mark.parametrize("name", [*WAYS, "outlying"])
def test_old_and_new_points_are_counted_apart(forgetting: Result, name: str) -> None:
    new = np.equal(LABELS, 3 if name == "outlying" else 1)
    right = answers(forgetting, name) == LABELS[:, None]
    left = right[~new].mean(axis=0)
    assert value_of(forgetting, f"kept.{name}") == pytest.approx(np.median(left))
    assert forgetting.share(f"still_share.{name}").count == (left >= 0.9).sum()
    assert value_of(forgetting, f"new_accuracy.{name}") == pytest.approx(np.median(right[new].mean(axis=0)))


def test_every_way_goes_on_from_the_networks_that_learned_the_old_points(forgetting: Result) -> None:
    before = forgetting.cohorts["before"]
    for name in WAYS:
        np.testing.assert_array_equal(forgetting.cohorts[name].start, before.parameters)
    np.testing.assert_array_equal(forgetting.cohorts["again"].start, forgetting.cohorts["new_alone"].parameters)


def test_each_way_learns_its_own_rows(forgetting: Result) -> None:
    counts = {"new_alone": 0, "replay_10": 1, "replay_25": 3, "first_layer_held": 0, "slow": 0, "together": 25}
    for name, few in counts.items():
        learned = forgetting.cohorts[name].plan.learned
        assert learned is not None
        there = learned.draw(0, np.arange(1)).weights[:, 0] > 0
        assert np.bincount(LABELS[there], minlength=4).tolist() == [few, 25, few, few]


def test_only_what_is_held_does_not_move(forgetting: Result) -> None:
    first = LAB.network.layers[0]
    for name in WAYS:
        cohort = forgetting.cohorts[name]
        moved = (cohort.parameters != cohort.start)[first.kernel].any()
        assert moved == (name != "first_layer_held")


def test_the_course_of_forgetting_is_that_of_the_recorded_steps(forgetting: Result) -> None:
    cohort = forgetting.cohorts["new_alone"]
    old = LABELS != 1
    for step in STEPS:
        row = cohort.history.steps.tolist().index(step)
        outputs = cohort.network.forward(cohort.history.parameters[row], X)[-1]
        right = outputs.argmax(axis=1) == LABELS[:, None]
        assert value_of(forgetting, f"kept_accuracy.{step}") == pytest.approx(np.median(right[old].mean(axis=0)))
    assert value_of(forgetting, "kept_accuracy.200") == value_of(forgetting, "kept.new_alone")


def test_networks_are_grouped_by_the_blobs_that_they_lost(forgetting: Result) -> None:
    right = answers(forgetting, "new_alone") == LABELS[:, None]
    for network, words in enumerate(outcome(forgetting.cohorts["new_alone"]).tolist()):
        gone = [str(blob) for blob in (0, 2, 3) if right[blob == LABELS, network].mean() < 0.5]
        told = ["no old blob lost", "blob {} lost", "blobs {} and {} lost", "blobs {}, {} and {} lost"]
        assert words == told[len(gone)].format(*gone)


def test_old_points_are_lost_unless_some_are_kept_in(forgetting: Result) -> None:
    assert forgetting.share("learned_share").count == 64
    kept = [value_of(forgetting, f"kept.{name}") for name in ("first_layer_held", "new_alone", "replay_10", "together")]
    assert kept == sorted(kept)
    assert value_of(forgetting, "kept_when_learned.new_alone") > 0.9

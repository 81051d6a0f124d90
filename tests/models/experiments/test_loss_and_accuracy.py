"""Loss and accuracy: who counts as disagreeing follows from the curves, and the worst points' part from the losses."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from models.curve_readings import curves
from models.curves import Curves
from models.datasets import wavy
from models.experiment import Result
from models.experiments.loss_and_accuracy import (
    MISLABELLED,
    OWN_KEPT,
    SAME,
    accuracy_fell,
    both_rise,
    from_worst,
    from_wrong,
    others,
    point_losses,
    same_accuracy_less_loss,
    wrong,
)
from models.experiments.overfitting import HELD_BACK
from models.plans import Cohort, Plan, Start
from models.samples import Sampler
from tests.models.conftest import Run, train, value_of
from tests.trained import SEED


@pytest.fixture(scope="module")
def result(run: Run) -> Result:
    return run("loss-and-accuracy")


def with_curves(losses: npt.ArrayLike, accuracies: npt.ArrayLike) -> Cohort:
    """Return a cohort with these losses and accuracies (steps, networks), learned and held back alike."""
    loss, accuracy = (np.asarray(values, np.float32) for values in (losses, accuracies))
    made = Curves(np.arange(len(loss)) * 10, loss, accuracy, loss, accuracy, loss)
    learned = Sampler.shared("points", wavy.load())
    plan = Plan("main", SAME, Start.by("zero"), 0, learned=learned, held_back=OWN_KEPT)
    return replace(train(plan, networks=loss.shape[1])["main"], curves=made)


def test_both_rise_where_the_loss_has_turned_and_more_is_right_than_there() -> None:
    losses = [[1.0] * 4, [0.5] * 4, [0.7, 0.7, 0.7, 0.55]]  # the last one has hardly risen
    accuracies = [[0.5] * 4, [0.8] * 4, [0.85, 0.8, 0.7, 0.85]]
    cohort = with_curves(losses, accuracies)
    assert both_rise(cohort).tolist() == [True, False, False, False]
    assert accuracy_fell(cohort).tolist() == [False, False, True, False]


def test_the_same_accuracy_with_less_loss_compares_the_end_with_half_way() -> None:
    losses = [[1.0] * 3, [0.5] * 3, [0.5] * 3, [0.3] * 3, [0.3, 0.3, 0.45]]
    accuracies = [[0.5] * 3, [0.9] * 3, [0.9] * 3, [0.9] * 3, [0.9, 0.95, 0.9]]
    assert same_accuracy_less_loss(with_curves(losses, accuracies)).tolist() == [True, False, False]


def test_wrong_labels_change_the_ruler_and_not_the_networks(result: Result) -> None:
    plain, other = (result.cohorts[name] for name in ("wavy", "mislabelled"))
    np.testing.assert_array_equal(plain.parameters, other.parameters)
    np.testing.assert_array_equal(curves(plain).loss, curves(other).loss)
    right, given = (sampler.draw(SEED, np.arange(3)) for sampler in (OWN_KEPT, MISLABELLED))
    np.testing.assert_array_equal(right.x, given.x)
    assert (right.labels != given.labels).sum(axis=0).tolist() == [HELD_BACK // 20] * 3
    assert (curves(other).held_back_loss[-1] > curves(plain).held_back_loss[-1]).all()


def test_findings_are_read_off_the_curves(result: Result) -> None:
    for name in ("wavy", "mislabelled", "clouds"):
        found = curves(result.cohorts[name])
        least = found.held_back_loss.argmin(axis=0)
        rose = found.held_back_loss[-1] >= 1.2 * found.held_back_loss.min(axis=0)
        then = found.held_back_accuracy[least, np.arange(64)]
        change = np.rint(HELD_BACK * (found.held_back_accuracy[-1] - then))  # points, of which two are 1 %
        assert result.share(f"loss_rise_share.{name}").count == np.count_nonzero(rose)
        assert result.share(f"both_rise_share.{name}").count == np.count_nonzero(rose & (change >= 2))
        assert result.share(f"accuracy_fell_share.{name}").count == np.count_nonzero(rose & (change <= -2))
        assert value_of(result, f"accuracy_then.{name}") == pytest.approx(np.median(then))
    assert result.share("both_rise_share.wavy").count > result.share("both_rise_share.clouds").count
    assert result.share("accuracy_fell_share.clouds").count > result.share("accuracy_fell_share.wavy").count


def test_the_worst_points_carry_the_loss(result: Result) -> None:
    cohort = result.cohorts["wavy"]
    outputs = cohort.network.forward(cohort.parameters, others().x)[-1][:, 0]
    labels = others().labels[:, None]
    expected = np.logaddexp(0, np.where(labels == 1, -outputs, outputs))  # (rows, networks)
    np.testing.assert_allclose(point_losses(cohort), expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(wrong(cohort), (outputs > 0) != labels)
    worst = -np.sort(-expected, axis=0)[:20].sum(axis=0) / expected.sum(axis=0)
    np.testing.assert_allclose(from_worst(cohort), worst, rtol=1e-4)
    assert value_of(result, "loss_from_worst.5") == pytest.approx(np.median(worst), rel=1e-4)
    carried = (expected * ((outputs > 0) != labels)).sum(axis=0) / expected.sum(axis=0)
    np.testing.assert_allclose(from_wrong(cohort), carried, rtol=1e-4)
    assert value_of(result, "loss_where_wrong") > np.log(2) > value_of(result, "loss_where_right")

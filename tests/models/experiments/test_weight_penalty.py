"""The penalty on weights: sizes, bends and counts are what an independent computation gives."""

import numpy as np
import pytest

from models.curve_readings import curves
from models.datasets import overlapping
from models.experiment import Result
from models.experiments.weight_penalty import FOR_MANY, LAMBDAS, bend, constant, norm
from models.labs.overlapping import OVERLAPPING
from tests.models.conftest import Run, by_hand, value_of


@pytest.fixture(scope="module")
def penalty(run: Run) -> Result:
    return run("weight-penalty")


def parameters(*, kernel: float, outgoing: float, bias: float) -> list[float]:
    """Return a network of eight neurons of which one looks at the first feature and the others at nothing."""
    first = [kernel] + [0.0] * 15
    return first + [bias] + [0.0] * 7 + [outgoing] + [0.0] * 7 + [0.0]


def test_straight_bent_and_constant_outputs_are_told_apart() -> None:
    straight = parameters(kernel=1, outgoing=1, bias=100)
    bent = parameters(kernel=1, outgoing=1, bias=0)
    nothing = parameters(kernel=1e-3, outgoing=1e-3, bias=100)
    cohort = by_hand(OVERLAPPING, np.array([straight, bent, nothing]).T)
    np.testing.assert_array_equal(constant(cohort), [False, False, True])
    found = bend(cohort)
    assert found[0] == pytest.approx(0, abs=1e-6)
    assert found[1] > 0.05
    assert np.isnan(found[2])
    np.testing.assert_allclose(norm(cohort), [np.sqrt(2), np.sqrt(2), np.sqrt(2) * 1e-3], rtol=1e-5)


def test_weights_shrink_and_the_training_loss_grows_with_lambda(penalty: Result) -> None:
    norms = [value_of(penalty, f"norm.{each}") for each in LAMBDAS]
    losses = [value_of(penalty, f"train_loss.{each}") for each in LAMBDAS]
    assert norms == sorted(norms, reverse=True)
    assert losses == sorted(losses)
    assert value_of(penalty, "held_back_loss.0.03") < value_of(penalty, "held_back_loss.0")


def test_above_the_lambda_that_is_computed_the_output_is_constant(penalty: Result) -> None:
    data = overlapping.everywhere()
    gain = np.linalg.norm(
        ((0.5 - data.targets) * data.x).mean(axis=0)
    )  # of the best direction, for each unit of |v||w|
    assert gain / 2 == pytest.approx(0.25, abs=0.005)
    assert penalty.share("constant_share.100.0.03").count == 0
    assert penalty.share("constant_share.0.03").count == 0
    assert penalty.share("constant_share.1").count == 64
    assert penalty.cohorts["1"].parameters[-1] != pytest.approx(0, abs=1e-9)  # biases are not penalised
    assert value_of(penalty, "held_back_loss.1") == pytest.approx(np.log(2), abs=0.01)


def test_networks_are_compared_with_themselves_without_a_penalty(penalty: Result) -> None:
    plain, other = penalty.cohorts["0"], penalty.cohorts["0.03"]
    np.testing.assert_array_equal(plain.start, other.start)
    one, two = curves(plain), curves(other)
    np.testing.assert_allclose(one.held_back_loss[0], two.held_back_loss[0])  # the same held-back points
    assert penalty.share("helped_share.0.03").count == np.sum(two.held_back_loss[-1] < one.held_back_loss[-1])
    gained = two.held_back_accuracy[-1] - one.held_back_accuracy[-1]
    assert penalty.share("more_right_share.0.03").count == np.sum(gained > 0.0199)
    for name in FOR_MANY[1:]:
        assert penalty.share(f"helped_share_100.{name}").of == 64

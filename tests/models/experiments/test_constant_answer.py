"""The same answer for every input: what counts as constant, which number is given, and what class weights change."""

import numpy as np
import pytest

from models.backpropagation import backward_pass
from models.experiment import Result
from models.experiments.constant_answer import (
    CAUSES,
    EVEN,
    OWN,
    balanced_clouds,
    constant,
    flat,
    frequency,
    one_against_three,
    probability,
)
from models.labs.coffee import COFFEE
from tests.models.conftest import Run, by_hand, value_of


@pytest.fixture(scope="module")
def answers(run: Run) -> Result:
    return run("constant-answer")


def test_constant_is_one_class_and_flat_is_one_number() -> None:
    # Columns: output 0 everywhere; an output that always stays below 0 and varies; an output of both signs.
    parameters = np.zeros((COFFEE.network.size, 3))
    (kernel, _), (outgoing, bias) = COFFEE.network.unpack(parameters)
    kernel[0, 0, 1:] = 1
    outgoing[0, 0, 1:] = 2
    bias[0] = (-1, -4, -1)
    cohort = by_hand(COFFEE, parameters)
    assert constant(cohort).tolist() == [True, True, False]
    assert flat(cohort).tolist() == [True, False, False]


def test_a_network_that_diverged_is_neither() -> None:
    cohort = by_hand(COFFEE, np.full((COFFEE.network.size, 1), np.nan))
    assert not constant(cohort).any()
    assert not flat(cohort).any()


def test_each_cause_is_counted_as_its_answers_say(answers: Result) -> None:
    for name in CAUSES:
        cohort = answers.cohorts[name]
        x = balanced_clouds().x if name in ("imbalance", "weights") else cohort.data.x
        outputs = cohort.network.forward(cohort.parameters, x)[-1]
        ones = (outputs[:, 0] > 0 if outputs.shape[1] == 1 else outputs.argmax(axis=1) == 1).mean(axis=0)
        expected = np.count_nonzero(np.maximum(ones, 1 - ones) >= 0.99)
        assert answers.share(f"constant_share.{name}").count == expected
    shares = {name: answers.share(f"constant_share.{name}").count for name in CAUSES}
    assert shares["none"] + shares["weights"] < 4
    assert min(shares[name] for name in ("few_steps", "unscaled", "dead", "imbalance")) > 48


def test_where_nothing_gets_through_the_number_is_the_class_frequency(answers: Result) -> None:
    for name in ("unscaled", "dead"):
        assert answers.share(f"constant_is_frequency.{name}").count > 56
        cohort = answers.cohorts[name]
        assert value_of(answers, f"probability.{name}") == pytest.approx(frequency(cohort), abs=0.02)
    assert frequency(answers.cohorts["unscaled"]) == COFFEE.data.labels.mean()
    assert frequency(answers.cohorts["dead"]) == 0.75 == (one_against_three().labels == 1).mean()
    assert answers.share("flat_share.imbalance").count < 8
    assert answers.share("flat_share.few_steps").count < 8


def test_no_gradient_reaches_the_hidden_layer_of_silent_neurons(answers: Result) -> None:
    cohort = answers.cohorts["dead"]
    hidden = slice(0, cohort.network.layers[0].bias.stop)
    assert not backward_pass(cohort.network, cohort.start, cohort.data).gradients[:, hidden].any()
    np.testing.assert_array_equal(cohort.parameters[hidden], cohort.start[hidden])
    assert answers.share("constant_share.dead").count == 64


def test_class_weights_buy_the_rare_class_with_the_common_one(answers: Result) -> None:
    plain, even = (each.draw(3, np.arange(2)) for each in (OWN, EVEN))
    assert (plain.labels.sum(axis=0) == 50).all()
    sums = [(even.weights * (even.labels == label)).sum(axis=0) for label in (0, 1)]
    np.testing.assert_allclose(sums[0], sums[1])
    for name in ("imbalance", "weights"):
        says = probability(answers.cohorts[name]) > 0.5
        right = (says == balanced_clouds().labels[:, None])[balanced_clouds().labels == 0].mean(axis=0)
        assert value_of(answers, f"common_right.{name}") == pytest.approx(np.median(right))
    assert value_of(answers, "rare_right.weights") > 0.5 > value_of(answers, "rare_right.imbalance")
    assert value_of(answers, "common_right.weights") < value_of(answers, "common_right.imbalance")
    held = constant(answers.cohorts["imbalance"])
    assert answers.share("helped_share.weights").of == np.count_nonzero(held)

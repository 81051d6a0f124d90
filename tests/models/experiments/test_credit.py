"""Credit: the three checks of the gradients, what is counted of the worst-judged roast, and the ledger's numbers."""

import gzip
import json

import numpy as np
import pytest

from models import registry
from models.backpropagation import backward_pass, losses
from models.datasets import coffee
from models.experiment import Result
from models.labs.coffee import COFFEE
from tests.models.conftest import Run, value_of
from tests.models.experiments.conftest import Remeasure

NETWORK = COFFEE.network


@pytest.fixture(scope="module")
def credit(run: Run) -> Result:
    return run("credit")


@pytest.mark.parametrize("name", ["mean_gradient_error", "chain_rule_error", "finite_difference_error"])
def test_the_gradients_agree_up_to_the_rounding_of_single_precision(credit: Result, name: str) -> None:
    assert 0 < value_of(credit, name) < 5e-6
    assert value_of(credit, name) < value_of(credit, "gradient_size") / 1_000


def test_a_wrong_chain_rule_would_be_seen(
    credit: Result, remeasure: Remeasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.backpropagation.slope", lambda *sums: np.ones_like(sums[1]))
    wrong = remeasure(credit, credit.cohorts["main"].parameters)
    for name in ("mean_gradient_error", "chain_rule_error"):
        assert value_of(wrong, name) > 1e-3
    assert value_of(wrong, "finite_difference_error") == value_of(credit, "finite_difference_error")


@pytest.mark.parametrize("name", ["opposite_push_share", "adds_up_share", "largest_weight_share", "diverged_share"])
def test_shares_are_of_all_networks(credit: Result, name: str) -> None:
    assert credit.share(name).of == 64


def test_the_worst_judged_roast_is_the_one_with_the_largest_loss(credit: Result) -> None:
    parameters = credit.cohorts["main"].parameters
    worst = backward_pass(NETWORK, parameters, coffee.load()).worst
    np.testing.assert_array_equal(worst, losses(NETWORK, parameters, coffee.load()).argmax(axis=0))


def test_opposite_pushes_are_outgoing_weights_of_both_signs(credit: Result) -> None:
    # A sigmoid's slope is above 0, so that a share has the sign of the error times the outgoing weight.
    outgoing = NETWORK.unpack(credit.cohorts["main"].parameters)[1][0][:, 0]
    both = (outgoing > 0).any(axis=0) & (outgoing < 0).any(axis=0)
    assert credit.share("opposite_push_share").count == np.count_nonzero(both)


def test_shares_that_add_up_are_counted(credit: Result, remeasure: Remeasure) -> None:
    # At the point where all sums are 0, each slope is 1/4: outgoing weights of 2, 1 and 1 share out the whole error.
    even = np.zeros((NETWORK.size, 3), np.float32)
    outgoing = NETWORK.unpack(even)[1][0]
    outgoing[:, 0] = np.array([[2, 1, 1], [2, 1, 2], [2, 1, 1.3]]).T
    again = remeasure(credit, even)
    assert (again.share("adds_up_share").count, again.share("adds_up_share").of) == (2, 3)
    assert again.share("largest_weight_share").count == 3
    assert value_of(again, "largest_share") == pytest.approx(2 / 4.3)


def test_a_mean_of_pushes_that_cancel_is_short(credit: Result) -> None:
    kept, against = value_of(credit, "kept_in_mean"), value_of(credit, "against_mean")
    assert 0 < kept < 1
    assert 0 < against < 0.5
    found = backward_pass(NETWORK, credit.cohorts["main"].parameters, coffee.load())
    mean = found.gradients.mean(axis=0)
    assert against == pytest.approx(np.median((np.einsum("rpn,pn->rn", found.gradients, mean) < 0).mean(axis=0)))


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("credit", networks=networks, steps=30)
    assert result.share("opposite_push_share").of == networks
    assert value_of(result, "chain_rule_error") < 5e-6


def test_where_outgoing_weights_have_one_sign_so_have_the_pushes(credit: Result) -> None:
    alike = credit.share("opposite_push_share.one_sign")
    outgoing = credit.cohorts["main"].network.unpack(credit.cohorts["main"].parameters)[1][0][:, 0]
    assert alike.of == np.count_nonzero(np.abs(np.sign(outgoing).sum(axis=0)) == 3) > 0
    assert alike.count == 0


def test_the_replay_counts_those_that_have_halved_their_loss(credit: Result) -> None:
    (cohort,) = json.loads(gzip.decompress(registry.find("credit").recording(credit)))["cohorts"]
    loss = credit.cohorts["main"].history.loss  # (steps, networks)
    assert cohort["view"] == "gradients"
    assert cohort["counts"]["halved"]["values"] == pytest.approx((loss <= loss[0] / 2).sum(axis=1), abs=1)  # rounding
    assert 0 < cohort["counts"]["halved"]["values"][-1] <= 64

"""Credit: the three checks of the gradients, what is counted of the worst-judged roast, and the ledger's numbers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from models import registry
from models.backpropagation import journey, losses
from models.datasets import coffee
from models.experiment import Findings, Quantity, Result, Share
from models.experiments.credit import NETWORK, worst_judged

Run = Callable[..., Result]


@pytest.fixture(scope="session")
def credit(run: Run) -> Result:
    return run("credit")


def share(result: Result, name: str) -> Share:
    finding = result.findings[name]
    assert isinstance(finding, Share)
    return finding


def quantity(result: Result, name: str) -> float:
    finding = result.findings[name]
    assert isinstance(finding, Quantity)
    assert finding.value is not None
    return finding.value


def measured_with(result: Result, parameters: object) -> Result:
    """Return the run with other trained parameters, measured again."""
    experiment = registry.find("credit")
    changed = np.asarray(parameters, np.float32)
    main = result.cohorts["main"]
    cohorts = {"main": replace(main, parameters=changed, loss=main.loss[: changed.shape[1]])}
    findings = Findings(experiment.declared)
    experiment.measure(cohorts, findings)
    return replace(result, cohorts=cohorts, findings=findings)


@pytest.mark.parametrize("name", ["mean_gradient_error", "chain_rule_error", "finite_difference_error"])
def test_the_gradients_agree_up_to_the_rounding_of_single_precision(credit: Result, name: str) -> None:
    assert 0 < quantity(credit, name) < 5e-6
    assert quantity(credit, name) < quantity(credit, "gradient_size") / 1_000


def test_a_wrong_chain_rule_would_be_seen(credit: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.backpropagation._slopes", lambda *sums: np.ones_like(sums[1]))
    wrong = measured_with(credit, credit.cohorts["main"].parameters)
    for name in ("mean_gradient_error", "chain_rule_error"):
        assert quantity(wrong, name) > 1e-3
    assert quantity(wrong, "finite_difference_error") == quantity(credit, "finite_difference_error")


@pytest.mark.parametrize("name", ["opposite_push_share", "adds_up_share", "largest_weight_share", "diverged_share"])
def test_shares_are_of_all_networks(credit: Result, name: str) -> None:
    assert share(credit, name).of == 64


def test_the_worst_judged_roast_is_the_one_with_the_largest_loss(credit: Result) -> None:
    parameters = credit.cohorts["main"].parameters
    worst = worst_judged(journey(NETWORK, parameters, coffee.load()))
    np.testing.assert_array_equal(worst, losses(NETWORK, parameters, coffee.load()).argmax(axis=0))


def test_opposite_pushes_are_outgoing_weights_of_both_signs(credit: Result) -> None:
    # A sigmoid's slope is above 0, so that a share has the sign of the error times the outgoing weight.
    outgoing = NETWORK.unpack(credit.cohorts["main"].parameters)[1][0][:, 0]
    both = (outgoing > 0).any(axis=0) & (outgoing < 0).any(axis=0)
    assert share(credit, "opposite_push_share").count == np.count_nonzero(both)


def test_shares_that_add_up_are_counted(credit: Result) -> None:
    # At the point where all sums are 0, each slope is 1/4: outgoing weights of 2, 1 and 1 share out the whole error.
    even = np.zeros((NETWORK.size, 3), np.float32)
    outgoing = NETWORK.unpack(even)[1][0]
    outgoing[:, 0] = np.array([[2, 1, 1], [2, 1, 2], [2, 1, 1.3]]).T
    again = measured_with(credit, even)
    assert (share(again, "adds_up_share").count, share(again, "adds_up_share").of) == (2, 3)
    assert share(again, "largest_weight_share").count == 3
    assert quantity(again, "largest_share") == pytest.approx(2 / 4.3)


def test_a_mean_of_pushes_that_cancel_is_short(credit: Result) -> None:
    kept, against = quantity(credit, "kept_in_mean"), quantity(credit, "against_mean")
    assert 0 < kept < 1
    assert 0 < against < 0.5
    way = journey(NETWORK, credit.cohorts["main"].parameters, coffee.load())
    mean = way.gradients.mean(axis=0)
    assert against == pytest.approx(np.median((np.einsum("rpn,pn->rn", way.gradients, mean) < 0).mean(axis=0)))


def test_the_ledger_says_the_first_networks_numbers(credit: Result) -> None:
    ledger = next(iter(registry.find("credit").figures(credit)))
    first = credit.cohorts["main"].parameters[:, :1]
    way = journey(NETWORK, first, coffee.load())
    roast = int(worst_judged(way)[0])
    assert f"roast {roast} " in ledger.alternative
    rows = {row[0]: [float(cell.replace("−", "-")) for cell in row[1:]] for row in ledger.table.rows}
    shown = rows["its share: δⱼ = δ · v · slope"]
    np.testing.assert_allclose(shown, way.shares[roast, :, 0], atol=6e-3)
    x = coffee.load().x[roast]
    np.testing.assert_allclose(rows["for w₁: δⱼ · x₁"], way.gradients[roast, 0:3, 0], atol=6e-3)
    np.testing.assert_allclose(rows["for w₂: δⱼ · x₂"], way.shares[roast, :, 0] * x[1], atol=6e-3)
    np.testing.assert_allclose(rows["for v: δ · a"], way.gradients[roast, 9:12, 0], atol=6e-3)


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("credit", networks=networks, steps=30)
    assert share(result, "opposite_push_share").of == networks
    assert quantity(result, "chain_rule_error") < 5e-6

"""Three optimisers: the best rate is chosen and judged on different networks, and the readings count what they say."""

import numpy as np
import pytest

from models.ensemble import Optimizer
from models.experiment import Result
from models.experiments.optimizers import LABS, OPTIMIZERS, RATES, best, best_rate, rule, steps_to_bar
from models.labs.blobs import BLOBS
from models.plans import Plan, Start
from models.readings import success
from tests.models.conftest import Run, train, value_of


@pytest.fixture(scope="module")
def optimizers(run: Run) -> Result:
    return run("optimizers")


def test_plain_descent_is_momentum_with_the_coefficient_zero() -> None:
    start = Start.by("glorot_uniform")
    ours, plain, heavy = train(
        Plan("ours", BLOBS, start, 20, rule("sgd", 0.3)),
        Plan("plain", BLOBS, start, 20, Optimizer("sgd", 0.3)),
        Plan("heavy", BLOBS, start, 20, rule("momentum", 0.3)),
    ).values()
    np.testing.assert_allclose(ours.parameters, plain.parameters, atol=1e-5)
    assert np.abs(heavy.parameters - plain.parameters).max() > 0.01


def test_the_best_rate_is_chosen_by_even_networks_and_judged_by_odd_ones(optimizers: Result) -> None:
    for (optimizer, data), rates in RATES.items():
        reached = {rate: success(optimizers.cohorts[f"{optimizer}.{data}.{rate:g}"]) for rate in rates}
        chosen = value_of(optimizers, f"best_rate.{optimizer}.{data}")
        assert reached[chosen][::2].sum() == max(each[::2].sum() for each in reached.values())
        judged = optimizers.share(f"success_at_best.{optimizer}.{data}")
        assert (judged.count, judged.of) == (reached[chosen][1::2].sum(), 32)


def test_where_none_succeeds_the_least_loss_decides(run: Run) -> None:
    cohorts = run("optimizers", networks=4, seed=1, steps=2, coffee_steps=2).cohorts
    assert not any(success(each).any() for each in cohorts.values())
    for key in RATES:
        losses = {rate: np.median(cohorts[f"{key[0]}.{key[1]}.{rate:g}"].loss[::2]) for rate in RATES[key]}
        assert best_rate(*key, cohorts) == min(losses, key=lambda rate: losses[rate])


def test_one_rate_for_all_and_the_best_rate_of_each_tell_two_stories(optimizers: Result) -> None:
    count = {name: optimizers.share(f"success.{name}.blobs.0.01").count for name in OPTIMIZERS}
    assert count["sgd"] < 16
    assert min(count["momentum"], count["adam"]) > 24
    assert all(optimizers.share(f"success_at_best.{name}.blobs").count > 16 for name in OPTIMIZERS)
    rates = {name: value_of(optimizers, f"best_rate.{name}.blobs") for name in OPTIMIZERS}
    assert rates["sgd"] > max(rates["momentum"], rates["adam"])


def test_networks_are_alike_where_both_succeed_or_both_fail(optimizers: Result) -> None:
    reached = {name: success(optimizers.cohorts[name]) for name in ("momentum.blobs.0.01", "sgd.blobs.0.1")}
    both = np.logical_and.reduce(list(reached.values())).sum()
    neither = np.logical_and.reduce([~each for each in reached.values()]).sum()
    assert optimizers.share("alike_share.ten_times").count == both + neither
    assert optimizers.share("alike_share.same_rate").count < both + neither


def test_rates_that_work_are_counted_from_the_least_to_the_greatest(optimizers: Result) -> None:
    for (optimizer, data), rates in RATES.items():
        works = [rate for rate in rates if optimizers.share(f"success.{optimizer}.{data}.{rate:g}").count >= 32]
        expected = works[-1] / works[0] if works else None
        assert optimizers.quantity(f"width_of_rates.{optimizer}.{data}") == pytest.approx(expected)


def test_steps_to_the_bar_are_those_of_the_odd_networks(optimizers: Result) -> None:
    cohort = best("adam", "blobs", optimizers.cohorts)
    found = steps_to_bar("adam", "blobs", optimizers.cohorts)
    assert found.shape == (32,)
    first = int(np.flatnonzero(np.isfinite(found))[0])
    row = int(np.flatnonzero(cohort.history.steps == found[first])[0])
    parameters = cohort.history.parameters[..., 2 * first + 1 : 2 * first + 2]
    assert LABS["blobs"].succeed(parameters[row]).all()
    assert not LABS["blobs"].succeed(parameters[row - 1]).any()

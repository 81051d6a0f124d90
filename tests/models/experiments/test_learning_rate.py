"""The learning rate: the findings that the entry needs, and the theorems behind them."""

from itertools import product

import numpy as np
import pytest

from models.backpropagation import losses
from models.datasets import blobs
from models.ensemble import gradients
from models.experiment import Result
from tests.models.conftest import Run

RATES = ("0.0001", "0.001", "0.01", "0.1", "0.3", "1", "10")
NAMES = [".".join(pair) for pair in product(("sgd", "adam"), RATES)]
# No step of Adam is longer than this many times the rate: Cauchy and Schwarz on its two moving averages.
ADAM_BOUND = (1 - 0.9) / np.sqrt(1 - 0.999) / np.sqrt(1 - 0.9**2 / 0.999)


@pytest.fixture(scope="module")
def learning_rate(run: Run) -> Result:
    return run("learning-rate")


def test_every_rate_begins_at_the_same_starts_and_counts_all_networks(learning_rate: Result) -> None:
    for name in NAMES:
        np.testing.assert_array_equal(learning_rate.cohorts[name].start, learning_rate.cohorts[NAMES[0]].start)
        for family in ("success", "diverged_share", "dead_share"):
            assert learning_rate.share(f"{family}.{name}").of == 64, (family, name)


def test_success_counts_the_points_that_are_right(learning_rate: Result) -> None:
    data = blobs.load()
    for name in NAMES:
        trained = learning_rate.cohorts[name]
        outputs = trained.network.forward(trained.parameters, data.x)[-1]
        finite = np.isfinite(outputs).all(axis=1)
        right = ((outputs.argmax(axis=1) == data.labels[:, None]) & finite).sum(axis=0)
        assert learning_rate.share(f"success.{name}").count == np.count_nonzero(right >= 99), name


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_best_rate_is_neither_the_smallest_nor_the_largest(learning_rate: Result, optimizer: str) -> None:
    counts = [learning_rate.share(f"success.{optimizer}.{rate}").count for rate in RATES]
    assert max(counts) > 32
    assert counts[0] < 8
    assert counts[-1] < 8


def test_plain_gradient_descent_diverges_at_the_largest_rate(learning_rate: Result) -> None:
    assert learning_rate.share("diverged_share.sgd.10").count > 32
    assert learning_rate.share("diverged_share.sgd.0.1").count == 0
    assert learning_rate.share("diverged_share").count >= learning_rate.share("diverged_share.sgd.10").count


@pytest.mark.parametrize("rate", RATES)
def test_adam_never_moves_a_weight_further_than_its_bound(learning_rate: Result, rate: str) -> None:
    trained = learning_rate.cohorts[f"adam.{rate}"]
    moved = np.abs(trained.parameters - trained.start).max()
    assert moved <= ADAM_BOUND * float(rate) * trained.steps
    assert learning_rate.share(f"diverged_share.adam.{rate}").count == 0
    assert 0 < (learning_rate.quantity(f"moved.adam.{rate}") or 0) <= moved


@pytest.mark.parametrize("rate", ["0.0001", "0.001"])
def test_small_steps_of_gradient_descent_only_go_down(learning_rate: Result, rate: str) -> None:
    assert learning_rate.share(f"rose_share.sgd.{rate}").count == 0


def test_huge_steps_go_up_at_some_time(learning_rate: Result) -> None:
    for optimizer in ("sgd", "adam"):
        assert learning_rate.share(f"rose_share.{optimizer}.10").count == 64


def test_a_network_at_one_rate_is_the_same_as_in_a_sweep_of_one(run: Run, learning_rate: Result) -> None:
    alone = run("learning-rate", networks=1)
    for name in NAMES:
        np.testing.assert_array_equal(
            alone.cohorts[name].parameters[:, 0], learning_rate.cohorts[name].parameters[:, 0]
        )


def test_one_step_of_gradient_descent_is_the_rate_times_the_gradient(run: Run) -> None:
    result = run("learning-rate", networks=3, steps=1)
    for rate in RATES:
        trained = result.cohorts[f"sgd.{rate}"]
        expected = trained.start - np.float32(rate) * gradients(trained.network, trained.start, blobs.load())
        np.testing.assert_allclose(trained.parameters, expected, rtol=1e-5, atol=1e-6)


def test_losses_in_double_precision_are_the_engines_losses(learning_rate: Result) -> None:
    cohort = learning_rate.cohorts["adam.0.1"]
    expected = losses(cohort.network, cohort.parameters, blobs.load()).mean(axis=0)
    np.testing.assert_allclose(cohort.loss, expected, rtol=1e-3, atol=1e-6)


def test_recorded_networks_are_the_first_64_of_each_rate(run: Run) -> None:
    result = run("learning-rate", networks=65, steps=30)
    for name in NAMES:
        trained = result.cohorts[name]
        assert result.share(f"success.{name}").of == 65
        assert result.share(f"rose_share.{name}").of == 64
        np.testing.assert_array_equal(trained.history.positions, np.arange(64))
        np.testing.assert_array_equal(trained.history.parameters[-1], trained.parameters[:, :64])


def test_a_rate_of_ones_own_is_tried_beside_the_others(run: Run) -> None:
    result = run("learning-rate", networks=2, steps=3, rate=0.02)
    assert [name.removeprefix("sgd.") for name in result.cohorts if name.startswith("sgd.")] == [
        *("0.0001", "0.001", "0.01", "0.02", "0.1", "1", "10")
    ]
    np.testing.assert_array_equal(
        run("learning-rate", networks=2, steps=3).cohorts["adam.0.01"].parameters,
        result.cohorts["adam.0.01"].parameters,
    )


def test_a_rate_that_is_tried_anyway_is_tried_once(run: Run) -> None:
    assert len(run("learning-rate", networks=2, steps=3, rate=0.1).cohorts) == 12

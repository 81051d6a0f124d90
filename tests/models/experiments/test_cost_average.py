"""Mean and sum, batch, epoch and step: the findings that the entry needs, and the identities behind them."""

from dataclasses import replace

import numpy as np
import pytest

from models.datasets import blobs
from models.ensemble import gradients
from models.experiment import Result
from models.experiments.cost_average import batch_means, pulls_at_start
from tests.models.conftest import Run, value_of

pytestmark = pytest.mark.slow

BATCHES = ("1", "8", "32", "all")
SUMS = ("sum.same_rate", "sum.small_rate", "mean.adam", "sum.adam")


@pytest.fixture(scope="module")
def cost_average(run: Run) -> Result:
    return run("cost-average")


@pytest.mark.parametrize(
    "name", [*(f"same_{clock}.{size}" for clock in ("epochs", "steps") for size in BATCHES), *SUMS]
)
def test_success_is_of_all_networks_and_counts_the_points_that_are_right(cost_average: Result, name: str) -> None:
    trained, data = cost_average.cohorts[name], blobs.load()
    outputs = trained.network.forward(trained.parameters, data.x)[-1]
    right = ((outputs.argmax(axis=1) == data.labels[:, None]) & np.isfinite(outputs).all(axis=1)).sum(axis=0)
    found = cost_average.share(f"success.{name}")
    assert (found.count, found.of) == (int(np.count_nonzero(right >= 99)), 64)


def test_equal_epochs_are_unequal_steps(cost_average: Result) -> None:
    assert [cost_average.cohorts[f"same_epochs.{size}"].steps for size in BATCHES] == [2000, 260, 80, 20]
    assert [cost_average.cohorts[f"same_steps.{size}"].steps for size in BATCHES] == [400] * 4


def test_every_training_begins_at_the_same_starts(cost_average: Result) -> None:
    first, *others = (trained.start for trained in cost_average.cohorts.values())
    for other in others:
        np.testing.assert_array_equal(other, first)


def test_in_equal_epochs_smaller_batches_get_further(cost_average: Result) -> None:
    losses = [value_of(cost_average, f"loss.same_epochs.{size}") for size in BATCHES]
    assert losses == sorted(losses)
    assert cost_average.share("success.same_epochs.1").count > 32 > cost_average.share("success.same_epochs.all").count


def test_in_equal_steps_batch_sizes_end_close_together(cost_average: Result) -> None:
    losses = [value_of(cost_average, f"loss.same_steps.{size}") for size in BATCHES]
    assert max(losses) < 2 * min(losses)


def test_the_gradient_of_the_sum_is_a_hundred_times_that_of_the_mean(cost_average: Result) -> None:
    assert 0 < value_of(cost_average, "sum_gradient_error") < 1e-5


def test_the_sum_at_a_hundredth_of_the_rate_is_the_mean(cost_average: Result) -> None:
    one, two = cost_average.cohorts["sum.small_rate"], cost_average.cohorts["same_steps.all"]
    apart = np.abs(one.parameters - two.parameters).max(axis=0)
    assert np.median(apart) < 1e-5
    assert value_of(cost_average, "sum_gap.sgd") == pytest.approx(np.median(apart))
    assert cost_average.share("success.sum.small_rate").count == cost_average.share("success.same_steps.all").count


def test_the_sum_at_the_rate_of_the_mean_fails(cost_average: Result) -> None:
    assert cost_average.share("success.sum.same_rate").count == 0
    assert cost_average.share("diverged_share.sum.same_rate").count > 32


def test_a_step_on_the_sum_is_a_hundred_steps_long(run: Run) -> None:
    result = run("cost-average", networks=2, steps=1, epochs=1)
    mean, total = result.cohorts["same_steps.all"], result.cohorts["sum.same_rate"]
    np.testing.assert_allclose(
        total.parameters - total.start, 100 * (mean.parameters - mean.start), rtol=1e-2, atol=1e-4
    )


def test_adam_hardly_notices_the_sum(cost_average: Result) -> None:
    assert value_of(cost_average, "sum_gap.adam") < 0.01
    assert abs(cost_average.share("success.sum.adam").count - cost_average.share("success.mean.adam").count) <= 2


def test_scatter_falls_as_batches_grow(cost_average: Result) -> None:
    found = [value_of(cost_average, f"scatter.{size}") for size in BATCHES]
    assert found == sorted(found, reverse=True)
    assert found[-1] == 0
    assert 1.5 < found[0] / found[1] < 6  # about the square root of 8


def test_pulls_are_the_engines_gradients_on_one_example_each(cost_average: Result) -> None:
    main, data = cost_average.cohorts["mean.adam"], blobs.load()
    found, start = pulls_at_start(main)[..., :3], main.start[:, :3]
    assert pulls_at_start(main).shape == (100, main.network.size, 64)
    for row in (0, 57, 99):
        one = replace(data, x=data.x[[row]], targets=data.targets[[row]], labels=data.labels[[row]])
        np.testing.assert_allclose(found[row], gradients(main.network, start, one), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.mean(axis=0), gradients(main.network, start, data), rtol=1e-4, atol=1e-6)


def test_batch_means_are_of_whole_batches() -> None:
    found = batch_means(np.arange(10.0)[:, None], 4)
    np.testing.assert_array_equal(found, [[1.5], [5.5]])


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("cost-average", networks=networks, steps=3, epochs=1)
    assert result.share("success.same_steps.8").of == networks
    assert result.cohorts["same_steps.8"].history.positions.size == min(networks, 64)


@pytest.mark.parametrize("size", BATCHES)
@pytest.mark.parametrize("rate", [0.3, 1.0])
def test_batches_are_tried_at_larger_rates_for_the_same_steps(cost_average: Result, rate: float, size: str) -> None:
    plan, usual = (cost_average.cohorts[name].plan for name in (f"batch.{size}.{rate:g}", f"same_steps.{size}"))
    assert (plan.optimizer.name, plan.optimizer.rate) == ("sgd", rate)
    assert (plan.steps, plan.mini_batch) == (usual.steps, usual.mini_batch)
    assert cost_average.share(f"success.batch.{size}.{rate:g}").of == 64


def test_small_batches_fail_at_a_rate_that_the_full_batch_bears(cost_average: Result) -> None:
    assert cost_average.share("success.batch.8.1").count < 12
    assert cost_average.share("success.batch.all.1").count > 32

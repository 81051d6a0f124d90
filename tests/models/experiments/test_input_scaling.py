"""Normalised and raw inputs: the findings that the entry needs, and the facts about the inputs themselves."""

from dataclasses import replace

import numpy as np
import pytest

from models.datasets import coffee
from models.ensemble import gradients
from models.experiment import Result
from models.experiments.input_scaling import rewritten, scaled
from models.network import Network
from tests.models.conftest import Run, value_of

INPUTS = ("normalised", "centred", "stretched", "raw")
RATES = ("0.001", "0.01", "0.1", "1")


@pytest.fixture(scope="module")
def input_scaling(run: Run) -> Result:
    return run("input-scaling")


@pytest.mark.parametrize("name", [*INPUTS, *(f"raw.{rate}" for rate in RATES)])
def test_success_counts_accuracies_of_97_percent(input_scaling: Result, name: str) -> None:
    trained, data = input_scaling.cohorts[name], scaled(name.partition(".")[0])
    outputs = trained.network.forward(trained.parameters, data.x)[-1][:, 0]
    right = ((outputs > 0) == data.labels[:, None]).sum(axis=0)
    found = input_scaling.share(f"success.{name}")
    assert (found.count, found.of) == (int(np.count_nonzero(right >= 194)), 64)


def test_normalised_features_succeed_and_raw_ones_do_not(input_scaling: Result) -> None:
    assert input_scaling.share("success.normalised").count > 32
    for name in ("raw", *(f"raw.{rate}" for rate in RATES)):
        assert input_scaling.share(f"success.{name}").count < 8


def test_every_version_begins_at_the_same_starts(input_scaling: Result) -> None:
    for trained in input_scaling.cohorts.values():
        np.testing.assert_array_equal(trained.start, input_scaling.cohorts["normalised"].start)


def test_versions_are_moved_and_stretched_as_their_names_say() -> None:
    means = {name: scaled(name).x.mean(axis=0) for name in INPUTS}
    deviations = {name: scaled(name).x.std(axis=0) for name in INPUTS}
    for name in ("normalised", "centred"):
        np.testing.assert_allclose(means[name], 0, atol=1e-4)
    for name in ("normalised", "stretched"):
        np.testing.assert_allclose(deviations[name], 1, rtol=1e-4)
    np.testing.assert_array_equal(scaled("raw").x, coffee.roasts()[0].astype(np.float32))
    np.testing.assert_array_equal(scaled("normalised").x, coffee.load().x)


def test_lines_without_bias_cross_centred_roasts_and_pass_others_by(input_scaling: Result) -> None:
    assert input_scaling.share("crossing_share.normalised").count == 64
    assert input_scaling.share("crossing_share.centred").count == 64
    assert input_scaling.share("crossing_share.raw").count < 8


def test_saturation_before_training(input_scaling: Result) -> None:
    assert input_scaling.share("saturated_share.normalised").count == 0
    assert input_scaling.share("saturated_share.raw").count > 56


@pytest.mark.parametrize("name", INPUTS)
def test_condition_number_is_that_of_the_matrix(input_scaling: Result, name: str) -> None:
    inputs = np.column_stack((scaled(name).x.astype(float), np.ones(200)))
    found = value_of(input_scaling, f"condition_number.{name}")
    assert found == pytest.approx(np.linalg.cond(inputs.T @ inputs), rel=1e-5)


@pytest.mark.parametrize("name", INPUTS)
@pytest.mark.parametrize(("factor", "descends"), [(1, True), (4, False)])
def test_up_to_the_largest_rate_gradient_descent_on_one_neuron_descends(
    input_scaling: Result, name: str, factor: float, descends: bool
) -> None:
    # Near zero weights the curvature is the largest that there is, and the steepest direction is where it is felt.
    one, data = Network((2, 1), "linear", "binary_crossentropy"), scaled(name)
    half = replace(data, targets=np.full_like(data.targets, 0.5))  # its minimum lies at zero weights
    inputs = np.column_stack((data.x.astype(float), np.ones(200)))
    steepest = np.linalg.eigh(inputs.T @ inputs)[1][:, -1]
    before = (1e-6 * steepest[:, None]).astype(np.float32)
    rate = 0.99 * factor * value_of(input_scaling, f"largest_rate.{name}")
    after = before - rate * gradients(one, before, half)
    assert bool(np.linalg.norm(after) < np.linalg.norm(before)) == descends


def test_a_network_for_normalised_features_can_be_rewritten_for_raw_ones(input_scaling: Result) -> None:
    assert value_of(input_scaling, "same_function_error") < 1e-9
    trained = input_scaling.cohorts["normalised"]
    x, labels = coffee.roasts()
    accuracy = trained.network.accuracy(rewritten(trained.parameters), x, labels)
    assert np.count_nonzero(accuracy >= 0.97) == input_scaling.share("success.normalised").count


def test_steps_to_success_are_those_of_networks_that_get_there(input_scaling: Result) -> None:
    found = value_of(input_scaling, "steps_to_success.normalised")
    assert 10 < found <= 2_000
    raw = input_scaling.quantity("steps_to_success.raw")
    assert (raw is None) == (input_scaling.share("success.raw").count == 0)


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("input-scaling", networks=networks, steps=3)
    assert result.share("success.raw.0.01").of == networks
    assert result.cohorts["raw.1"].history.positions.size == min(networks, 64)

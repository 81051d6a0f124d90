"""Four activations on two data sets: what must hold by theorem, and the findings that the entry needs."""

from collections.abc import Callable

import numpy as np
import pytest

from models.datasets import blobs, xor
from models.experiment import Quantity, Result, Share
from models.experiments.activation import collapse_error, slope, steps_needed, successes
from models.network import Activation, activate

ACTIVATIONS: tuple[Activation, ...] = ("linear", "relu", "sigmoid", "tanh")
COHORTS = [f"{data}.{activation}" for data in ("blobs", "xor") for activation in ACTIVATIONS]
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def activation(run: Run) -> Result:
    return run("activation")


def share(result: Result, name: str) -> Share:
    finding = result.findings[name]
    assert isinstance(finding, Share)
    return finding


def quantity(result: Result, name: str) -> Quantity:
    finding = result.findings[name]
    assert isinstance(finding, Quantity)
    return finding


@pytest.mark.parametrize("cohort", COHORTS)
def test_every_activation_reports_success_silence_loss_and_slopes(activation: Result, cohort: str) -> None:
    assert share(activation, f"success.{cohort}").of == 64
    assert share(activation, f"silent_share.{cohort}").of == 64
    for family in ("loss", "slope", "slope_at_start"):
        assert quantity(activation, f"{family}.{cohort}").value is not None
    assert share(activation, "diverged_share").count == 0


def test_no_linear_network_solves_xor_or_does_better_than_a_coin(activation: Result) -> None:
    assert share(activation, "success.xor.linear").count == 0
    assert quantity(activation, "steps_needed.xor.linear").value is None
    assert activation.cohorts["xor.linear"].loss.min() >= np.log(2) - 1e-6


def test_linear_neurons_are_enough_for_the_blobs(activation: Result) -> None:
    assert share(activation, "success.blobs.linear").count > 56


@pytest.mark.parametrize("bent", ["relu", "sigmoid", "tanh"])
def test_every_bend_solves_xor_in_some_networks(activation: Result, bent: str) -> None:
    assert share(activation, f"success.xor.{bent}").count > 16


def test_two_linear_layers_are_one_matrix(activation: Result) -> None:
    collapse = quantity(activation, "collapse_error").value
    assert collapse is not None
    assert 0 <= collapse < 1e-9
    trained, data = activation.cohorts["blobs.linear"], blobs.load()
    (kernel, bias), (outgoing, output_bias) = trained.network.unpack(trained.parameters[:, 3].astype(float))
    outputs = trained.network.forward(trained.parameters[:, 3:4].astype(float), data.x)[-1][..., 0]
    np.testing.assert_allclose(data.x @ (kernel @ outgoing) + (bias @ outgoing + output_bias), outputs, atol=1e-9)


@pytest.mark.parametrize("bent", ["relu", "sigmoid", "tanh"])
def test_bent_layers_are_not_one_matrix(activation: Result, bent: str) -> None:
    assert collapse_error(activation.cohorts[f"blobs.{bent}"], blobs.load()).min() > 0.1


def test_masked_neurons_stay_out(activation: Result) -> None:
    for name in ACTIVATIONS:
        trained = activation.cohorts[f"xor.{name}"]
        kernel, bias = trained.network.unpack(trained.parameters)[0]
        outgoing, _ = trained.network.unpack(trained.parameters)[1]
        assert kernel[:, :4].all()
        assert not kernel[:, 4:].any()
        assert not bias[4:].any()
        assert not outgoing[4:].any()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_slope_is_the_derivative(name: Activation) -> None:
    z = np.array([-3.0, -0.4, 0.2, 5.0])
    step = 1e-6
    expected = (activate(name, z + step) - activate(name, z - step)) / (2 * step)
    np.testing.assert_allclose(slope(name, z), expected, atol=1e-8)
    assert np.isnan(slope(name, np.array([np.nan]))).all()


def test_slopes_before_training_are_those_of_the_start(activation: Result) -> None:
    assert quantity(activation, "slope_at_start.xor.linear").value == 1
    # A line through the origin has the corners of the square half and half on its two sides.
    assert quantity(activation, "slope_at_start.xor.relu").value == 0.5
    steepest = quantity(activation, "slope_at_start.xor.sigmoid").value
    assert steepest is not None
    assert steepest <= 0.25


def test_silent_relu_neurons_fire_on_no_corner(activation: Result) -> None:
    trained = activation.cohorts["xor.relu"]
    fires = trained.network.forward(trained.parameters, xor.load().x)[0][:, :4] > 0
    silent = (~fires.any(axis=0)).any(axis=0)
    assert share(activation, "silent_share.xor.relu").count == np.count_nonzero(silent)


def test_steps_needed_is_the_first_recorded_step_of_success(activation: Result) -> None:
    trained, data = activation.cohorts["xor.tanh"], xor.load()
    found, there = steps_needed(trained, data), successes(trained, data)
    for network in range(64):
        steps = trained.history.steps[there[:, network]]
        assert np.isnan(found[network]) if steps.size == 0 else found[network] == steps[0]
    assert there[-1].sum() == share(activation, "success.xor.tanh").count


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("activation", networks=networks, steps=20, xor_steps=20, xor_hidden=2)
    assert share(result, "success.blobs.relu").of == networks
    assert "2 hidden neurons, 1 output" in result.setup["network"]

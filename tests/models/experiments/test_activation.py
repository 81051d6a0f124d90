"""Four activations on two data sets: what must hold by theorem, and the findings that the entry needs."""

import numpy as np
import pytest

from models.experiment import Result
from models.experiments.activation import collapse_error
from models.labs import ACTIVATIONS
from models.readings import first_step, over_steps, success
from tests.models.conftest import Run

pytestmark = pytest.mark.slow

COHORTS = [f"{data}.{activation}" for data in ("blobs", "xor") for activation in ACTIVATIONS]


@pytest.fixture(scope="module")
def activation(run: Run) -> Result:
    return run("activation")


@pytest.mark.parametrize("cohort", COHORTS)
def test_every_activation_reports_success_silence_loss_and_slopes(activation: Result, cohort: str) -> None:
    assert activation.share(f"success.{cohort}").of == 64
    assert activation.share(f"silent_share.{cohort}").of == 64
    for family in ("loss", "slope", "slope_at_start"):
        assert activation.quantity(f"{family}.{cohort}") is not None
    assert activation.share("diverged_share").count == 0


def test_no_linear_network_solves_xor_or_does_better_than_a_coin(activation: Result) -> None:
    assert activation.share("success.xor.linear").count == 0
    assert activation.quantity("steps_needed.xor.linear") is None
    assert activation.cohorts["xor.linear"].loss.min() >= np.log(2) - 1e-6


def test_linear_neurons_are_enough_for_the_blobs(activation: Result) -> None:
    assert activation.share("success.blobs.linear").count > 56


@pytest.mark.parametrize("bent", ["relu", "sigmoid", "tanh"])
def test_every_bend_solves_xor_in_some_networks(activation: Result, bent: str) -> None:
    assert activation.share(f"success.xor.{bent}").count > 16


def test_two_linear_layers_are_one_matrix(activation: Result) -> None:
    collapse = activation.quantity("collapse_error")
    assert collapse is not None
    assert 0 <= collapse < 1e-9
    trained = activation.cohorts["blobs.linear"]
    x = trained.data.x
    (kernel, bias), (outgoing, output_bias) = trained.network.unpack(trained.parameters[:, 3].astype(float))
    outputs = trained.network.forward(trained.parameters[:, 3:4].astype(float), x)[-1][..., 0]
    np.testing.assert_allclose(x @ (kernel @ outgoing) + (bias @ outgoing + output_bias), outputs, atol=1e-9)


@pytest.mark.parametrize("bent", ["relu", "sigmoid", "tanh"])
def test_bent_layers_are_not_one_matrix(activation: Result, bent: str) -> None:
    assert collapse_error(activation.cohorts[f"blobs.{bent}"]).min() > 0.1


def test_masked_neurons_stay_out(activation: Result) -> None:
    for name in ACTIVATIONS:
        trained = activation.cohorts[f"xor.{name}"]
        kernel, bias = trained.network.unpack(trained.parameters)[0]
        outgoing, _ = trained.network.unpack(trained.parameters)[1]
        assert kernel[:, :4].all()
        assert not kernel[:, 4:].any()
        assert not bias[4:].any()
        assert not outgoing[4:].any()


def test_slopes_before_training_are_those_of_the_start(activation: Result) -> None:
    assert activation.quantity("slope_at_start.xor.linear") == 1
    # A line through the origin has the corners of the square half and half on its two sides.
    assert activation.quantity("slope_at_start.xor.relu") == 0.5
    steepest = activation.quantity("slope_at_start.xor.sigmoid")
    assert steepest is not None
    assert steepest <= 0.25


def test_silent_relu_neurons_fire_on_no_corner(activation: Result) -> None:
    trained = activation.cohorts["xor.relu"]
    fires = trained.network.forward(trained.parameters, trained.data.x)[0][:, :4] > 0
    silent = (~fires.any(axis=0)).any(axis=0)
    assert activation.share("silent_share.xor.relu").count == np.count_nonzero(silent)


def test_steps_needed_is_the_first_recorded_step_of_success(activation: Result) -> None:
    trained = activation.cohorts["xor.tanh"]
    found, there = first_step(success)(trained), over_steps(success)(trained)
    for network in range(64):
        steps = trained.history.steps[there[:, network]]
        assert np.isnan(found[network]) if steps.size == 0 else found[network] == steps[0]
    assert there[-1].sum() == activation.share("success.xor.tanh").count


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("activation", networks=networks, steps=20, xor_steps=20, xor_hidden=2)
    assert result.share("success.blobs.relu").of == networks
    assert "2 hidden neurons, 1 output" in result.setup["network"]

"""The size of the start: the findings that the entry needs, and what the rules of Glorot and He promise."""

import numpy as np
import pytest

from models.ensemble import gradients
from models.experiment import Result
from models.experiments.init_scale import DEEP, signal_strength
from models.initializers import Initializer
from models.plans import Plan, Start
from tests.models.conftest import Run, train, value_of

STARTS = ("0.0001", "0.001", "0.01", "0.1", "1", "10", "100", "glorot", "he")
ACTIVATIONS = ("relu", "tanh")


@pytest.fixture(scope="module")
def init_scale(run: Run) -> Result:
    return run("init-scale")


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize(
    "family", ["success.relu", "success.tanh", "dead_share", "saturated_share", "saturated_share_at_start"]
)
def test_shares_of_all_networks(init_scale: Result, family: str, name: str) -> None:
    assert init_scale.share(f"{family}.{name}").of == 64


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_starts_of_another_scale_are_the_same_draw_stretched(init_scale: Result, activation: str) -> None:
    one = init_scale.cohorts[f"{activation}.1"].start
    for name in STARTS[:7]:
        np.testing.assert_allclose(init_scale.cohorts[f"{activation}.{name}"].start, one * float(name), rtol=1e-5)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_huge_starts_fail_and_moderate_ones_do_not(init_scale: Result, activation: str) -> None:
    assert init_scale.share(f"success.{activation}.0.1").count > 32
    assert init_scale.share(f"success.{activation}.glorot").count > 32
    assert init_scale.share(f"success.{activation}.100").count == 0


def test_saturation_before_training_grows_with_the_scale(init_scale: Result) -> None:
    counts = [init_scale.share(f"saturated_share_at_start.{name}").count for name in STARTS[:7]]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, 64)


@pytest.mark.parametrize("name", ["1", "10", "he"])
def test_a_saturated_neuron_is_flat_on_nine_tenths_of_the_points(init_scale: Result, name: str) -> None:
    trained = init_scale.cohorts[f"tanh.{name}"]
    kernel, bias = trained.network.unpack(trained.parameters.astype(np.float64))[0]
    sums = np.einsum("ri,iun->run", trained.data.x, kernel) + bias
    flat = (np.cosh(np.clip(sums, -300, 300)) ** -2 < 0.01).sum(axis=0) >= 90
    assert init_scale.share(f"saturated_share.{name}").count == np.count_nonzero(flat.any(axis=0))


def test_tiny_weights_guess_and_huge_weights_are_sure_of_wrong_answers(init_scale: Result) -> None:
    for activation in ACTIVATIONS:
        assert value_of(init_scale, f"loss_at_start.{activation}.0.0001") == pytest.approx(np.log(4), rel=1e-4)
        assert value_of(init_scale, f"loss_at_start.{activation}.100") > 20


def test_a_small_start_has_a_small_gradient_and_a_flat_one_too(init_scale: Result) -> None:
    tanh = [value_of(init_scale, f"first_gradient.tanh.{name}") for name in STARTS[:7]]
    assert tanh[0] < 0.01 * max(tanh)
    assert tanh[-1] < 0.5 * max(tanh)
    assert value_of(init_scale, "first_gradient.relu.0.001") == pytest.approx(
        10 * value_of(init_scale, "first_gradient.relu.0.0001"), rel=0.01
    )


@pytest.mark.parametrize("name", STARTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_first_gradients_are_those_of_each_start(init_scale: Result, activation: str, name: str) -> None:
    trained = init_scale.cohorts[f"{activation}.{name}"]
    incoming = gradients(trained.network, trained.start, trained.data)[:4]
    assert value_of(init_scale, f"first_gradient.{activation}.{name}") == pytest.approx(
        np.median(np.abs(incoming).mean(axis=0)), rel=1e-6
    )


def test_the_signal_dies_explodes_or_lives_by_the_rule(init_scale: Result) -> None:
    assert value_of(init_scale, "signal.0.01") < 1e-8
    assert value_of(init_scale, "signal.1") > 1e3
    assert 0.2 < value_of(init_scale, "signal.he") < 3
    assert value_of(init_scale, "signal.glorot") < 0.3 * value_of(init_scale, "signal.he")


def test_hes_rule_keeps_the_mean_square_and_glorots_halves_it_in_every_relu_layer() -> None:
    rules: dict[Initializer, float] = {"he_normal": 1.0, "glorot_uniform": 0.5}
    for rule, factor in rules.items():
        plan = Plan("deep", DEEP, Start.by(rule), steps=0)
        squares = signal_strength(train(plan, networks=300, seed=4)["deep"]) ** 2
        assert (squares[3] / squares[0]).mean() == pytest.approx(factor**3, rel=0.15)


def test_deep_networks_are_not_trained(init_scale: Result) -> None:
    for name in ("0.01", "glorot", "he", "1"):
        deep = init_scale.cohorts[f"deep.{name}"]
        assert deep.steps == 0
        assert deep.loss.shape == (16,)
        np.testing.assert_array_equal(deep.start, deep.parameters)


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("init-scale", networks=networks, steps=3)
    assert result.share("success.tanh.he").of == networks
    assert result.cohorts["relu.10"].history.positions.size == min(networks, 64)
    assert result.cohorts["deep.he"].loss.size == 16

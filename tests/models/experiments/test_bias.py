"""Starts with zero and with random biases: what must hold by theorem, and the findings that the entry needs."""

from collections.abc import Callable

import numpy as np
import pytest

from models.experiment import Result, Share
from models.experiments.bias import STARTS, starting

NAMES = [each.name for each in STARTS]
STAY = ("constant_weights", "constant_random_outputs")
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def bias(run: Run) -> Result:
    return run("bias")


def share(result: Result, name: str) -> Share:
    finding = result.findings[name]
    assert isinstance(finding, Share)
    return finding


def value(result: Result, name: str) -> float:
    found = result.findings[name].value
    assert isinstance(found, float)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_start_reports_the_same_findings(bias: Result, name: str) -> None:
    for family in ("identical_share", "success", "dead_share"):
        assert share(bias, f"{family}.{name}").of == 64
    assert 0.25 <= value(bias, f"accuracy.{name}") <= 1
    assert value(bias, f"gap.{name}") >= 0
    assert 0 <= value(bias, f"angle.{name}") <= 90


@pytest.mark.parametrize("name", NAMES)
def test_neurons_with_equal_weights_and_hidden_biases_stay_identical_and_no_others(bias: Result, name: str) -> None:
    assert share(bias, f"identical_share.{name}").count == (64 if name in STAY else 0)
    assert (value(bias, f"gap.{name}") == 0) == (name in STAY)


def test_random_hidden_biases_turn_parallel_lines_apart(bias: Result) -> None:
    kernel, _ = bias.cohorts["constant_random"].network.unpack(bias.cohorts["constant_random"].start)[0]
    assert np.array_equal(kernel[:, 0], kernel[:, 1])
    assert value(bias, "angle.constant_random") > 30
    assert value(bias, "angle.constant_random_outputs") == 0


def test_biases_that_start_at_zero_move_and_biases_that_are_held_do_not(bias: Result) -> None:
    assert value(bias, "moved.zero_biases") > 0.5
    held, free = bias.cohorts["biases_held"], bias.cohorts["zero_biases"]
    np.testing.assert_array_equal(held.start, free.start)
    for _, biases in held.network.unpack(held.parameters):
        assert not biases.any()
    assert share(bias, "success.biases_held").count < share(bias, "success.zero_biases").count


def test_with_zero_weights_the_neurons_with_negative_biases_are_the_dead_ones(bias: Result) -> None:
    assert share(bias, "dead_share.zero_weights_random").count == share(bias, "negative_bias_share").count
    trained = bias.cohorts["zero_weights_random"]
    (kernel, after), _ = trained.network.unpack(trained.parameters)
    (_, before), _ = trained.network.unpack(trained.start)
    assert not kernel[:, before < 0].any()
    np.testing.assert_array_equal(after[before < 0], before[before < 0])
    assert share(bias, "dead_share.zero_weights_random_tanh").count == 0


def test_starts_are_what_they_are_called() -> None:
    found = starting(3, 5, 0.5)
    assert set(found) == set(NAMES)
    (hidden, outputs) = (slice(4, 6), slice(14, 18))
    for name in ("random_biases", "constant_random", "zero_weights_random"):
        assert found[name][hidden].all()
        assert found[name][outputs].all()
        assert np.abs(found[name][[4, 5, *range(14, 18)]]).max() <= 0.5
    assert not found["constant_random_outputs"][hidden].any()
    assert found["constant_random_outputs"][outputs].all()
    assert not found["zero_weights_random"][:4].any()
    assert not found["zero_weights_random"][6:14].any()
    np.testing.assert_array_equal(found["constant_weights"][:4], np.repeat(found["constant_weights"][:1], 4, axis=0))
    np.testing.assert_array_equal(starting(3, 9, 0.5)["constant_random"][:, :5], found["constant_random"])


def test_the_constants_are_those_of_the_experiment_on_symmetry(run: Run, bias: Result) -> None:
    ladder = run("symmetry", steps=1)
    np.testing.assert_array_equal(ladder.cohorts["constant"].start, bias.cohorts["constant_weights"].start)


def test_without_random_biases_equal_neurons_stay_equal(run: Run) -> None:
    result = run("bias", networks=2, steps=20, bias_scale=0.0)
    assert share(result, "identical_share.constant_random").count == 2
    assert share(result, "negative_bias_share").count == 0


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("bias", networks=networks, steps=20)
    assert share(result, "success.zero_biases").of == networks

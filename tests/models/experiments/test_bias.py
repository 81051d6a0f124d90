"""Starts with zero and with random biases: what must hold by theorem, and the findings that the entry needs."""

import numpy as np
import pytest

from models.experiment import Result
from models.experiments.bias import STARTS
from tests.models.conftest import Run

STAY = ("constant_weights", "constant_random_outputs")


def number(result: Result, name: str) -> float:
    found = result.quantity(name)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def bias(run: Run) -> Result:
    return run("bias")


@pytest.mark.parametrize("name", STARTS)
def test_every_start_reports_the_same_findings(bias: Result, name: str) -> None:
    for family in ("identical_share", "success", "dead_share"):
        assert bias.share(f"{family}.{name}").of == 64
    assert 0.25 <= number(bias, f"accuracy.{name}") <= 1
    assert number(bias, f"gap.{name}") >= 0
    assert 0 <= number(bias, f"angle.{name}") <= 90


@pytest.mark.parametrize("name", STARTS)
def test_neurons_with_equal_weights_and_hidden_biases_stay_identical_and_no_others(bias: Result, name: str) -> None:
    assert bias.share(f"identical_share.{name}").count == (64 if name in STAY else 0)
    assert (number(bias, f"gap.{name}") == 0) == (name in STAY)


def test_random_hidden_biases_turn_parallel_lines_apart(bias: Result) -> None:
    kernel, _ = bias.cohorts["constant_random"].network.unpack(bias.cohorts["constant_random"].start)[0]
    assert np.array_equal(kernel[:, 0], kernel[:, 1])
    assert number(bias, "angle.constant_random") > 30
    assert number(bias, "angle.constant_random_outputs") == 0


def test_biases_that_start_at_zero_move_and_biases_that_are_held_do_not(bias: Result) -> None:
    assert number(bias, "moved.zero_biases") > 0.5
    held, free = bias.cohorts["biases_held"], bias.cohorts["zero_biases"]
    np.testing.assert_array_equal(held.start, free.start)
    for _, biases in held.network.unpack(held.parameters):
        assert not biases.any()
    assert bias.share("success.biases_held").count < bias.share("success.zero_biases").count


def test_with_zero_weights_the_neurons_with_negative_biases_are_the_dead_ones(bias: Result) -> None:
    assert bias.share("dead_share.zero_weights_random").count == bias.share("negative_bias_share").count
    trained = bias.cohorts["zero_weights_random"]
    (kernel, after), _ = trained.network.unpack(trained.parameters)
    (_, before), _ = trained.network.unpack(trained.start)
    assert not kernel[:, before < 0].any()
    np.testing.assert_array_equal(after[before < 0], before[before < 0])
    assert bias.share("dead_share.zero_weights_random_tanh").count == 0


def test_starts_are_what_they_are_called(run: Run) -> None:
    found = {name: cohort.start for name, cohort in run("bias", networks=5, steps=1, bias_scale=0.5).cohorts.items()}
    assert set(found) == set(STARTS)
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


def test_a_networks_biases_do_not_depend_on_its_company(bias: Result) -> None:
    cohort = bias.cohorts["constant_random"]
    alone, _ = cohort.plan.begin(bias.seed, np.array([5]))
    np.testing.assert_array_equal(alone[:, 0], cohort.start[:, 5])


def test_the_constants_are_those_of_the_experiment_on_symmetry(run: Run, bias: Result) -> None:
    ladder = run("symmetry", steps=1)
    np.testing.assert_array_equal(ladder.cohorts["constant"].start, bias.cohorts["constant_weights"].start)


def test_without_random_biases_equal_neurons_stay_equal(run: Run) -> None:
    result = run("bias", networks=2, steps=20, bias_scale=0.0)
    assert result.share("identical_share.constant_random").count == 2
    assert result.share("negative_bias_share").count == 0


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("bias", networks=networks, steps=20)
    assert result.share("success.zero_biases").of == networks

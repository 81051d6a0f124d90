"""The symmetry ladder: what must hold by theorem, and the findings that its entry needs."""

import numpy as np
import pytest

from models import registry
from models.experiment import Result
from tests.models.conftest import Run

RUNGS = ("zero", "constant", "outgoing_differ", "tiny_noise", "glorot")
BESIDES = ("constant_shuffled", "constant_dropout", "zero_incoming_relu", "zero_incoming_tanh")
STAY = ("zero", "constant", "constant_shuffled")
PART = ("outgoing_differ", "tiny_noise", "glorot", "constant_dropout", "zero_incoming_tanh")


@pytest.mark.parametrize("rung", [*RUNGS, *BESIDES])
def test_every_rung_reports_its_share_of_identical_neurons(symmetry: Result, rung: str) -> None:
    assert symmetry.share(f"identical_share.{rung}").of == (1 if rung == "zero" else 64)


@pytest.mark.parametrize("rung", RUNGS)
@pytest.mark.parametrize(("family", "unit"), [("gap", "weight"), ("accuracy", "share of points")])
def test_every_rung_reports_gap_and_accuracy(symmetry: Result, family: str, unit: str, rung: str) -> None:
    assert registry.find("symmetry").declared[f"{family}.{rung}"].unit == unit
    assert symmetry.quantity(f"{family}.{rung}") is not None


def test_diverged_share_counts_networks_and_not_rungs(symmetry: Result) -> None:
    assert symmetry.share("diverged_share").of == 64


@pytest.mark.parametrize("rung", STAY)
def test_neurons_that_start_alike_stay_alike_to_the_last_bit(symmetry: Result, rung: str) -> None:
    assert symmetry.share(f"identical_share.{rung}").value == 1
    assert symmetry.quantity(f"gap.{rung}") == 0
    assert symmetry.quantity(f"first_step_apart.{rung}") is None


@pytest.mark.parametrize("rung", STAY)
def test_outgoing_weights_of_identical_neurons_are_identical_too(symmetry: Result, rung: str) -> None:
    trained = symmetry.cohorts[rung]
    outgoing, _ = trained.network.unpack(trained.parameters)[1]
    np.testing.assert_array_equal(outgoing[0], outgoing[1])


@pytest.mark.parametrize("rung", PART)
def test_neurons_that_anything_sets_apart_part(symmetry: Result, rung: str) -> None:
    assert symmetry.share(f"identical_share.{rung}").count < 32
    gap = symmetry.quantity(f"gap.{rung}")
    assert gap is not None
    assert gap > 1e-3
    assert symmetry.quantity(f"first_step_apart.{rung}") is not None


def test_dropout_breaks_the_symmetry_of_the_same_start_that_shuffling_keeps(symmetry: Result) -> None:
    shuffled, dropout = symmetry.cohorts["constant_shuffled"], symmetry.cohorts["constant_dropout"]
    np.testing.assert_array_equal(shuffled.start, dropout.start)
    assert symmetry.share("identical_share.constant_shuffled").count == 64
    assert symmetry.share("identical_share.constant_dropout").count == 0


def test_starts_are_what_the_rungs_say(symmetry: Result) -> None:
    start = {name: trained.network.unpack(trained.start) for name, trained in symmetry.cohorts.items()}
    assert not symmetry.cohorts["zero"].start.any()
    (incoming, bias), (outgoing, _) = start["constant"]
    assert (incoming == incoming[:1, :1]).all()
    assert (outgoing == outgoing[:1, :1]).all()
    assert not bias.any()
    assert len(np.unique(incoming)) == len(np.unique(outgoing)) == 64
    (same, _), (different, _) = start["outgoing_differ"]
    assert (same[:, 0] == same[:, 1]).all()
    assert (different[0] != different[1]).all()
    (noisy, _), (noisy_outgoing, _) = start["tiny_noise"]
    assert 0 < np.abs(noisy - incoming).max() < 1e-5
    assert 0 < np.abs(noisy_outgoing - outgoing).max() < 1e-5
    (zero_incoming, _), (random_outgoing, _) = start["zero_incoming_tanh"]
    assert not zero_incoming.any()
    assert random_outgoing.all()


def test_from_zero_nothing_moves_but_the_output_biases(symmetry: Result) -> None:
    assert symmetry.quantity("moved.other_parameters") == 0
    moved = symmetry.quantity("moved.output_biases")
    trained = symmetry.cohorts["zero"]
    assert moved == np.abs(trained.parameters[trained.network.layers[-1].bias]).max()


def test_zero_incoming_weights_stop_relu_and_not_tanh(symmetry: Result) -> None:
    assert symmetry.share("identical_share.zero_incoming_relu").count == 64
    assert symmetry.share("identical_share.zero_incoming_tanh").count == 0


def test_random_starts_get_most_points_right(symmetry: Result) -> None:
    accuracy = symmetry.quantity("accuracy.glorot")
    assert accuracy is not None
    assert accuracy > 0.5


def test_history_of_the_networks_in_the_figures_begins_at_the_start_and_ends_at_the_end(symmetry: Result) -> None:
    for trained in symmetry.cohorts.values():
        history = trained.history
        assert 25 <= len(history.steps) <= 40
        assert (history.steps[0], history.steps[-1]) == (0, 800)
        np.testing.assert_array_equal(history.parameters[0], trained.start[:, history.positions])
        np.testing.assert_array_equal(history.parameters[-1], trained.parameters[:, history.positions])


def test_first_step_apart_is_the_first_recorded_one(symmetry: Result) -> None:
    trained = symmetry.cohorts["outgoing_differ"]
    (first, _), _ = trained.network.unpack(trained.history.parameters[0])
    (second, _), _ = trained.network.unpack(trained.history.parameters[1])
    assert (first[:, 0] == first[:, 1]).all()
    assert (second[:, 0] != second[:, 1]).any()
    assert symmetry.quantity("first_step_apart.outgoing_differ") == trained.history.steps[1]


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("symmetry", networks=networks, steps=30)
    assert result.share("identical_share.glorot").of == networks
    assert result.share("identical_share.zero").of == 1
    assert result.share("identical_share.constant").count == networks
    assert {trained.loss.size for trained in result.cohorts.values()} == {1, networks}


def test_the_set_up_tells_every_way_to_train(symmetry: Result) -> None:
    steps = "800, full batch; 800, shuffled mini-batches of 32; 800, full batch, dropout 0.5"
    assert symmetry.setup["steps"] == steps
    assert len(symmetry.setup["initialiser"].split("; ")) == 6


def test_adam_makes_a_jump_of_a_tiny_difference_and_dropout_begins_with_rounding(symmetry: Result) -> None:
    noise, dropout = (symmetry.quantity(f"gap_after_one_step.{rung}") for rung in ("tiny_noise", "constant_dropout"))
    assert noise is not None
    assert dropout is not None
    history = symmetry.cohorts["tiny_noise"].history
    after = symmetry.cohorts["tiny_noise"].network.unpack(history.parameters[1])[0][0]
    assert history.steps[1] == 1
    assert noise >= np.median(np.abs(after[:, 0] - after[:, 1]).max(axis=0)) > 1e-4 > dropout


def test_accuracy_from_constants_hangs_on_the_sign_of_the_incoming_one(symmetry: Result) -> None:
    constant = symmetry.cohorts["constant"]
    right = constant.network.accuracy(constant.parameters, constant.data.x, constant.data.labels)
    for sign, chosen in (("positive", constant.start[0] > 0), ("negative", constant.start[0] < 0)):
        assert symmetry.quantity(f"accuracy_by_sign.{sign}") == pytest.approx(np.median(right[chosen]))

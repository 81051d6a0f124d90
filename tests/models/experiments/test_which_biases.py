"""Which biases matter: what is held, and that ties are told from successes."""

import numpy as np
import pytest

from models.experiment import Result
from models.experiments.which_biases import only_by_ties, silent_points
from models.labs.blobs import BLOBS
from tests.models.conftest import Run, by_hand, shares


@pytest.fixture(scope="module")
def biases(run: Run) -> Result:
    return run("which-biases")


@pytest.mark.parametrize(
    ("name", "hidden", "output"),
    [("free", False, False), ("hidden_held", True, False), ("output_held", False, True), ("both_held", True, True)],
)
def test_only_what_is_held_stays_at_zero(biases: Result, name: str, hidden: bool, output: bool) -> None:
    (_, first), (_, second) = BLOBS.network.unpack(biases.cohorts[name].parameters)
    assert [not first.any(), not second.any()] == [hidden, output]
    np.testing.assert_array_equal(biases.cohorts[name].start, biases.cohorts["free"].start)


def test_output_biases_are_missed_most(biases: Result) -> None:
    success = shares(biases, "success")
    assert success["output_held"].count == success["both_held"].count == 0
    assert success["free"].count > success["hidden_held"].count > 16


def test_networks_without_output_biases_reach_the_bar_by_ties_alone(biases: Result) -> None:
    ties = shares(biases, "only_by_ties")
    assert ties["output_held"].count > 0
    assert ties["free"].count == ties["hidden_held"].count == 0
    named = np.flatnonzero(only_by_ties(biases.cohorts["output_held"]))
    cohort = biases.cohorts["output_held"]
    outputs = BLOBS.network.forward(cohort.parameters, cohort.data.x)[-1][..., named]
    assert ((outputs.argmax(axis=1) == cohort.data.labels[:, None]).mean(axis=0) >= 0.99).all()
    assert ((outputs == 0).all(axis=1).mean(axis=0) > 0.01).all()


def test_silent_points_are_those_on_which_no_neuron_fires() -> None:
    network = BLOBS.network
    kernel = np.array([[1.0, -1], [0, 0]])[..., None]
    both_sides = network.pack([(kernel, np.zeros((2, 1))), (np.zeros((2, 4, 1)), np.zeros((4, 1)))])
    none = network.pack([(0 * kernel, -np.ones((2, 1))), (np.zeros((2, 4, 1)), np.zeros((4, 1)))])
    assert silent_points(by_hand(BLOBS, np.concatenate([both_sides, none], axis=1))).tolist() == [0, 1]


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    assert run("which-biases", networks=networks, steps=20).share("success.free").of == networks

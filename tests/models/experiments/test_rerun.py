"""Reruns on the coffee data: the findings that the entry needs, and what they count."""

from dataclasses import replace
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest

from models.datasets import coffee
from models.edges import edges
from models.experiment import Result
from tests.models.conftest import Run

EDGES = ("low_temperature", "short_duration", "diagonal")
ORDERS = ["-".join(order) for order in permutations(EDGES)]


def edges_with(result: Result, parameters: npt.NDArray[np.float32]) -> list[list[int]]:
    """Return the edge that each neuron of every network draws, were these the trained parameters (P, networks)."""
    drawn: list[list[int]] = edges(replace(result.cohorts["main"], parameters=parameters)).T.tolist()
    return drawn


def converged(result: Result) -> int:
    return result.share("converged_share").count


@pytest.mark.parametrize("name", ["converged_share", "diverged_share", *(f"order.{order}" for order in ORDERS)])
def test_shares_of_all_networks(rerun: Result, name: str) -> None:
    assert rerun.share(name).of == 64


@pytest.mark.parametrize("name", ["same_features_share", "same_index_share"])
def test_shares_of_the_converged_networks(rerun: Result, name: str) -> None:
    assert rerun.share(name).of == converged(rerun)


def test_converged_share_counts_accuracies_of_97_percent(rerun: Result) -> None:
    trained, data = rerun.cohorts["main"], coffee.load()
    outputs = trained.network.forward(trained.parameters, data.x)[-1][:, 0]
    right = ((outputs > 0) == data.labels[:, None]).sum(axis=0)
    assert converged(rerun) == np.count_nonzero(right >= 194)
    assert converged(rerun) > 32


def test_orders_sum_to_the_converged_networks_with_all_three_edges(rerun: Result) -> None:
    counts = [rerun.share(f"order.{order}").count for order in ORDERS]
    assert sum(counts) == rerun.share("same_features_share").count
    assert rerun.quantity("orders_seen") == np.count_nonzero(counts)
    assert np.count_nonzero(counts) > 1


def test_same_index_share_is_the_count_of_the_first_networks_order(rerun: Result) -> None:
    first = edges(rerun.cohorts["main"])[:, 0]
    assert (first >= 0).all()
    order = "-".join(EDGES[edge] for edge in first)
    assert rerun.share("same_index_share").count == rerun.share(f"order.{order}").count


def test_no_network_holds_an_edge_twice(rerun: Result) -> None:
    held = edges(rerun.cohorts["main"])
    assert held.shape == (3, 64)
    for network in held.T:
        drawn = network[network >= 0]
        assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_edges_drawn_by_hand_made_neurons(rerun: Result, order: tuple[int, ...]) -> None:
    assert edges_with(rerun, _on_edges(rerun, order)) == [list(order)]


def test_a_neuron_far_from_every_edge_holds_none(rerun: Result) -> None:
    parameters = _on_edges(rerun, (0, 1, 2))
    normals, _ = coffee.normalised_edges()
    between = normals[0] - normals[1]  # far from both axes, and on the other side of the diagonal
    kernel, _ = rerun.cohorts["main"].network.unpack(parameters)[0]
    kernel[:, 1, 0] = between
    assert edges_with(rerun, parameters) == [[0, -1, 2]]


def test_a_neuron_and_its_mirror_image_hold_the_same_edge(rerun: Result) -> None:
    trained = rerun.cohorts["main"]
    mirrored = trained.parameters.copy()
    mirrored[trained.network.layers[0].kernel] *= -1
    assert edges_with(rerun, mirrored) == edges_with(rerun, trained.parameters)


def test_permuting_the_neurons_permutes_the_edges(rerun: Result) -> None:
    trained = rerun.cohorts["main"]
    layers = trained.network.unpack(trained.parameters)
    turned = trained.network.pack(
        [(layers[0][0][:, [2, 0, 1]], layers[0][1][[2, 0, 1]]), (layers[1][0][[2, 0, 1]], layers[1][1])]
    )
    expected = [[third, first, second] for first, second, third in edges_with(rerun, trained.parameters)]
    assert edges_with(rerun, turned) == expected


def test_history_of_the_networks_in_the_figures_ends_at_the_end(rerun: Result) -> None:
    trained = rerun.cohorts["main"]
    assert (trained.history.steps[0], trained.history.steps[-1]) == (0, 2_000)
    assert 25 <= len(trained.history.steps) <= 40
    np.testing.assert_array_equal(trained.history.parameters[-1], trained.parameters[:, trained.history.positions])


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("rerun", networks=networks, steps=30)
    assert result.share("converged_share").of == networks
    assert result.share("same_features_share").of == converged(result)


def test_nothing_converges_in_one_step(run: Run) -> None:
    result = run("rerun", networks=5, steps=1)
    assert converged(result) == 0
    for name in ("same_features_share", "same_index_share"):
        finding = result.share(name)
        assert (finding.of, finding.value, finding.low, finding.high) == (0, None, None, None)
    assert result.quantity("orders_seen") == 0


def _on_edges(result: Result, order: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Return one network's parameters (P, 1) whose neurons lie on the edges in ``order``."""
    normals, offsets = coffee.normalised_edges()
    kernel = normals[list(order)].T[..., None]
    bias = -offsets[list(order)][:, None]
    return result.cohorts["main"].network.pack([(kernel, bias), (np.ones((3, 1, 1)), np.zeros((1, 1)))])


def test_edges_are_drawn_closely_by_networks_that_succeed_alone(rerun: Result) -> None:
    close = rerun.share("close_features_share")
    assert close.count > 0.9 * close.of
    assert rerun.share("close_features_share_at_start").count < 8
    failed = rerun.share("close_features_share_failed")
    assert failed.of == 64 - rerun.share("converged_share").count
    missed = [rerun.share(f"edge_missed_share.{edge}") for edge in ("low_temperature", "short_duration", "diagonal")]
    assert {each.of for each in missed} == {failed.of}

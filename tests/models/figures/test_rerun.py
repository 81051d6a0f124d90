"""The figures of reruns: the shown network in words, every order counted, and every network on the wall."""

import re

import pytest

from models.datasets import coffee
from models.experiment import Result
from models.figures import Figure
from tests.models.conftest import FigureOf, Run


@pytest.fixture(scope="module")
def rerun(run: Run) -> Result:
    return run("rerun")


@pytest.fixture(scope="module")
def counts(rerun: Result) -> list[int]:
    """Return how many networks hold the edges in each order."""
    return [rerun.share(name).count for name in rerun.findings if name.startswith("order.")]


@pytest.fixture(scope="module")
def wall(figure: FigureOf) -> Figure:
    return figure("rerun", "wall")


def test_words_name_the_shown_networks_accuracy_and_its_neurons(rerun: Result, figure: FigureOf) -> None:
    found, main, data = figure("rerun", "map"), rerun.cohorts["main"], coffee.load()
    right = main.network.accuracy(main.parameters, data.x, data.labels)
    first = int((right >= 0.97).argmax())
    assert f"Map of network {first}, which gets {right[first]:.0%}" in found.alternative
    assert len(found.table.rows) == 3
    for neuron in range(3):
        assert f"neuron {neuron + 1} draws" in found.alternative


def test_words_count_the_networks_of_every_order(rerun: Result, counts: list[int], figure: FigureOf) -> None:
    found = figure("rerun", "orders")
    assert len(found.table.rows) == len(counts) == 6
    for (words, count, of, *_), expected in zip(found.table.rows, counts, strict=True):
        assert f"{words}: {expected} of 64" in found.alternative
        assert (count, of) == (str(expected), "64")
    sixth = rerun.share("same_features_share").count / 6 / 64
    assert found.alternative.endswith(f"The mark, one in six: {sixth:.1%}.")


def test_the_wall_of_orders_shows_every_network_once(counts: list[int], wall: Figure) -> None:
    told = [int(count) for count in re.findall(r": (\d+)", wall.alternative)]
    assert sum(told) == 64
    assert len(wall.table.rows) == 64
    orders = [count for count in counts if count]
    assert told[: len(orders)] == orders

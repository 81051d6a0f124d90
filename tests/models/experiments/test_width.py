"""Widths on the blobs and on XOR: the findings that the entry needs, and the pairs of neurons that they count."""

import gzip
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from models.datasets import blobs
from models.experiment import Result
from models.experiments.width import WIDE, WIDTHS, Width, blobs_pair, pair_chance, two_suffice, xor_pair
from models.initializers import start
from models.labs.xor import XOR
from models.plans import Cohort, Plan, Start
from models.readings import success
from tests.models.conftest import Run, by_hand, train

EVERY = [(name, h) for name, widths in WIDTHS.items() for h in widths]


@pytest.fixture(scope="module")
def width(run: Run) -> Result:
    return run("width")


def xor_network(*neurons: tuple[float, float, float]) -> Cohort:
    """Return a network with these neurons: two incoming weights and the outgoing one; biases 0."""
    parameters = np.zeros((XOR.network.size, 1), np.float32)
    (kernel, _), (outgoing, output_bias) = XOR.network.unpack(parameters)
    for at, (one, two, out) in enumerate(neurons):
        kernel[:, at, 0], outgoing[at, 0, 0] = (one, two), out
    output_bias[:] = -0.5
    return by_hand(XOR, parameters)


@pytest.mark.parametrize(("name", "h"), EVERY)
def test_every_width_reports_successes_pairs_and_dead_neurons(width: Result, name: str, h: int) -> None:
    assert width.share(f"success.{name}.{h}").of == 64
    dead = width.quantity(f"dead.{name}.{h}")
    assert dead is not None
    assert 0 <= dead < h
    pairs = [f"{family}.{name}.{h}" for family in ("pair_at_start", "pair_at_end", "success_without_pair")]
    if h == 1:
        assert not width.findings.keys() & set(pairs)  # one neuron makes no pair
    else:
        began, ended, without = (width.share(each) for each in pairs)
        assert began.of == ended.of == 64
        assert without.of == 64 - began.count


def test_one_hidden_neuron_is_spoken_of_in_the_singular(width: Result) -> None:
    assert width.share("success.blobs.1").label == "networks of 1 hidden neuron that get 99 % of the blobs right"
    assert width.share("success.xor.2").label.startswith("networks of 2 hidden neurons that get all four corners")


def test_wide_networks_succeed_more_often(width: Result) -> None:
    for name, (narrow, *_, wide) in WIDTHS.items():
        assert width.share(f"success.{name}.{wide}").count > width.share(f"success.{name}.{narrow}").count + 8


def test_one_neuron_is_not_enough_for_the_blobs(width: Result) -> None:
    assert width.share("success.blobs.1").count == 0
    best = width.quantity("best_accuracy.blobs.1")
    assert best is not None
    assert best <= 0.96


def test_along_no_direction_can_the_blobs_be_sliced_right() -> None:
    # With one neuron, each class wins on one interval of the neuron's sum: find the best intervals by hand.
    data, best = blobs.load(), 0
    for angle in np.linspace(0, np.pi, 180, endpoint=False):
        along = data.x @ np.array([np.cos(angle), np.sin(angle)])
        counts = np.eye(4)[data.labels[np.argsort(along)]].cumsum(axis=0)
        order = np.argsort([along[data.labels == label].mean() for label in range(4)])
        right = np.zeros(101)
        for label in order:
            gained = np.concatenate(([0], counts[:, label]))
            right = gained + np.maximum.accumulate(right - gained)
        best = max(best, int(right[-1]))
    assert 90 <= best <= 96


def test_xor_pairs_are_counted_of_the_start_and_of_the_end(width: Result) -> None:
    for h in WIDTHS["xor"]:
        trained = width.cohorts[f"xor.{h}"]
        assert width.share(f"pair_at_start.xor.{h}").count == np.count_nonzero(xor_pair(trained.untrained))
        assert width.share(f"pair_at_end.xor.{h}").count == np.count_nonzero(xor_pair(trained))
    counts = [width.share(f"pair_at_start.xor.{h}").count for h in WIDTHS["xor"]]
    assert width.share("success_with_pair.xor").of == sum(counts)


@pytest.mark.parametrize(
    ("neurons", "expected"),
    [
        (((1, -1, 1), (-1, 1, 1)), True),  # both corners of class 1, outgoing weights for class 1
        (((1, -1, 1), (-1, 1, -1)), False),  # one of them speaks against its corner
        (((1, 1, -1), (-1, -0.5, -1)), True),  # both corners of class 0
        (((1, -1, 1), (1, 1, -1)), False),  # one corner of each class
        (((1, -1, 1), (2, -1, 1)), False),  # the same corner twice
        (((1, -1, 1),), False),
        (((1, 1, 1), (1, -1, 1), (-1, 1, 1)), True),
    ],
)
def test_a_pair_serves_both_corners_of_one_class(
    neurons: tuple[tuple[float, float, float], ...], expected: bool
) -> None:
    assert xor_pair(xor_network(*neurons)).tolist() == [expected]


def test_two_suffice_where_the_others_may_be_switched_off() -> None:
    pair = ((1.0, -1.0, 1.0), (-1.0, 1.0, 1.0))
    assert two_suffice(xor_network(*pair)).tolist() == [True]
    assert two_suffice(xor_network(*pair, (1, 1, 9))).tolist() == [True]
    halves = [(one, two, out / 8) for one, two, out in pair]
    assert success(xor_network(*halves * 4)).all()
    assert two_suffice(xor_network(*halves * 4)).tolist() == [False]


def test_a_pair_splits_the_blobs_in_two_ways() -> None:
    parameters = np.zeros((WIDE.network.size, 3), np.float32)
    kernel, _ = WIDE.network.unpack(parameters)[0]
    kernel[0, 0], kernel[0, 1], kernel[1, 1] = 1, [0, -1, 0], [1, 0.1, 0]
    pairs = by_hand(WIDE, parameters)
    assert blobs_pair(pairs).tolist() == [True, False, False]
    assert blobs_pair(replace(pairs, plan=replace(pairs.plan, width=1))).tolist() == [False, False, False]


@pytest.mark.parametrize("h", [1, 2, 3])
def test_the_chance_of_a_pair_is_that_of_an_exact_count(h: int) -> None:
    # A neuron serves corner 0, 1, 2 or 3 with probability 1/8 each, and none with probability 1/2.
    total = 0.0
    for places in product(range(5), repeat=h):
        if any({one, two} in ({1, 2}, {0, 3}) for one, two in combinations(places, 2)):
            total += float(np.prod([0.5 if place == 4 else 0.125 for place in places]))
    assert pair_chance(h) == pytest.approx(total)


@pytest.mark.parametrize("h", WIDTHS["xor"])
def test_random_starts_have_pairs_as_often_as_calculated(h: int) -> None:
    starts = train(Plan("main", XOR, Start.by("glorot_uniform"), steps=0, width=h), networks=1_000)["main"]
    chance = pair_chance(h)
    assert abs(xor_pair(starts).mean() - chance) < 4 * np.sqrt(chance * (1 - chance) / 1_000)


def test_the_widest_network_is_not_masked(width: Result) -> None:
    first = width.cohorts["xor.10"].start
    np.testing.assert_array_equal(first, start(XOR.network, "glorot_uniform", seed=width.seed, members=range(64)))


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("width", networks=networks, steps=20, xor_steps=20)
    assert result.share("success.xor.4").of == networks
    assert result.share("success.xor_zero_one.4").of == networks


def test_a_number_of_ones_own_is_that_width(run: Run) -> None:
    result = run("width", networks=64, steps=200, xor_steps=400, hidden=8)
    shown = gzip.decompress(Width().recording(result)).decode()
    for data, title in (("blobs", "Four blobs"), ("xor", "XOR")):
        own, same = result.cohorts[f"own.{data}"], result.cohorts[f"{data}.8"]
        np.testing.assert_array_equal(own.parameters, same.parameters)
        assert result.share(f"success.own.{data}").count == result.share(f"success.{data}.8").count
        assert f'"title":"{title}, a number of your own: 8"' in shown

"""Widths on the blobs and on XOR: the findings that the entry needs, and the pairs of neurons that they count."""

from collections.abc import Callable
from itertools import combinations, product

import numpy as np
import pytest

from models.datasets import blobs, xor
from models.experiment import Quantity, Result, Share
from models.experiments.width import BLOBS, XOR, blobs_pair, two_suffice, xor_pair
from models.figures.width import pair_chance
from models.initializers import start
from models.success import succeeded
from models.widths import narrow_start

WIDTHS = {"blobs": (1, 2, 3, 4, 8), "xor": (2, 4, 6, 8, 10)}
EVERY = [(name, h) for name, widths in WIDTHS.items() for h in widths]
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def width(run: Run) -> Result:
    return run("width")


def share(result: Result, name: str) -> Share:
    finding = result.findings[name]
    assert isinstance(finding, Share)
    return finding


def xor_network(*neurons: tuple[float, float, float]) -> np.ndarray:
    """Return a network (P, 1) with these neurons: two incoming weights and the outgoing one; biases 0."""
    parameters = np.zeros((XOR.size, 1), np.float32)
    (kernel, _), (outgoing, output_bias) = XOR.unpack(parameters)
    for at, (one, two, out) in enumerate(neurons):
        kernel[:, at, 0], outgoing[at, 0, 0] = (one, two), out
    output_bias[:] = -0.5
    return parameters


@pytest.mark.parametrize(("name", "h"), EVERY)
def test_every_width_reports_successes_pairs_and_dead_neurons(width: Result, name: str, h: int) -> None:
    for family in ("success", "pair_at_start", "pair_at_end"):
        assert share(width, f"{family}.{name}.{h}").of == 64
    pairs = share(width, f"pair_at_start.{name}.{h}")
    assert share(width, f"success_without_pair.{name}.{h}").of == 64 - pairs.count
    dead = width.findings[f"dead.{name}.{h}"]
    assert isinstance(dead, Quantity)
    assert dead.value is not None
    assert 0 <= dead.value < h


def test_wide_networks_succeed_more_often(width: Result) -> None:
    for name, (narrow, *_, wide) in WIDTHS.items():
        assert share(width, f"success.{name}.{wide}").count > share(width, f"success.{name}.{narrow}").count + 8


def test_one_neuron_is_not_enough_for_the_blobs(width: Result) -> None:
    assert share(width, "success.blobs.1").count == 0
    best = width.findings["best_accuracy.blobs.1"].value
    assert isinstance(best, float)
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
        assert share(width, f"pair_at_start.xor.{h}").count == np.count_nonzero(xor_pair(trained.start, h))
        assert share(width, f"pair_at_end.xor.{h}").count == np.count_nonzero(xor_pair(trained.parameters, h))
    counts = [share(width, f"pair_at_start.xor.{h}").count for h in WIDTHS["xor"]]
    assert share(width, "success_with_pair.xor").of == sum(counts)


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
    assert xor_pair(xor_network(*neurons), 10).tolist() == [expected]


def test_two_suffice_where_the_others_may_be_switched_off() -> None:
    pair = ((1.0, -1.0, 1.0), (-1.0, 1.0, 1.0))
    assert two_suffice(xor_network(*pair), 10).tolist() == [True]
    assert two_suffice(xor_network(*pair, (1, 1, 9)), 10).tolist() == [True]
    halves = [(one, two, out / 8) for one, two, out in pair]
    assert succeeded(XOR, xor_network(*halves * 4), xor.load()).all()
    assert two_suffice(xor_network(*halves * 4), 10).tolist() == [False]


def test_a_pair_splits_the_blobs_in_two_ways() -> None:
    parameters = np.zeros((BLOBS.size, 3), np.float32)
    kernel, _ = BLOBS.unpack(parameters)[0]
    kernel[0, 0], kernel[0, 1], kernel[1, 1] = 1, [0, -1, 0], [1, 0.1, 0]
    assert blobs_pair(parameters, 8).tolist() == [True, False, False]
    assert blobs_pair(parameters, 1).tolist() == [False, False, False]


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
    starts, _ = narrow_start(XOR, h, "glorot_uniform", seed=5, networks=range(1_000))
    chance = pair_chance(h)
    assert abs(xor_pair(starts, h).mean() - chance) < 4 * np.sqrt(chance * (1 - chance) / 1_000)


def test_the_widest_network_is_not_masked(width: Result) -> None:
    first = width.cohorts["xor.10"].start
    np.testing.assert_array_equal(first, start(XOR, "glorot_uniform", seed=width.seed, networks=range(64)))


@pytest.mark.parametrize("networks", [1, 65])
def test_any_number_of_networks(run: Run, networks: int) -> None:
    result = run("width", networks=networks, steps=20, xor_steps=20)
    assert share(result, "success.xor.4").of == networks
    assert share(result, "success.xor_zero_one.4").of == networks

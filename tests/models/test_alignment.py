"""Matching lines and neurons: angles, assignments, and the gap between two neurons."""

from itertools import permutations
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import chebyshev, cosine

from models.alignment import angles, assign, gap

pytestmark = pytest.mark.slow

steady = settings(deadline=None)
Floats = npt.NDArray[np.float64]

weights = st.floats(0.01, 100).flatmap(lambda size: st.sampled_from([size, -size]))
kernels = arrays(np.float64, st.tuples(st.just(2), st.integers(1, 4), st.integers(1, 3)), elements=weights)
signs = st.sampled_from([-1.0, 1.0])
NORMALS = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])


def one_neuron(*incoming: float) -> Floats:
    return np.array(incoming, np.float64)[:, None, None]


@pytest.mark.parametrize(
    ("incoming", "expected"),
    [((1, 0), (0, 90)), ((0, -3), (90, 0)), ((1, 1), (45, 45)), ((-1, np.sqrt(3)), (60, 30))],
)
def test_angles_of_known_lines(incoming: tuple[float, float], expected: tuple[float, float]) -> None:
    np.testing.assert_allclose(angles(NORMALS[:2], one_neuron(*incoming))[:, 0, 0], expected, atol=1e-6)


@steady
@given(kernels, st.data())
def test_angles_do_not_depend_on_sign_or_length(kernel: Floats, data: st.DataObject) -> None:
    shape = kernel.shape[1:]
    flips = data.draw(arrays(np.float64, shape, elements=signs))
    lengths = data.draw(arrays(np.float64, shape, elements=st.floats(1e-3, 1e3)))
    turned = angles(NORMALS, kernel * flips * lengths)
    np.testing.assert_allclose(turned, angles(NORMALS, kernel), atol=1e-4)
    np.testing.assert_allclose(turned, angles(-NORMALS, kernel), atol=1e-4)


@steady
@given(kernels)
def test_angles_stand_between_0_and_90_degrees_for_each_line_and_neuron(kernel: Floats) -> None:
    found = angles(NORMALS, kernel)
    assert found.shape == (3, *kernel.shape[1:])
    assert ((found >= 0) & (found <= 90)).all()


@steady
@given(kernels)
def test_angles_with_the_own_normal_are_zero(kernel: Floats) -> None:
    normal = kernel[:, 0, 0] / np.linalg.norm(kernel[:, 0, 0])
    assert angles(normal[None], kernel)[0, 0, 0] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    "incoming",
    [(0, 0), (np.nan, np.nan), (np.inf, -np.inf), (np.nan, 1), (1, np.nan), (np.inf, 1), (1, -np.inf)],
)
def test_a_neuron_without_a_line_gets_90_degrees(incoming: tuple[float, float]) -> None:
    np.testing.assert_array_equal(angles(NORMALS, one_neuron(*incoming)), 90)


def test_a_broken_neuron_leaves_its_neighbours_alone() -> None:
    whole = np.random.default_rng(1).normal(size=(2, 3, 4))
    broken = whole.copy()
    broken[:, 1, 2] = np.nan
    same = np.ones((3, 4), bool)
    same[1, 2] = False
    np.testing.assert_array_equal(angles(NORMALS, broken)[:, same], angles(NORMALS, whole)[:, same])


@steady
@given(
    st.integers(1, 5).flatmap(lambda size: st.lists(st.permutations(range(size)), min_size=1, max_size=4)), st.data()
)
def test_assign_finds_the_permutation_of_a_permuted_cost(orders: list[list[int]], data: st.DataObject) -> None:
    size = len(orders[0])
    expected = np.array(orders).T  # (lines, networks)
    cost = data.draw(arrays(np.float64, (size, size, len(orders)), elements=st.floats(1, 90)))
    for network, order in enumerate(orders):
        cost[np.arange(size), order, network] = data.draw(st.floats(0, 0.9))
    np.testing.assert_array_equal(assign(cost), expected)


@steady
@given(arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(3, 4), st.just(2)), elements=st.floats(0, 90)))
def test_assign_has_the_least_sum_of_all_assignments(cost: Floats) -> None:
    lines, units, networks = cost.shape
    assigned = assign(cost)
    for network in range(networks):
        assert len(set(assigned[:, network])) == lines
        least = min(cost[range(lines), list(order), network].sum() for order in permutations(range(units), lines))
        assert cost[range(lines), assigned[:, network], network].sum() == pytest.approx(least)


bits: Any = st.floats(-1e6, 1e6, width=32)
neurons = arrays(np.float32, (3, 2), elements=bits)  # two weights and a bias of two networks


@steady
@given(neurons, neurons)
def test_gap_is_zero_only_for_identical_neurons(one: npt.NDArray[np.float32], two: npt.NDArray[np.float32]) -> None:
    both = np.stack((one, two), axis=1)  # (inputs + 1, units, networks)
    np.testing.assert_array_equal(gap(both[:2], both[2]) == 0, (one == two).all(axis=0))
    np.testing.assert_array_equal(gap(both[:2], both[2]), gap(both[:2, ::-1], both[2, ::-1]))
    copied = np.stack((one, one), axis=1)
    np.testing.assert_array_equal(gap(copied[:2], copied[2]), 0)


@pytest.mark.parametrize("place", range(3))
def test_gap_sees_the_last_bit_of_every_weight_and_of_the_bias(place: int) -> None:
    both = np.full((3, 2, 1), 0.7, np.float32)
    both[place, 1] = np.nextafter(np.float32(0.7), np.float32(1))
    assert gap(both[:2], both[2])[0] > 0


def test_gap_is_the_largest_difference() -> None:
    kernel = np.array([[[1.0], [1.5]], [[0.0], [-2.0]]])
    assert gap(kernel, np.array([[0.0], [1.0]]))[0] == 2


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_gap_of_weights_that_are_not_finite_is_not_zero(value: float) -> None:
    kernel = np.full((2, 2, 1), value)
    assert not (gap(kernel, np.zeros((2, 1))) == 0).any()


directions = st.floats(0, 2 * np.pi)


@steady
@given(directions, directions)
def test_angles_in_the_plane_are_those_between_the_directions(line: float, neuron: float) -> None:
    found = angles(np.array([[np.cos(line), np.sin(line)]]), one_neuron(np.cos(neuron), np.sin(neuron)))[0, 0, 0]
    turned = np.degrees(line - neuron) % 180
    assert found == pytest.approx(min(turned, 180 - turned), abs=1e-4)


@steady
@given(kernels, directions)
def test_angles_do_not_change_when_all_is_turned(kernel: Floats, by: float) -> None:
    turn = np.array([[np.cos(by), -np.sin(by)], [np.sin(by), np.cos(by)]])
    turned = np.einsum("gf,fun->gun", turn, kernel)
    np.testing.assert_allclose(angles(NORMALS @ turn.T, turned), angles(NORMALS, kernel), atol=1e-4)


@steady
@given(kernels)
def test_angles_are_scipys_cosine_distance(kernel: Floats) -> None:
    expected = [
        [
            [
                np.degrees(np.arccos(min(1, abs(1 - cosine(normal, kernel[:, unit, network])))))
                for network in range(kernel.shape[2])
            ]
            for unit in range(kernel.shape[1])
        ]
        for normal in NORMALS
    ]
    np.testing.assert_allclose(angles(NORMALS, kernel), expected, atol=1e-4)


costs = arrays(
    np.float64, st.tuples(st.integers(1, 4), st.just(4), st.integers(1, 3)), elements=st.floats(0, 90), unique=True
)


def total(cost: Floats, assigned: npt.NDArray[np.intp]) -> Floats:
    """Return each network's summed cost (networks,)."""
    return np.asarray(np.take_along_axis(cost, assigned[:, None], axis=1).sum(axis=(0, 1)))


@steady
@given(costs, st.permutations(range(4)))
def test_assign_follows_the_units_when_they_change_places(cost: Floats, order: list[int]) -> None:
    assigned, moved = assign(cost), assign(cost[:, order])
    np.testing.assert_allclose(total(cost[:, order], moved), total(cost, assigned))
    np.testing.assert_allclose(total(cost, np.array(order)[moved]), total(cost, assigned))


@steady
@given(costs, st.lists(st.floats(-50, 50), min_size=4, max_size=4))
def test_assign_does_not_mind_what_is_added_to_all_costs_of_a_line(cost: Floats, added: list[float]) -> None:
    more = cost + np.array(added[: len(cost)])[:, None, None]
    np.testing.assert_allclose(total(cost, assign(more)), total(cost, assign(cost)), atol=1e-6)


@steady
@given(costs)
def test_assign_treats_each_network_alone(cost: Floats) -> None:
    alone = [assign(cost[:, :, network : network + 1])[:, 0] for network in range(cost.shape[2])]
    np.testing.assert_array_equal(assign(cost), np.stack(alone, axis=1))


@steady
@given(neurons, neurons, neurons)
def test_gap_is_a_distance(
    one: npt.NDArray[np.float32], two: npt.NDArray[np.float32], three: npt.NDArray[np.float32]
) -> None:
    def apart(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> Floats:
        both = np.stack((a, b), axis=1).astype(np.float64)
        return np.asarray(gap(both[:2], both[2]))

    np.testing.assert_array_equal(
        apart(one, two), [chebyshev(*each) for each in zip(one.T.astype(float), two.T.astype(float), strict=True)]
    )
    assert (apart(one, three) <= apart(one, two) + apart(two, three) + 1e-6).all()

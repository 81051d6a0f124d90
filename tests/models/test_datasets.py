"""The data are those of the course, and the drawn edges are the true ones."""

import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.datasets import make_blobs

from models.datasets import Dataset, blobs, coffee, xor


@pytest.mark.parametrize(
    ("data", "rows", "outputs"), [(coffee.load(), 200, 1), (blobs.load(), 100, 4), (xor.load(), 4, 1)]
)
def test_shapes_types_and_names_fit_together(data: Dataset, rows: int, outputs: int) -> None:
    assert data.x.shape == (rows, 2)
    assert data.targets.shape == (rows, outputs)
    assert data.labels.shape == (rows,)
    assert data.x.dtype == data.targets.dtype == np.float32
    assert data.labels.dtype == np.intp
    assert len(data.feature_names) == 2
    assert len(data.class_names) == len(set(data.labels.tolist()))


def test_coffee_draws_roasts_uniformly_as_the_course_does() -> None:
    raw = np.random.default_rng(2).random(400).reshape(200, 2)
    x, _ = coffee.roasts()
    assert np.allclose(x[:, 0], 150 + 135 * raw[:, 0], rtol=1e-15)
    assert np.allclose(x[:, 1], 11.5 + 4 * raw[:, 1], rtol=1e-15)


def test_coffee_calls_a_roast_good_inside_the_triangle_and_only_there() -> None:
    x, labels = coffee.roasts()
    expected = [
        175 < temperature < 260 and 12 < duration < 15 and duration <= 21 - 3 / 85 * temperature
        for temperature, duration in x
    ]
    assert labels.tolist() == [int(good) for good in expected]
    assert 0 < sum(expected) < 200
    assert np.array_equal(coffee.load().labels, labels)
    assert np.array_equal(coffee.load().targets[:, 0], labels)


def test_coffee_features_are_normalised() -> None:
    x = coffee.load().x.astype(np.float64)
    assert np.allclose(x.mean(axis=0), 0, atol=1e-6)
    assert np.allclose(x.var(axis=0), 1, atol=1e-6)


def test_normalised_features_keep_the_order_of_the_raw_ones() -> None:
    x, _ = coffee.roasts()
    for column in range(2):
        assert np.corrcoef(x[:, column], coffee.load().x[:, column])[0, 1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("edge", "ends"),
    [
        ("low_temperature", [(175, 10), (175, 16)]),
        ("short_duration", [(150, 12), (285, 12)]),
        ("diagonal", [(170, 15), (255, 12)]),
    ],
)
def test_points_on_a_raw_edge_lie_on_the_normalised_edge(edge: str, ends: list[tuple[float, float]]) -> None:
    x, _ = coffee.roasts()
    place = [each.name for each in coffee.EDGES].index(edge)
    normals, offsets = coffee.normalised_edges()
    for end in ends:
        normalised = (np.array(end) - x.mean(axis=0)) / x.std(axis=0)
        assert normals[place] @ normalised == pytest.approx(offsets[place], abs=1e-12)


def test_normalised_edges_have_unit_normals_that_point_into_the_good_region() -> None:
    data = coffee.load()
    normals, offsets = coffee.normalised_edges()
    assert np.allclose(np.linalg.norm(normals, axis=1), 1)
    inside = data.x[data.labels == 1] @ normals.T - offsets  # (good rows, edges)
    assert inside.min() > 0
    # The edges are all that tells a good roast: whatever lies inside all three is good.
    assert np.array_equal(((data.x @ normals.T - offsets) > 0).all(axis=1), data.labels == 1)


def test_blobs_are_the_points_of_the_lab() -> None:
    centers = [[-5, 2], [-2, -2], [1, 2], [5, -2]]
    x, labels = make_blobs(n_samples=100, centers=centers, cluster_std=1.0, random_state=30)
    data = blobs.load()
    assert np.array_equal(data.x, x.astype(np.float32))
    assert np.array_equal(data.labels, labels)
    assert np.array_equal(data.targets.argmax(axis=1), labels)
    assert np.array_equal(data.targets.sum(axis=1), np.ones(100))
    assert np.bincount(labels).tolist() == [25, 25, 25, 25]


@pytest.mark.parametrize("low", [-1, 0])
def test_xor_has_one_diagonal_of_the_square_in_each_class(low: int) -> None:
    data = xor.load(low)
    corners = {(float(x), float(y)): int(label) for (x, y), label in zip(data.x, data.labels, strict=True)}
    assert corners == {(low, low): 0, (1, 1): 0, (low, 1): 1, (1, low): 1}
    assert np.array_equal(data.targets[:, 0], data.labels)


def test_no_line_parts_the_classes_of_xor() -> None:
    data = xor.load()
    ones = np.column_stack((data.x, np.ones(4)))
    sign = np.where(data.labels == 1, 1, -1)[:, None]
    assert not linprog(np.zeros(3), A_ub=-sign * ones, b_ub=-np.ones(4), bounds=(None, None)).success

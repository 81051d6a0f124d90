"""The data are those of the course, and the drawn edges are the true ones."""

from math import erf
from types import ModuleType

import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.datasets import make_blobs

from models.datasets import Dataset, blobs, circles, coffee, moons, noisy_curve, overlapping, parabola, sine, wavy, xor


@pytest.mark.parametrize(
    ("data", "rows", "outputs"),
    [
        (coffee.load(), 200, 1),
        (blobs.load(), 100, 4),
        (xor.load(), 4, 1),
        (overlapping.load(), 200, 1),
        (moons.load(), 200, 1),
        (circles.load(), 200, 1),
        (parabola.load(), 60, 1),
        (sine.load(), 60, 1),
        (wavy.load(), 100, 1),
    ],
)
def test_shapes_types_and_names_fit_together(data: Dataset, rows: int, outputs: int) -> None:
    assert data.x.shape == (rows, len(data.feature_names))
    assert data.targets.shape == (rows, outputs)
    assert data.labels.shape == (rows,)
    assert data.x.dtype == data.targets.dtype == np.float32
    assert data.labels.dtype == np.intp
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


SAMPLED = [overlapping, moons, circles, parabola, sine]


@pytest.mark.parametrize("module", [*SAMPLED, wavy], ids=lambda module: module.__name__)
def test_a_sample_is_its_generators_and_a_loaded_one_always_the_same(module: ModuleType) -> None:
    one, again, other = (module.sample(np.random.default_rng(seed), 21) for seed in (1, 1, 2))
    assert one.x.shape[0] == 21
    np.testing.assert_array_equal(one.x, again.x)
    np.testing.assert_array_equal(one.targets, again.targets)
    assert (one.x != other.x).any()
    np.testing.assert_array_equal(module.load(30).x, module.load.__wrapped__(30).x)
    assert module.load(30) is module.load(30)


@pytest.mark.parametrize("module", SAMPLED[:3], ids=lambda module: module.__name__)
def test_classes_of_a_sample_are_as_large_as_each_other(module: ModuleType) -> None:
    assert sorted(np.bincount(module.load(51).labels).tolist()) == [25, 26]
    np.testing.assert_array_equal(module.load(51).labels, module.load(51).targets[:, 0])


def test_the_best_accuracy_and_loss_on_overlapping_clouds_are_those_of_the_nearer_centre() -> None:
    data = overlapping.sample(np.random.default_rng(3), 400_000)
    assert overlapping.load(10).labels.tolist() == [0, 1] * 5
    right = (data.x[:, 0] > 0) == data.labels
    assert right.mean() == pytest.approx(overlapping.BEST_ACCURACY, abs=0.003)  # five standard deviations
    odds = 2 * data.x[:, 0].astype(np.float64)
    loss = np.logaddexp(0, odds) - odds * data.labels
    assert loss.mean() == pytest.approx(overlapping.best_loss(), abs=5 * loss.std() / np.sqrt(len(loss)))
    # The distance of the centres is two standard deviations, in which the second feature says nothing.
    apart = data.x[data.labels == 1].mean(axis=0) - data.x[data.labels == 0].mean(axis=0)
    assert apart == pytest.approx([2, 0], abs=0.02)
    assert np.std(data.x - np.array(overlapping.CENTERS)[data.labels], axis=0) == pytest.approx([1, 1], abs=0.01)


@pytest.mark.parametrize("turned", [0.0, 0.3, 1.0])
def test_the_points_everywhere_tell_the_accuracy_on_all_points(turned: float) -> None:
    data = overlapping.everywhere()
    across = data.x @ [np.cos(turned), np.sin(turned)]  # of a border that is turned, right with Φ(cos(turned))
    exact = (1 + erf(np.cos(turned) / np.sqrt(2))) / 2
    assert ((across > 0) == data.labels).mean() == pytest.approx(exact, abs=0.001)
    assert np.bincount(data.labels).tolist() == [2048, 2048]


def test_the_inner_circle_is_half_as_wide() -> None:
    data = circles.load(2_000)
    radius = np.linalg.norm(data.x, axis=1)
    means = [radius[data.labels == label].mean() for label in (0, 1)]
    assert means == pytest.approx([1, 0.5], abs=0.03)


@pytest.mark.parametrize("module", SAMPLED[3:], ids=lambda module: module.__name__)
def test_values_lie_around_their_curve(module: ModuleType) -> None:
    data = module.sample(np.random.default_rng(3), 10_000)
    off = data.targets - module.curve(data.x)
    assert off.mean() == pytest.approx(0, abs=0.005)
    assert off.std() == pytest.approx(noisy_curve.NOISE, rel=0.04)
    assert (data.x.min(), data.x.max()) == pytest.approx((-1, 1), abs=0.01)


def test_curves_are_what_they_are_called() -> None:
    x = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    assert parabola.curve(x) == pytest.approx([1, 0.25, 0, 0.25, 1])
    assert sine.curve(x) == pytest.approx([0, -1, 0, 1, 0])


def test_the_wave_is_the_border_and_no_straight_line_does_as_well() -> None:
    data = wavy.sample(np.random.default_rng(3), 4000)
    assert np.abs(data.x).max() <= wavy.SIDE
    np.testing.assert_array_equal(data.labels == 1, data.x[:, 1] > np.sin(3 * data.x[:, 0]))
    lines = [np.cos(angle) * data.x[:, 0] + np.sin(angle) * data.x[:, 1] > 0 for angle in np.linspace(0, np.pi, 90)]
    assert max((line == data.labels).mean() for line in lines) < 0.9

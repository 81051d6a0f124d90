"""Windows, lines, regions and walls."""

from itertools import permutations

import numpy as np
import pytest
from matplotlib.figure import Figure

from models.datasets import Dataset, blobs, coffee
from models.figures import style
from models.figures.boundaries import Group, Window, draw_wall, regions, tinted
from models.figures.style import LIGHT
from models.network import Network


@pytest.mark.parametrize("data", [blobs.load(), coffee.load()], ids=["blobs", "coffee"])
def test_a_window_holds_all_examples_with_a_margin(data: Dataset) -> None:
    window = Window.around(data)
    x, y = data.x.T
    assert window.left < x.min() < x.max() < window.right
    assert window.bottom < y.min() < y.max() < window.top


@pytest.mark.parametrize(
    ("kernel", "bias", "ends"),
    [
        ((1, 0), -1, {(1, 0), (1, 2)}),
        ((0, 1), -1, {(0, 1), (4, 1)}),
        ((1, -1), 0, {(0, 0), (2, 2)}),
        ((1, 2), -4, {(0, 2), (4, 0)}),
        ((1, 0), 9, None),
        ((0, 0), 1, None),
        ((np.nan, np.nan), np.nan, None),
    ],
)
def test_a_segment_is_the_line_inside_the_window(
    kernel: tuple[float, float], bias: float, ends: set[tuple[float, float]] | None
) -> None:
    found = Window(0, 4, 0, 2).segment(np.array(kernel, float), bias)
    assert (None if found is None else {(float(x), float(y)) for x, y in found.round(9)}) == ends


def test_segments_are_those_of_the_neurons_whose_lines_are_in_sight() -> None:
    kernel, bias = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.array([-1.0, -9.0, -1.0])
    found = dict(Window(0, 4, 0, 2).segments(kernel, bias))
    assert {neuron: ends.tolist() for neuron, ends in found.items()} == {0: [[1, 0], [1, 2]], 2: [[0, 1], [4, 1]]}


def test_a_picture_fills_the_axes() -> None:
    axes, window = Figure().add_subplot(), Window(-1, 4, 0, 2)
    window.fill(axes, np.zeros((3, 5, 4), np.uint8))
    assert (axes.get_xlim(), axes.get_ylim()) == ((-1, 4), (0, 2))
    assert tuple(axes.images[0].get_extent()) == (-1, 4, 0, 2)


def test_regions_are_drawn_where_they_are() -> None:
    network = Network((2, 1), "linear", "binary_crossentropy")
    parameters = np.array([[0.0], [1.0], [-1.5]])  # above y = 1.5
    found = regions(network, parameters, Window(0, 4, 0, 2), 8, 4)[..., 0]
    np.testing.assert_array_equal(found, np.repeat([[1], [0], [0], [0]], 8, axis=1))


def test_tints_are_transparent_and_tell_classes_apart() -> None:
    found = tinted(np.array([[0, 1]]), LIGHT.classes)
    assert found.shape == (1, 2, 4)
    assert (found[0, 0, :3] == list(bytes.fromhex(LIGHT.classes[0][1:]))).all()
    assert (found[..., 3] < 128).all()
    assert (found[0, 0] != found[0, 1]).any()


@pytest.mark.parametrize("sizes", list(permutations((1, 8, 9))))
def test_a_wall_grows_with_its_groups_and_frames_what_is_marked(sizes: tuple[int, ...]) -> None:
    network, data = Network((2, 2, 4), "relu", "softmax_crossentropy"), blobs.load()
    parameters = np.random.default_rng(1).normal(size=(network.size, 18)).astype(np.float32)
    groups, first = [Group("empty", ())], 0
    for size in sizes:
        groups.append(Group(f"{size} networks", range(first, first + size), (first,)))
        first += size
    with style.drawing(LIGHT):
        wall = draw_wall(LIGHT, network, parameters, data, LIGHT.classes, groups)
    axes = wall.axes[0]
    assert [text.get_text() for text in axes.texts] == [f"{size} networks" for size in sizes]
    assert len(axes.collections[-1].get_paths()) == 3
    assert axes.images[0].get_array().shape[0] == 4 * 60 + 3 * 34  # type: ignore[union-attr]


@pytest.mark.parametrize("count", [1, 5, 9, 30, 64])
def test_a_wall_of_so_many_groups_at_most_is_equally_high_however_they_fall(count: int) -> None:
    network = Network((2, 2, 4), "relu", "softmax_crossentropy")
    parameters = np.linspace(-1, 1, network.size * count, dtype=np.float32).reshape(network.size, count)
    generator = np.random.default_rng(count)
    heights, most = set(), 4
    for groups_here in range(1, most + 1):
        for _ in range(3):
            cuts = np.sort(generator.integers(0, count + 1, groups_here - 1))
            parts = np.split(np.arange(count), cuts)
            groups = [Group(str(part.size), part.tolist()) for part in parts]
            with style.drawing(LIGHT):
                wall = draw_wall(LIGHT, network, parameters, blobs.load(), LIGHT.classes, groups, most)
            heights.add(wall.get_size_inches()[1])
            raster = np.asarray(wall.axes[0].images[0].get_array())
            filled = raster[-10:, :, 3] > 0
            assert filled.any() or len([group for group in groups if group.members]) == 1, "no room at the end"
    assert len(heights) == 1

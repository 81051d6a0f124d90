"""Thumbnails: of every experiment one, small, for light and dark pages; what diverged stays empty."""

import xml.etree.ElementTree as ET

import pytest
from matplotlib.axes import Axes

from models import registry
from models.experiment import Result
from models.figures import style
from models.figures.style import LIGHT
from models.figures.thumbnail import CELL, HEIGHT, WIDTH, thumbnail
from tests.models.conftest import Run, diverged

MOST_BYTES = 20_000

pytestmark = pytest.mark.slow


def drawn(result: Result, *watched: str) -> tuple[str, Axes]:
    """Return the title of a run's thumbnail, and what is drawn, of the cohorts that its replay shows unless told."""
    every = registry.find(result.experiment).watched(result)
    figure = thumbnail([every[name] for name in watched or every])
    assert figure is not None
    return figure.title, figure.draw(LIGHT).axes[0]


@pytest.mark.parametrize("name", registry.names())
def test_every_experiment_has_a_small_one(run: Run, name: str) -> None:
    result = run(name, networks=1, steps=1)
    figure = thumbnail(list(registry.find(name).watched(result).values()))
    assert figure is not None
    svg = style.svg(figure)
    assert len(svg) <= MOST_BYTES
    assert ET.fromstring(svg).get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"  # noqa: S314 - our own file
    assert b"prefers-color-scheme:dark" in svg


def test_networks_that_diverged_stay_empty(run: Run) -> None:
    result = run("blobs-split", networks=6, steps=1)
    title, axes = drawn(diverged(result, networks=[0]))
    assert title == "Maps of 6 networks after training"
    shown = axes.images[0].get_array()[..., 3] > 0  # type: ignore[index]
    assert not shown[:CELL, :CELL].any()
    assert shown[:CELL, -CELL:].all()
    assert len(axes.collections) < len(drawn(result)[1].collections)


def test_the_first_and_the_last_that_are_watched_stand_together(run: Run) -> None:
    result = run("symmetry", networks=64, steps=1)
    first, *_, last = registry.find("symmetry").watched(result)
    title, axes = drawn(result)
    assert title == "Maps of 6 networks after training"
    shown, of_first, of_last = (
        each.images[0].get_array() for each in (axes, drawn(result, first)[1], drawn(result, last)[1])
    )
    assert (shown[:CELL] == of_first[:CELL]).all()  # type: ignore[index]
    assert (shown[-CELL:] == of_last[:CELL]).all()  # type: ignore[index]
    assert (shown[-CELL:] != shown[:CELL]).any()  # type: ignore[index]


def test_networks_of_one_input_are_drawn_as_curves_of_the_same_examples(run: Run) -> None:
    result = run("curve", networks=4, steps=1)
    title, axes = drawn(result)
    assert title == "Curves of 6 networks after training"
    assert len({line.get_color() for line in axes.lines}) == 2
    others = list(registry.find("curve").watched(result).values())
    assert others[-1].data is not others[0].data  # so the last of them is not among the six

"""The small pictures of the lessons' figures, as they are served."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from models.datasets import blobs
from models.figures.style import DARK
from models.lesson_pictures import HEIGHT, PICTURES, SIDES, WIDTH
from models.splits import possible_lines
from tests.conftest import ROOT

FOLDER = ROOT / "assistant/static/lesson"


@pytest.mark.parametrize("name", PICTURES)
def test_the_served_picture_is_that_of_the_data(name: str) -> None:
    assert (FOLDER / f"{name}.svg").read_text(encoding="utf-8") == PICTURES[name]()


def test_no_other_picture_is_served() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small_and_has_all_points_and_dark_colours(name: str) -> None:
    svg = PICTURES[name]()
    root = ET.fromstring(svg)  # noqa: S314 - the project's own
    assert root.get("viewBox") == f"0 0 {WIDTH} {HEIGHT}"
    marks = [each.get("d", "") for each in root if "mark" in each.get("class", "")]
    assert sum(each.count("M") for each in marks) == {"coffee": 200, "blobs": 100}[name]
    assert all(colour in svg for colour in DARK.neurons[: len([each for each in root if each.tag.endswith("line")])])
    assert len(svg) < 10_000


def test_each_line_splits_the_blobs_two_and_two() -> None:
    data, lines = blobs.load(), possible_lines(np.array(blobs.CENTERS))
    for side in SIDES:
        right = (data.x @ lines[side].normal + lines[side].offset > 0) == np.isin(data.labels, [int(at) for at in side])
        assert right.mean() > 0.97
    assert len({"".join(sorted(side)) for side in SIDES}) == len(SIDES) == 2

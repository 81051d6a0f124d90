"""What every figure must be: well-formed, small, whole in itself, readable in light and dark, and said in words."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.figure import Figure as Canvas
from PIL import Image

from models import registry
from models.figures import style
from models.figures.style import DARK, LIGHT, Palette
from tests.models.conftest import KINDS, Draw, Drawn, FigureOf
from tests.trained import Trained

pytestmark = pytest.mark.slow

NAMES = registry.names()
MOST_BYTES = 150 * 1024
PHONE = 360  # pixels
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"

every_kind = pytest.mark.parametrize("kind", KINDS)
every_experiment = pytest.mark.parametrize("name", NAMES)


def shown(root: ET.Element) -> Iterator[ET.Element]:
    """Yield the elements that are painted."""
    for child in root:
        if child.tag not in {f"{SVG}defs", f"{SVG}style", f"{SVG}metadata", f"{SVG}title"}:
            yield child
            yield from shown(child)


def painted(element: ET.Element) -> list[tuple[str, str]]:
    """Return the colours that an element's style names, as (fill or stroke, colour)."""
    return re.findall(r"(?:^|; )(fill|stroke): (#\w+)", element.get("style", ""))


@every_kind
@every_experiment
def test_every_experiment_has_figures_with_names_of_their_own(drawn: Draw, name: str, kind: str) -> None:
    names = [each.figure.name for each in drawn(name, kind)]
    assert names
    assert len(set(names)) == len(names)
    assert tuple(names) == registry.find(name).figure_names
    assert all(re.fullmatch(r"[a-z][a-z-]*", each) for each in names)


@every_kind
@every_experiment
def test_svg_is_well_formed_and_small(drawn: Draw, name: str, kind: str) -> None:
    for each in drawn(name, kind):
        assert each.root.tag == f"{SVG}svg", each.figure.name
        assert each.root.findtext(f"{SVG}title") == each.figure.title
        assert len(each.svg) <= MOST_BYTES, each.figure.name
        assert len(list(shown(each.root))) > 5, each.figure.name


@every_kind
@every_experiment
def test_svg_refers_to_nothing_outside_itself(drawn: Draw, name: str, kind: str) -> None:
    for each in drawn(name, kind):
        ids = {element.get("id") for element in each.root.iter()}
        for element in each.root.iter():
            assert element.tag != f"{SVG}script"
            for href in (element.get(HREF), element.get("href")):
                assert href is None or href.startswith("data:image/png;base64,") or href[1:] in ids, each.figure.name
            assert not [key for key in element.keys() if key.startswith("on")]  # noqa: SIM118 - an element is no dict
        text = each.svg.decode()
        assert all(target.startswith("#") and target[1:] in ids for target in re.findall(r"url\(([^)]*)\)", text))
        assert "@import" not in text
        assert "@font-face" not in text


@every_kind
@every_experiment
def test_svg_holds_no_coordinates_that_are_no_numbers(drawn: Draw, name: str, kind: str) -> None:
    for each in drawn(name, kind):
        for element in shown(each.root):
            for key in ("d", "x", "y", "transform", "points"):
                assert not re.search(r"\b(nan|inf)\b", element.get(key, "")), each.figure.name


@every_experiment
def test_the_dark_sheet_exchanges_every_colour_that_is_used(drawn: Draw, name: str) -> None:
    rule = re.compile(r'\[style\*="(fill|stroke): (#\w+)"\]\{(fill|stroke):(#\w+)!important\}')
    roles = dict(zip(LIGHT.colours(), DARK.colours(), strict=True))
    for each in drawn(name, "defaults"):
        root, figure = each.root, each.figure
        sheet = root.findtext(f"{SVG}style") or ""
        assert sheet.startswith("@media (prefers-color-scheme:dark){")
        rules = {(kind, light): dark for kind, light, other, dark in rule.findall(sheet) if kind == other}
        assert all(roles[light] == dark for (_, light), dark in rules.items())
        used = {colour for element in shown(root) for colour in painted(element)}
        assert used <= set(rules), figure.name
        assert {colour for _, colour in used} & {LIGHT.ink, LIGHT.muted}, figure.name


@every_experiment
def test_nothing_is_painted_in_a_colour_that_is_not_named(drawn: Draw, name: str) -> None:
    for drawing in drawn(name, "defaults"):
        root, figure = drawing.root, drawing.figure
        parents = {child: parent for parent in root.iter() for child in parent}
        for element in shown(root):
            if element.tag not in {f"{SVG}path", f"{SVG}use", f"{SVG}rect"}:
                continue
            line: list[ET.Element] = [element]
            while line[-1] in parents:
                line.append(parents[line[-1]])
            if any(each.tag == f"{SVG}clipPath" for each in line):
                continue
            styles = [each.get("style", "") for each in line]
            assert any(re.search(r"fill: (#|none)|fill-opacity: 0", each) for each in styles), figure.name


@every_experiment
def test_drawing_twice_gives_the_same_bytes(trained: Trained, drawn: Draw, name: str) -> None:
    stored = {each["name"]: each["svg"] for each in trained.drawn(name, {}).figures}  # as the browser's tests show them
    for each in drawn(name, "defaults"):
        assert stored[each.figure.name] == each.svg, each.figure.name


def test_drawing_a_png_twice_gives_the_same_bytes(figure: FigureOf) -> None:
    found = figure("rerun", "orders")
    assert style.png(found) == style.png(found)


@every_experiment
def test_png_decodes_on_the_dark_paper(drawn: Draw, name: str) -> None:
    figure = drawn(name, "defaults")[0].figure  # The colours of all are those of the palette, as the SVG shows.
    pixels = pixels_of(style.png(figure, DARK, dots_per_inch=60))
    assert pixels.shape[1] == round(style.WIDTH * 60)
    assert_painted(pixels, DARK, figure.name)


def test_png_decodes_on_the_light_paper_and_is_sharp(figure: FigureOf) -> None:
    pixels = pixels_of(style.png(figure("rerun", "orders")))
    assert pixels.shape[1] == round(style.WIDTH * 200)
    assert_painted(pixels, LIGHT, "orders")


def pixels_of(png: bytes) -> npt.NDArray[np.uint8]:
    """Return the colours (height, width, 3) of a PNG."""
    with Image.open(BytesIO(png)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def assert_painted(pixels: npt.NDArray[np.uint8], palette: Palette, name: str) -> None:
    assert pixels[0, 0].tolist() == list(bytes.fromhex(palette.paper[1:])), name
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 20, name


@every_kind
@every_experiment
def test_words_and_numbers_stand_beside_every_figure(drawn: Draw, name: str, kind: str) -> None:
    for figure in (each.figure for each in drawn(name, kind)):
        assert figure.title
        assert not figure.title.endswith(".")
        assert figure.caption.endswith(".")
        assert figure.alternative.endswith(".")
        assert re.search(r"\d", figure.alternative), figure.name
        assert figure.table.columns
        assert all(figure.table.columns)
        assert figure.table.rows, figure.name
        for row in figure.table.rows:
            assert len(row) == len(figure.table.columns), figure.name
            assert all(isinstance(cell, str) and cell.strip() for cell in row), figure.name


@every_experiment
def test_text_stays_readable_on_a_phone(drawn: Draw, name: str) -> None:
    for each in drawn(name, "defaults"):
        assert each.root.get("viewBox", "").split()[2] == f"{each.width:g}"
        assert each.smallest * PHONE / each.width >= 9, each.figure.name


@every_kind
@every_experiment
def test_no_title_label_or_legend_is_cut_off(drawn: Draw, name: str, kind: str) -> None:
    assert [(each.figure.name, each.cut) for each in drawn(name, kind) if each.cut] == []


def test_a_title_that_is_cut_off_is_found(figure: FigureOf) -> None:
    found = figure("rerun", "orders")

    def too_wide(palette: Palette) -> Canvas:
        canvas = found.draw(palette)
        canvas.axes[0].set_title("far too wide " * 10)
        return canvas

    (cut,) = Drawn.of(replace(found, draw=too_wide)).cut
    assert cut.startswith("far too wide")

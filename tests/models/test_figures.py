"""What every figure must be: well-formed, small, whole in itself, readable in light and dark, and said in words."""

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import permutations

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from models import registry
from models.datasets import Dataset, blobs, coffee, xor
from models.experiment import Findings, Quantity, Result, Share
from models.experiments.similar_lines import outcomes
from models.figures import Figure, style
from models.figures.boundaries import Group, Window, draw_wall, regions, tinted
from models.figures.style import DARK, LIGHT, Palette
from models.network import Network
from models.splits import active_sides
from models.success import MARGIN

NAMES = registry.names()
MOST_BYTES = 150 * 1024
PHONE = 360  # pixels
SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
Run = Callable[..., Result]
Drawn = list[tuple[Figure, bytes]]
Draw = Callable[[str, str], Drawn]

KINDS: dict[str, dict[str, int]] = {
    "defaults": {"networks": 64},
    "one network": {"networks": 1, "steps": 30},
    "one step": {"networks": 2, "steps": 1},
    "more than a wall holds": {"networks": 65, "steps": 30},
    "diverged": {"networks": 3, "steps": 30},
}
every_kind = pytest.mark.parametrize("kind", KINDS)
every_experiment = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def run() -> Run:
    """Return a function that runs an experiment in one of `KINDS`, and keeps the result."""

    @cache
    def kept(name: str, kind: str = "defaults") -> Result:
        experiment = registry.find(name)
        networks = KINDS[kind]["networks"]
        steps = {key: value for key, value in KINDS[kind].items() if key == "steps"}
        result = experiment.execute(experiment.check(steps, networks, 11), networks=networks, seed=11)
        return diverged(result) if kind == "diverged" else result

    return kept


@pytest.fixture(scope="module")
def drawn(run: Run) -> Draw:
    """Return a function that gives every figure of a run with its SVG, and keeps them."""

    @cache
    def kept(name: str, kind: str) -> Drawn:
        return [(figure, style.svg(figure)) for figure in registry.find(name).figures(run(name, kind))]

    return kept


def diverged(result: Result) -> Result:
    """Return the run as if every network had diverged half-way."""
    cohorts = {}
    for name, trained in result.cohorts.items():
        history = trained.history.parameters.copy()
        history[len(history) // 2 :] = np.nan
        broken = replace(
            trained,
            parameters=np.full_like(trained.parameters, np.nan),
            loss=np.full_like(trained.loss, np.nan),
            history=replace(trained.history, parameters=history),
        )
        cohorts[name] = trained if name == "frozen" else broken  # frozen lines train apart from the run's settings
    experiment = registry.find(result.experiment)
    findings = Findings(experiment.declared)
    experiment.measure(cohorts, findings)
    return replace(result, cohorts=cohorts, findings=findings)


def shown(root: ET.Element) -> Iterator[ET.Element]:
    """Yield the elements that are painted."""
    for child in root:
        if child.tag not in {f"{SVG}defs", f"{SVG}style", f"{SVG}metadata", f"{SVG}title"}:
            yield child
            yield from shown(child)


def painted(element: ET.Element) -> list[tuple[str, str]]:
    """Return the colours that an element's style names, as (fill or stroke, colour)."""
    return re.findall(r"(?:^|; )(fill|stroke): (#\w+)", element.get("style", ""))


def figure_of(drawn: Draw, name: str, figure: str, kind: str = "defaults") -> Figure:
    return next(each for each, _ in drawn(name, kind) if each.name == figure)


def shares(result: Result, family: str) -> dict[str, Share]:
    return {
        key.partition(".")[2]: finding
        for key, finding in result.findings.items()
        if key.startswith(f"{family}.") and isinstance(finding, Share)
    }


@every_kind
@every_experiment
def test_every_experiment_has_figures_with_names_of_their_own(drawn: Draw, name: str, kind: str) -> None:
    names = [figure.name for figure, _ in drawn(name, kind)]
    assert names
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z-]*", each) for each in names)


@every_kind
@every_experiment
def test_svg_is_well_formed_and_small(drawn: Draw, name: str, kind: str) -> None:
    for figure, svg in drawn(name, kind):
        root = ET.fromstring(svg)  # noqa: S314 - our own file
        assert root.tag == f"{SVG}svg", figure.name
        assert root.findtext(f"{SVG}title") == figure.title
        assert len(svg) <= MOST_BYTES, figure.name
        assert len(list(shown(root))) > 5, figure.name


@every_kind
@every_experiment
def test_svg_refers_to_nothing_outside_itself(drawn: Draw, name: str, kind: str) -> None:
    for figure, svg in drawn(name, kind):
        root = ET.fromstring(svg)  # noqa: S314
        ids = {element.get("id") for element in root.iter()}
        for element in root.iter():
            assert element.tag != f"{SVG}script"
            for href in (element.get(HREF), element.get("href")):
                assert href is None or href.startswith("data:image/png;base64,") or href[1:] in ids, figure.name
            assert not [key for key in element.keys() if key.startswith("on")]  # noqa: SIM118 - an element is no dict
        text = svg.decode()
        assert all(target.startswith("#") and target[1:] in ids for target in re.findall(r"url\(([^)]*)\)", text))
        assert "@import" not in text
        assert "@font-face" not in text


@every_kind
@every_experiment
def test_svg_holds_no_coordinates_that_are_no_numbers(drawn: Draw, name: str, kind: str) -> None:
    for figure, svg in drawn(name, kind):
        for element in shown(ET.fromstring(svg)):  # noqa: S314
            for key in ("d", "x", "y", "transform", "points"):
                assert not re.search(r"\b(nan|inf)\b", element.get(key, "")), figure.name


@every_experiment
def test_the_dark_sheet_exchanges_every_colour_that_is_used(drawn: Draw, name: str) -> None:
    rule = re.compile(r'\[style\*="(fill|stroke): (#\w+)"\]\{(fill|stroke):(#\w+)!important\}')
    roles = dict(zip(LIGHT.colours(), DARK.colours(), strict=True))
    for figure, svg in drawn(name, "defaults"):
        root = ET.fromstring(svg)  # noqa: S314
        sheet = root.findtext(f"{SVG}style") or ""
        assert sheet.startswith("@media (prefers-color-scheme:dark){")
        rules = {(kind, light): dark for kind, light, other, dark in rule.findall(sheet) if kind == other}
        assert all(roles[light] == dark for (_, light), dark in rules.items())
        used = {colour for element in shown(root) for colour in painted(element)}
        assert used <= set(rules), figure.name
        assert {colour for _, colour in used} & {LIGHT.ink, LIGHT.muted}, figure.name


@every_experiment
def test_nothing_is_painted_in_a_colour_that_is_not_named(drawn: Draw, name: str) -> None:
    for figure, svg in drawn(name, "defaults"):
        root = ET.fromstring(svg)  # noqa: S314
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
def test_drawing_twice_gives_the_same_bytes(run: Run, drawn: Draw, name: str) -> None:
    for again, (figure, svg) in zip(registry.find(name).figures(run(name)), drawn(name, "defaults"), strict=True):
        assert style.svg(again) == svg, figure.name
        assert style.png(again, dots_per_inch=60) == style.png(figure, dots_per_inch=60), figure.name


@every_experiment
@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_png_decodes_on_the_palettes_paper(drawn: Draw, name: str, palette: Palette) -> None:
    for figure, _ in drawn(name, "defaults"):
        with Image.open(BytesIO(style.png(figure, palette, dots_per_inch=60))) as image:
            assert image.format == "PNG"
            pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
            assert image.width == round(style.WIDTH * 60)
        assert pixels[0].tolist() == list(bytes.fromhex(palette.paper[1:])), figure.name
        assert len(np.unique(pixels, axis=0)) > 20, figure.name


def test_png_is_sharp_by_default(drawn: Draw) -> None:
    figure = figure_of(drawn, "rerun", "orders")
    with Image.open(BytesIO(style.png(figure))) as image:
        assert image.width == round(style.WIDTH * 200)


@every_kind
@every_experiment
def test_words_and_numbers_stand_beside_every_figure(drawn: Draw, name: str, kind: str) -> None:
    for figure, _ in drawn(name, kind):
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
    for figure, svg in drawn(name, "defaults"):
        with style.drawing(LIGHT):
            canvas = figure.draw(LIGHT)
        width = float(canvas.get_figwidth()) * 72  # points, as the font sizes
        assert ET.fromstring(svg).get("viewBox", "").split()[2] == f"{width:g}"  # noqa: S314
        texts = [text for text in canvas.findobj(Text) if isinstance(text, Text) and text.get_text().strip()]
        assert texts, figure.name
        assert min(float(text.get_fontsize()) for text in texts) * PHONE / width >= 9, figure.name


@pytest.mark.parametrize("kind", ["defaults", "one network"])
@every_experiment
def test_no_title_label_or_legend_is_cut_off(drawn: Draw, name: str, kind: str) -> None:
    for figure, _ in drawn(name, kind):
        with style.drawing(LIGHT):
            canvas = figure.draw(LIGHT)
            canvas.savefig(BytesIO(), format="png", dpi=72)
        texts = [text for legend in canvas.legends for text in legend.get_texts()]
        for axes in canvas.axes:
            texts += [*axes.texts, axes.xaxis.label, axes.yaxis.label, axes.title]
        page = canvas.bbox
        for text in texts:
            if text.get_text().strip() and text.get_visible():
                box = text.get_window_extent()
                assert box.x0 >= page.x0 - 1, (figure.name, text.get_text())
                assert box.x1 <= page.x1 + 1, (figure.name, text.get_text())
                assert box.y0 >= page.y0 - 1, (figure.name, text.get_text())
                assert box.y1 <= page.y1 + 1, (figure.name, text.get_text())


@pytest.mark.parametrize("figure", ["identical", "ladder"])
def test_words_count_the_identical_networks_of_every_rung(run: Run, drawn: Draw, figure: str) -> None:
    found = figure_of(drawn, "symmetry", figure)
    for share in shares(run("symmetry"), "identical_share").values():
        assert f"{share.count} of {share.of}" in found.alternative
    assert len(found.table.rows) == 9


def test_words_name_the_accuracy_of_every_rung(run: Run, drawn: Draw) -> None:
    found = figure_of(drawn, "symmetry", "wall")
    for key, finding in run("symmetry").findings.items():
        if key.startswith("accuracy.") and isinstance(finding, Quantity) and key != "accuracy.zero_incoming_tanh":
            assert finding.value is not None
            assert f": {finding.value:.0%}" in found.alternative


def test_words_count_the_networks_of_every_order(run: Run, drawn: Draw) -> None:
    found, result = figure_of(drawn, "rerun", "orders"), run("rerun")
    orders = shares(result, "order")
    assert len(found.table.rows) == len(orders) == 6
    for (words, count, of, *_), share in zip(found.table.rows, orders.values(), strict=True):
        assert f"{words}: {share.count}" in found.alternative
        assert (count, of) == (str(share.count), "64")


def test_the_wall_of_orders_shows_every_network_once(run: Run, drawn: Draw) -> None:
    found, result = figure_of(drawn, "rerun", "wall"), run("rerun")
    counts = [int(count) for count in re.findall(r": (\d+)", found.alternative)]
    assert sum(counts) == 64
    assert len(found.table.rows) == 64
    assert [share.count for share in shares(result, "order").values() if share.count] == counts[
        : sum(share.count > 0 for share in shares(result, "order").values())
    ]


def test_words_name_the_shown_networks_accuracy_and_its_neurons(run: Run, drawn: Draw) -> None:
    for name, data in (("rerun", coffee.load()), ("blobs-split", blobs.load())):
        found, main = figure_of(drawn, name, "map"), run(name).cohorts["main"]
        best = main.network.accuracy(main.parameters, data.x, data.labels).max()
        assert f"{best:.0%}" in found.alternative
        assert len(found.table.rows) == main.network.sizes[1]
        for neuron in range(main.network.sizes[1]):
            assert f"neuron {neuron + 1}" in found.alternative


def test_words_count_the_most_frequent_patterns(run: Run, drawn: Draw) -> None:
    found = figure_of(drawn, "blobs-split", "wall")
    patterns = {key: share for key, share in shares(run("blobs-split"), "pattern").items() if share.count}
    name, most = max(patterns.items(), key=lambda item: item[1].count)
    assert f"{name.replace('|', ' and ')}: {most.count}" in found.alternative
    words = {key: " and ".join(side or "none" for side in key.split("|")) for key in patterns}
    assert {row[0]: row[1] for row in found.table.rows} == {words[key]: str(patterns[key].count) for key in patterns}


def test_words_say_how_many_frozen_pairs_fit(run: Run, drawn: Draw) -> None:
    found, result = figure_of(drawn, "blobs-split", "pairs"), run("blobs-split")
    fit, best = result.findings["pairs_that_fit"], result.findings["best_frozen_pair"].value
    assert isinstance(fit, Share)
    assert isinstance(best, str)
    assert f"Of {fit.of} pairs of lines, {fit.count} can" in found.alternative
    assert best.replace("|", " and ") in found.alternative
    assert found.table.rows[0][0] == best
    assert len(found.table.rows) == 78


def test_words_count_the_outcomes(run: Run, drawn: Draw) -> None:
    found, main = figure_of(drawn, "similar-lines", "wall"), run("similar-lines").cohorts["main"]
    counts = Counter(outcomes(main).tolist())
    kinds = ("converged", "unfinished", "duplicate", "dead")
    assert [int(count) for count in re.findall(r": (\d+)", found.alternative)] == [counts[kind] for kind in kinds]
    assert Counter(row[1] for row in found.table.rows) == counts


def test_words_name_every_twins_gap(run: Run, drawn: Draw) -> None:
    found = figure_of(drawn, "similar-lines", "twins")
    gaps = {key.partition(".")[2]: each for key, each in run("similar-lines").findings.items() if "gap_after" in key}
    assert [row[0] for row in found.table.rows] == list(gaps)
    for epsilon, finding in gaps.items():
        assert f"{epsilon} apart: {finding.value:.2g}" in found.alternative


def test_outputs_that_are_nearly_0_are_told_as_unsure(run: Run, drawn: Draw) -> None:
    trained = run("activation").cohorts["xor.linear"]
    told = {row[:2]: row[2:] for row in figure_of(drawn, "activation", "maps").table.rows}
    shown, share = told["XOR", "linear"]
    outputs = trained.network.forward(trained.parameters[:, [int(shown)]], xor.load().x)[-1]
    assert (share == "unsure") == (np.abs(outputs).max() < MARGIN)
    assert [told["XOR", name][1] for name in ("ReLU", "sigmoid", "tanh")] == ["100%"] * 3


def test_words_name_the_range_of_the_push(drawn: Draw) -> None:
    found = figure_of(drawn, "similar-lines", "push")
    low, high, other_low, other_high = (float(each) for each in re.findall(r"-?\d+\.\d{3}", found.alternative))
    assert low < high
    assert other_low < other_high
    assert found.table.rows[0][1:] == found.table.rows[-1][1:]  # once around is where it began


@pytest.fixture(scope="module")
def silent() -> Result:
    """Return a run at a rate so large that every network has a silent neuron."""
    experiment = registry.find("blobs-split")
    result = experiment.execute(experiment.check({"rate": 100, "steps": 200}, 3, 5), networks=3, seed=5)
    main = result.cohorts["main"]
    assert (active_sides(main.network, main.parameters, blobs.load()) == "").any(axis=0).all()
    return result


def test_words_do_not_leave_out_the_side_of_a_silent_neuron(silent: Result) -> None:
    wall = next(each for each in registry.find("blobs-split").figures(silent) if each.name == "wall")
    assert not re.search(r"[:;]  ?and |and :", wall.alternative)
    assert not [row[0] for row in wall.table.rows if row[0].startswith("|")]


def test_words_do_not_say_where_most_end_if_none_end_at_a_pair_of_lines(silent: Result) -> None:
    pairs = next(each for each in registry.find("blobs-split").figures(silent) if each.name == "pairs")
    assert {row[3] for row in pairs.table.rows} == {"0 of 3"}
    assert "(0%) end at" not in pairs.alternative


def test_names_of_pairs_that_end_equally_often_do_not_overlap(silent: Result) -> None:
    ended = {
        name: each.model_copy(update={"count": 3})
        for name, each in silent.findings.items()
        if isinstance(each, Share) and name in {f"pattern.{pair}" for pair in ("01|02", "13|23", "02|23", "01|13")}
    }
    result = replace(silent, findings={**silent.findings, **ended})
    pairs = next(each for each in registry.find("blobs-split").figures(result) if each.name == "pairs")
    with style.drawing(LIGHT):
        canvas = pairs.draw(LIGHT)
        canvas.savefig(BytesIO(), format="png", dpi=72)
    boxes = [text.get_window_extent() for text in canvas.axes[0].texts]
    assert len(boxes) == len(ended) == 4
    assert not [at for at, box in enumerate(boxes) if box.count_overlaps(boxes[:at])]


def luminance(colour: str) -> float:
    parts = np.array(list(bytes.fromhex(colour[1:]))) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, two: str) -> float:
    dark, light = sorted((luminance(one), luminance(two)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_light_colour_has_one_role() -> None:
    assert len(set(LIGHT.colours())) == len(LIGHT.colours()) == len(DARK.colours())
    assert all(re.fullmatch(r"#[0-9a-f]{6}", colour) for colour in (*LIGHT.colours(), *DARK.colours()))


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_lines_stand_out_from_the_paper(palette: Palette) -> None:
    for text in (palette.ink, palette.muted, palette.accent):
        assert contrast(text, palette.paper) >= 4.5
    for mark in (*palette.neurons, *palette.classes, *palette.roasts):
        assert contrast(mark, palette.paper) >= 3


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

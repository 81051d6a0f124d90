"""The wall of small maps, and what they show, on replays of real trainings."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from models.datasets import blobs, coffee, xor
from models.ensemble import Optimizer
from models.network import Network
from tests.browser.conftest import until
from tests.browser.replays import BLOBS, CLASSES, Recorded, Show, recorded, replay, seek


@pytest.mark.parametrize(
    ("network", "data"),
    [
        (BLOBS, blobs.load),
        (Network((2, 3, 1), "sigmoid", "binary_crossentropy"), coffee.load),
        (Network((2, 4, 3, 4), "tanh", "softmax_crossentropy"), blobs.load),
        (Network((2, 2, 4), "linear", "softmax_crossentropy"), blobs.load),
    ],
    ids=["relu", "sigmoid", "two tanh layers", "linear"],
)
def test_the_browser_gives_every_point_the_class_that_the_run_gives(
    show: Show, network: Network, data: Callable[[], Any]
) -> None:
    run = recorded(network, data(), networks=16, steps=300, optimizer=Optimizer(rate=0.02))
    page = show(replay(run.data, run.cohort()))
    classes = np.array(page.evaluate(CLASSES, "it"))  # (steps, networks, rows)
    for at in range(len(run.steps)):
        outputs = run.outputs(at)
        largest = np.sort(np.insert(outputs, 0, 0, axis=1) if outputs.shape[1] == 1 else outputs, axis=1)
        clear = (largest[:, -1] - largest[:, -2]).T > 1e-4  # (networks, rows)
        # Where both neurons are silent, the start's outputs are its biases: all 0, a tie.
        assert clear.mean() > (0.95 if at == len(run.steps) - 1 else 0.5)
        assert (classes[at] == network.classify(outputs).T)[clear].all()


def test_the_wall_is_laid_out_by_groups(show: Show, split: Recorded) -> None:
    cohort = split.cohort()
    page = show(replay(split.data, cohort))
    for group in cohort["groups"]:
        expect(page.get_by_text(f"{len(group['networks'])} · {group['title']}")).to_be_visible()
    page.get_by_label("Grouping").select_option("by how they begin")
    expect(page.get_by_text("12 · random")).to_be_visible()
    expect(page.get_by_role("gridcell")).to_have_count(12)
    page.get_by_label("Grouping").select_option("by number")
    expect(page.get_by_text("12 · random")).to_have_count(0)


def test_no_map_of_64_stands_alone_in_a_row(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    rows = """async () => {
      const { pack } = await import("/static/replay/packing.js");
      const [found, networks] = [[], [...Array(64).keys()]];
      for (let width = 250; width <= 1200; width += 7)
        for (let height = 240; height <= 700; height += 20) {
          const { places, height: used } = pack([{ title: "", networks }], width, height, () => 0);
          const last = Math.max(...places.map(({ y }) => y));
          found.push([width, height, used, places.filter(({ y }) => y === last).length]);
        }
      return found;
    }"""
    found = page.evaluate(rows)
    assert [case for case in found if case[3] == 1] == []
    assert [case for case in found if case[2] > case[1]] == []


def test_the_maps_are_named_and_reached_by_keyboard(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort(groups=[])))
    right = split.right()
    expect(page.get_by_role("gridcell", name=f"Network 3: {right[0, 3]} of 100 right")).to_be_visible()
    seek(page, len(split.steps) - 1)
    expect(page.get_by_role("gridcell", name=f"Network 3: {right[-1, 3]} of 100 right")).to_be_visible()
    page.get_by_role("gridcell").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("gridcell", name="network 1:")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("gridcell", name="network 11:")).to_be_focused()
    assert page.locator("[role=gridcell][tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Network 11")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("region", name="Network 10")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("gridcell", name="network 10:")).to_be_focused()


def test_a_run_of_many_says_that_not_all_are_shown(show: Show) -> None:
    run = recorded(BLOBS, blobs.load(), networks=70, steps=40, optimizer=Optimizer(rate=0.05))
    page = show(replay(run.data, run.cohort()))
    expect(page.get_by_text("of 64 shown (the run has 70) have every point right")).to_be_visible()
    expect(page.get_by_role("gridcell")).to_have_count(64)


def test_two_cohorts_stand_side_by_side_and_more_or_a_phone_get_tabs(show: Show, split: Recorded) -> None:
    two = replay(split.data, split.cohort("one"), split.cohort("other"))
    page = show(two)
    expect(page.get_by_role("gridcell")).to_have_count(24)
    expect(page.get_by_role("tab")).to_have_count(0)
    page = show(two, viewport={"width": 360, "height": 760})
    expect(page.get_by_role("gridcell")).to_have_count(12)
    page.get_by_role("tab").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="The networks of other")).to_have_attribute("aria-selected", "true")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_tie_and_a_diverged_network_say_so(show: Show) -> None:
    zero = recorded(
        Network((2, 2, 1), "tanh", "binary_crossentropy"), xor.load(), networks=2, steps=10, initializer="zero"
    )
    page = show(replay(zero.data, zero.cohort()))
    assert np.array(page.evaluate(CLASSES, "it"))[0].tolist() == [[-1] * 4] * 2
    page.get_by_role("gridcell").first.click()
    page.locator(".map").hover()
    expect(page.get_by_text("a tie.")).to_be_visible()
    wild = recorded(
        BLOBS, blobs.load(), networks=3, steps=200, optimizer=Optimizer("sgd", 100.0), initializer="he_normal"
    )
    assert wild.trained.diverged.all()
    page = show(replay(wild.data, wild.cohort()))
    seek(page, len(wild.steps) - 1)
    expect(page.get_by_role("gridcell", name="network 0: diverged")).to_be_visible()


def test_one_network_fills_the_wall(show: Show) -> None:
    run = recorded(BLOBS, blobs.load(), networks=1, steps=100)
    page = show(replay(run.data, run.cohort()))
    expect(page.get_by_role("gridcell", name="Network 0:")).to_be_visible()
    width = page.get_by_role("gridcell").evaluate("map => map.clientWidth")
    assert width > 200
    expect(page.get_by_label("Grouping")).to_be_hidden()


def test_maps_that_come_into_sight_by_scrolling_are_drawn(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort(groups=[])), viewport={"width": 700, "height": 300}, allowed="readback")
    last = page.get_by_role("gridcell").last
    expect(last).to_be_attached()
    page.wait_for_timeout(400)
    last.scroll_into_view_if_needed()
    opaque = """player => { const { canvas, tiles, ratio, size } = player.wall; const { x, y } = tiles.at(-1);
      return canvas.getContext("2d").getImageData((x + size / 2) * ratio, (y + size / 2) * ratio, 1, 1).data[3]; }"""
    until(lambda: page.locator("replay-player[ready]").evaluate(opaque) == 255, 5, "the last map")


def test_an_opened_network_has_the_dashes_of_its_colours(show: Show, split: Recorded) -> None:
    roles = {"title": "edge", "names": ["left edge", "right edge"], "neurons": [[1, 0]] * 12}
    page = show(replay(split.data, split.cohort(color_by=roles)))
    page.evaluate("""() => { window.dashed = {};
      const { prototype } = CanvasRenderingContext2D, { setLineDash } = prototype;
      prototype.setLineDash = function (dashes) {
        if (this.lineJoin === "round") window.dashed[this.strokeStyle] ??= dashes.length > 0;
        setLineDash.call(this, dashes); }; }""")
    page.get_by_role("gridcell").first.click()
    until(lambda: len(page.evaluate("window.dashed")) == 2, 5, "two lines of the opened network")
    dashed = page.evaluate("Object.values(window.dashed)")
    assert dashed == [True, False]  # Neuron 1 is of the second kind, whose line is dashed on the wall.


def test_the_legend_names_classes_and_neurons(show: Show, split: Recorded) -> None:
    roles = {"title": "edge", "names": ["left edge", "right edge", "top edge"], "neurons": [[0, 1]] * 6 + [[1, -1]] * 6}
    page = show(replay(split.data, split.cohort("one"), split.cohort("two", color_by=roles), split.cohort("three")))
    expect(page.locator(".legend")).to_have_text("blob 0blob 1blob 2blob 3a tieneuron 1neuron 2")
    page.get_by_role("tab", name="The networks of two").click()
    expect(page.locator(".legend")).to_have_text("blob 0blob 1blob 2blob 3a tieleft edgeright edgenone of these")
    page.get_by_role("gridcell", name="Network 7:").click()
    expect(page.locator(".neuron").first).to_contain_text("Neuron 1 (right edge)")
    expect(page.locator(".neuron").last).to_contain_text("Neuron 2 (none of these)")
    page.get_by_role("tab", name="The networks of three").click()
    expect(page.get_by_text("Network 7, The networks of three")).to_be_visible()


def test_a_map_that_is_pointed_at_tells_its_name(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort(groups=[])))
    seek(page, 20)
    page.get_by_role("gridcell", name="Network 3:").hover()
    expect(page.get_by_text(f"Network 3: {split.right()[20, 3]} of 100 right")).to_be_visible()


def test_those_that_the_first_count_counts_are_framed_whatever_it_counts(show: Show, split: Recorded) -> None:
    counted = [f"1{at % 2}0{'01' * 4}0" for at in range(len(split.steps))]
    chosen = {"label": "are chosen", "one": "is chosen", "values": [row.count("1") for row in counted]}
    page = show(
        replay(split.data, split.cohort(counts={"chosen": chosen}, counted=counted, groups=[])), allowed="readback"
    )
    corners = """player => player.wall.tiles.map(({ x, y }) => {
      const { canvas, ratio, size } = player.wall, pen = canvas.getContext("2d");
      const at = (...to) => String(pen.getImageData(...to.map((each) => Math.floor(each * ratio)), 1, 1).data);
      const edges = [0.25, 0.5, 0.75].flatMap((share) => [at(x + size * share, y), at(x, y + size * share)]);
      return new Set(edges).size === 1; })"""
    player = page.locator("replay-player[ready]")

    def framed(at: int) -> bool:
        return bool(player.evaluate(corners) == [each == "1" for each in counted[at]])

    for at in (0, 1):
        seek(page, at)
        until(partial(framed, at), 5, "frames around those that are counted")
        expect(page.get_by_text(f"{counted[at].count('1')} of 12 are chosen")).to_be_visible()
    expect(page.locator(".framed")).to_have_count(1)
    one = {**chosen, "values": [1] * len(split.steps)}
    page = show(replay(split.data, split.cohort(counts={"chosen": one})))
    expect(page.get_by_text("1 of 12 is chosen")).to_be_visible()
    expect(page.locator(".framed")).to_have_count(0)  # An older replay does not say which.


def test_neurons_that_are_drawn_alike_share_a_name_in_the_legend(show: Show) -> None:
    wide = recorded(Network((2, 8, 4), "relu", "softmax_crossentropy"), blobs.load(), networks=2, steps=5)
    page = show(replay(wide.data, wide.cohort()))
    expect(page.locator(".legend span")).to_have_text(
        [
            *(f"blob {each}" for each in range(4)),
            "a tie",
            "neuron 1, 7",
            "neuron 2, 8",
            *(f"neuron {each}" for each in range(3, 7)),
        ]
    )

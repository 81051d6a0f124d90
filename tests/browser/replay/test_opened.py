"""A network that is opened, and two beside each other."""

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from models.datasets import blobs
from models.network import Network
from tests.browser.conftest import until
from tests.browser.replays import BLOBS, Recorded, Show, Stage, position, recorded, replay, seek


def test_points_that_change_are_ringed_with_the_step(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort(groups=[])))
    outputs = [split.network.forward(parameters, split.data.x) for parameters in split.trained.history.parameters]
    classes = np.array([split.network.classify(at[-1]) for at in outputs])  # (steps, rows, networks)
    sides = np.array([at[0] > 0 for at in outputs])  # (steps, rows, units, networks)
    changed = (classes[1:] != classes[:-1]).sum(axis=1)[15:]  # (steps, networks); the first steps change much
    passed = (sides[1:] != sides[:-1]).any(axis=2).sum(axis=1)[15:]
    after, network = (int(each) for each in np.argwhere((changed > 1) & (passed > 1))[0])
    page.get_by_role("gridcell", name=f"Network {network}:").click()
    seek(page, after + 15.5)
    expect(page.locator(".changes")).to_have_text(
        f"By step {split.steps[after + 16]} (ringed): {changed[after, network]} points change class, "
        f"{passed[after, network]} points are passed by a line."
    )
    seek(page, after + 16)
    expect(page.locator(".changes")).to_contain_text(f"By step {split.steps[after + 16]}")


def test_an_opened_network_tells_its_numbers_and_what_is_said_where_one_points(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort(groups=[])))
    seek(page, len(split.steps) - 1)
    page.get_by_role("gridcell", name="network 4:").click()
    panel = page.get_by_role("region", name="Network 4")
    first, second = split.network.unpack(split.trained.history.parameters[-1][:, 4])[0][0][:, 0]
    numbers = panel.locator(".neuron .numbers").first
    expect(numbers).to_contain_text(f"{first:.2f}".replace("-", "−"))
    expect(numbers).to_contain_text(f"{abs(second):.2f}")
    expect(panel.get_by_text(f"{split.right()[-1, 4]} of 100 right at step 800")).to_be_visible()
    loss = float(split.trained.history.loss[-1, 4])
    expect(panel.locator("figcaption").first).to_have_text(f"loss {float(f'{loss:.3g}'):g}")
    page.locator(".map").focus()
    for key in ("ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
    box = page.locator("replay-player[ready]").evaluate(
        "player => { const { window } = player.opened.panels[0].painter; return window.place(0.52, 0.48); }"
    )
    outputs = split.network.forward(split.trained.history.parameters[-1][:, [4]], np.array([box]))
    expect(panel.get_by_text(f"blob {outputs[-1][0, :, 0].argmax()}, ")).to_be_visible()
    for output, value in enumerate(outputs[-1][0, :, 0]):
        expect(panel.locator(".output output").nth(output)).to_have_text(f" says {value:.2f}".replace("-", "−"))
    for neuron, value in enumerate(np.maximum(outputs[0][0, :, 0], 0)):
        expect(panel.locator(".neuron output").nth(neuron)).to_have_text(f" says {value:.2f}")


def test_two_networks_are_pinned_beside_each_other_and_the_address_keeps_them(show: Show, split: Recorded) -> None:
    sent = replay(split.data, split.cohort(groups=[]))
    page = show(sent)
    seek(page, 20)
    page.get_by_role("gridcell", name="network 2:").click()
    page.get_by_role("button", name="Pin").click()
    page.get_by_role("button", name="Next network").click()
    panel = page.get_by_role("region", name="Network 2 and network 3")
    expect(panel.locator("article")).to_have_count(2)
    panel.get_by_role("button", name="Pin", exact=True).click()
    expect(panel.get_by_role("button", name="Pinned")).to_have_count(2)
    expect(page.get_by_role("button", name="Next network")).to_be_disabled()
    address = f"#replay&step={split.steps[20]}&network=3&pins=main:2,main:3"
    until(lambda: page.evaluate("location.hash") == address, 5, "the address")
    again = show(sent, fragment=address)
    expect(again.get_by_role("region", name="Network 2 and network 3").locator("article")).to_have_count(2)
    assert position(again) == 20
    again.evaluate(f"() => {{ location.hash = '#replay&network=7&step={split.steps[25]}'; }}")
    expect(again.get_by_role("region", name="Network 7")).to_be_visible()
    assert position(again) == 25


def test_the_page_is_told_which_networks_are_shown(show: Show, stage: Stage, split: Recorded) -> None:
    other = recorded(BLOBS, split.data, networks=12, steps=100, batch_size=32)
    stage.replays["other"] = replay(other.data, other.cohort()) | {"run": "another"}
    page = show(replay(split.data, split.cohort()), attributes='beside="/replays/other"')
    page.evaluate("document.addEventListener('shown', ({ detail }) => { window.shown = detail; })")

    def told(number: int) -> bool:
        both = [("test", "own"), ("another", "changed")]
        expected = [{"run": run, "cohort": "main", "title": title, "network": number} for run, title in both]
        return bool(page.evaluate("window.shown") == expected)

    page.get_by_role("gridcell", name="Network 3,").first.click()
    until(lambda: told(3), 10, "the opened networks")
    page.get_by_role("button", name="Next network").click()
    until(lambda: told(4), 10, "the next ones")
    page.keyboard.press("Escape")
    until(lambda: told(0), 10, "the wall")


def test_a_step_is_written_where_no_neuron_has_its_number_and_within_the_map(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    script = """async ([x, y, badges]) => {
      const { beside } = await import("/static/replay/map-large.js");
      return beside(x, y, 20, badges, 300);
    }"""
    for x, y, badges, expected in (
        (100, 100, [], [109, 94]),
        (100, 100, [[125, 88]], [109, 114]),
        (100, 100, [[125, 88], [125, 112]], [71, 94]),
        (290, 100, [], [261, 94]),
        (100, 5, [], [109, 19]),
    ):
        assert page.evaluate(script, [x, y, badges]) == expected


def drawn_between(page: Page, first: float, last: float) -> float:
    """Return how many pixels of the diagram's height its lines cover, the mean over a part of its width."""
    covered: float = page.locator("canvas.diagram").evaluate(
        """async (canvas, [first, last]) => {
          for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);  // what was sought is drawn
          const { width, height, clientHeight } = canvas;
          const [left, wide] = [Math.round(first * width), Math.round((last - first) * width)];
          const { data } = canvas.getContext("2d").getImageData(left, 0, wide, height);
          let sum = 0;
          for (let at = 3; at < data.length; at += 4) sum += data[at] / 255;
          return (sum / wide) * (clientHeight / height);
        }""",
        [first, last],
    )
    return covered


def test_the_diagram_draws_each_weight_as_thick_as_it_is(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort(groups=[])), fragment="#replay&network=4", allowed="readback")
    expect(page.locator("canvas.diagram")).to_be_visible()
    kernels = np.abs(split.trained.history.parameters[:, :4, 4])  # from the inputs to the neurons, at each step
    for at in (0, 20, len(split.steps) - 1):
        seek(page, at)
        thick = np.maximum(6 * kernels[at] / kernels.max(), 0.4)
        solid = np.where(split.trained.history.parameters[at, :4, 4] < 0, 5 / 9, 1)  # a dash and a gap
        # Half of the lines are level, the others fall by the distance of two neurons; near the inputs none cross.
        box = page.locator("canvas.diagram").bounding_box()
        assert box is not None
        fall = np.hypot(1, np.array([0, 1, 1, 0]) * (box["height"] / 2) / (box["width"] / 2))
        expected = (thick * solid * fall).sum()
        assert drawn_between(page, 0.14, 0.22) == pytest.approx(expected, rel=0.3)


def test_a_network_of_too_many_weights_has_no_diagram(show: Show) -> None:
    wide = recorded(Network((2, 24, 4), "relu", "softmax_crossentropy"), blobs.load(), networks=2, steps=5)
    page = show(replay(wide.data, wide.cohort(groups=[])), fragment="#replay&network=1")
    expect(page.locator(".neuron")).to_have_count(24)
    expect(page.locator("canvas.diagram")).to_be_hidden()


def test_a_group_that_a_network_never_leaves_is_named_once(show: Show, split: Recorded) -> None:
    everyone = [{"title": "random", "networks": list(range(12))}]  # as they are at the start
    page = show(replay(split.data, split.cohort(groups=everyone)))
    page.get_by_role("gridcell").first.click()
    expect(page.locator(".network .kind")).to_have_text("random")

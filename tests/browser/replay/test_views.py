"""The views without maps: what they draw is what the run's numbers say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from models.backpropagation import backward_pass
from models.datasets import blobs, coffee, sine
from models.network import Network, activate
from tests.browser.replays import Recorded, Show, recorded, replay, seek

COFFEE = Network((2, 3, 1), "sigmoid", "binary_crossentropy")
SINE = Network((1, 4, 1), "relu", "squared_error")
TANH = Network((2, 2, 4), "tanh", "softmax_crossentropy")
GRADIENTS = """async (name) => {
  const { load } = await import("/static/replay/replay.js");
  const { gradients } = await import("/static/replay/gradients.js");
  const [cohort] = await load(`/replays/${name}`);
  return cohort.steps.map((_, at) => Array.from(gradients(cohort, cohort.recorded(at, 1))));
}"""


@pytest.mark.parametrize(("network", "data"), [(COFFEE, coffee.load), (TANH, blobs.load)], ids=["coffee", "blobs"])
def test_every_examples_gradients_are_those_of_the_chain_rule(
    show: Show, network: Network, data: Callable[[], Any]
) -> None:
    run = recorded(network, data(), networks=3, steps=60)
    page = show(replay(run.data, run.cohort(view="gradients")))
    found = np.array(page.evaluate(GRADIENTS, "it")).reshape(len(run.steps), len(run.data.x), -1)
    for at, parameters in enumerate(run.trained.history.parameters):
        expected = backward_pass(network, parameters[:, [1]], run.data).gradients[..., 0]
        np.testing.assert_allclose(found[at], expected, rtol=1e-3, atol=1e-5)


def test_one_points_at_an_example_in_the_gradients(show: Show) -> None:
    run = recorded(COFFEE, coffee.load(), networks=3, steps=60)
    page = show(replay(run.data, run.cohort(view="gradients", groups=[])))
    seek(page, 10)
    page.get_by_role("gridcell", name="Network 1:").click()
    gradients = backward_pass(COFFEE, run.trained.history.parameters[10][:, [1]], run.data).gradients
    largest = np.abs(gradients.mean(axis=0)).max()
    expect(page.get_by_text(f"Largest mean gradient: {largest:.2f}.")).to_be_visible()
    page.locator(".chart").hover()
    expect(page.locator(".said")).to_contain_text("temperature")
    page.mouse.move(0, 0)
    expect(page.locator(".said")).to_contain_text("Point at a dot")


def test_the_path_of_two_weights_stands_beside_those_of_the_other_cohorts(show: Show) -> None:
    runs = [recorded(TANH, blobs.load(), networks=4, steps=50, batch_size=size) for size in (1, 32)]
    cohorts = [run.cohort(f"batch-{at}", view="path", groups=[]) for at, run in enumerate(runs)]
    page = show(replay(runs[0].data, *cohorts))
    expect(page.get_by_role("region", name="Network 0")).to_be_visible()  # One path tells more than many small ones.
    page.get_by_role("button", name="All networks").click()
    expect(page.get_by_role("gridcell")).to_have_count(8)
    page.get_by_role("gridcell", name="Network 2,").first.click()
    for at in (0, len(runs[0].steps) - 1):
        seek(page, at)
        for row, run in enumerate(runs):
            first, second = run.trained.history.parameters[at][[0, 2], 2]
            expect(page.locator(".output .numbers").nth(row)).to_have_text(written(first, second))


def written(*numbers: float) -> str:
    return ", ".join(f"{number:.2f}".replace("-", "−") for number in numbers)


def test_the_signals_of_each_layer_are_those_of_the_run(show: Show) -> None:
    run = recorded(TANH, blobs.load(), networks=3, steps=50)
    page = show(replay(run.data, run.cohort(view="signals", groups=[])))
    at = len(run.steps) - 1
    seek(page, at)
    page.get_by_role("gridcell", name="Network 2:").click()
    sums, outputs = run.network.forward(run.trained.history.parameters[at][:, [2]], run.data.x)
    for name, values in (
        ("hat the neurons add up", sums),
        ("what they put out", activate("tanh", sums)),
        ("outputs of the network", outputs),
    ):
        ordered = np.sort(values.ravel())
        low, high = (ordered[int(share * (ordered.size - 1))] for share in (0.25, 0.75))
        told = f"{name}: half of them from {written(low)} to {written(high)}"
        expect(page.locator(".said")).to_contain_text(told)


def curves(networks: int) -> tuple[Recorded, dict[str, Any]]:
    """Return networks that learned a sine, and their replay."""
    run = recorded(SINE, sine.load(), networks=networks, steps=60)
    sent = replay(run.data, run.cohort(view="curve", groups=[], counts={}))
    return run, sent | {"data": sent["data"] | {"values": run.data.targets[:, 0].tolist()}}


def test_one_reads_the_value_of_a_curve_among_the_data_and_beyond_them(show: Show) -> None:
    run, sent = curves(3)
    page = show(sent)
    at = len(run.steps) - 1
    seek(page, at)
    page.get_by_role("gridcell", name="Network 1:").click()
    chart = page.locator(".chart")
    expect(page.locator(".said")).to_contain_text("Point at a place")
    box = chart.bounding_box()
    assert box
    low, high = float(run.data.x.min()), float(run.data.x.max())
    for across, where in ((box["width"] // 2, "among the data"), (10, "beyond the data")):
        chart.hover(position={"x": across, "y": 40})
        x = low + (high - low) * (2 * across / box["width"] - 0.5)
        y = SINE.forward(run.trained.history.parameters[at][:, [1]], np.array([[x]], np.float32))[-1].item()
        expect(page.locator(".said")).to_contain_text(f"{where}, the network says {written(y)}")


def test_curves_are_drawn_and_move(show: Show) -> None:
    run, sent = curves(2)
    page = show(sent, allowed="readback")
    first = picture(page)
    assert first.colours > 10
    seek(page, len(run.steps) - 1)
    page.wait_for_timeout(400)
    assert picture(page).png != first.png


def test_a_curve_of_two_features_says_that_it_is_not_drawn(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort(view="curve")))
    expect(page.get_by_role("alert")).to_contain_text("one feature, one output")


@pytest.mark.parametrize("view", ["gradients", "path", "signals"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_each_view_draws_something_that_moves(show: Show, split: Recorded, view: str, scheme: str) -> None:
    page = show(replay(split.data, split.cohort(view=view)), color_scheme=scheme, allowed="readback")
    first = picture(page)
    assert first.colours > 20
    seek(page, len(split.steps) - 1)
    page.wait_for_timeout(400)
    assert picture(page).png != first.png


@dataclass(frozen=True)
class Picture:
    """What the wall's canvas shows: how many colours, and all pixels as a PNG, which is the same where they are."""

    colours: int
    png: str


def picture(page: Any) -> Picture:
    if (back := page.get_by_role("button", name="All networks")).is_visible():
        back.click()
    page.get_by_role("gridcell").first.wait_for()
    page.wait_for_timeout(300)
    # Handed over one by one, half a million pixels would take seconds.
    colours, png = page.locator("replay-player[ready]").evaluate(
        """({ wall: { canvas, pen } }) => {
        const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
        return [new Set(new Uint32Array(data.buffer)).size, canvas.toDataURL()];
        }"""
    )
    return Picture(colours, png)


def test_gradients_of_deeper_networks_say_that_they_are_not_drawn(show: Show) -> None:
    run = recorded(Network((2, 3, 3, 4), "tanh", "softmax_crossentropy"), blobs.load(), networks=2, steps=10)
    page = show(replay(run.data, run.cohort(view="gradients")))
    expect(page.get_by_role("alert")).to_contain_text("networks with one hidden layer")

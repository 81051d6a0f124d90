"""The replay's player in a real browser, on replays of real trainings, with the service's own headers."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from flask import Response, request
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from assistant import create_app
from models.datasets import blobs, coffee, xor
from models.ensemble import Optimizer
from models.network import Network
from tests.browser.conftest import until
from tests.browser.replays import Recorded, recorded, replay
from tests.conftest import settings_in

BLOBS = Network((2, 2, 4), "relu", "softmax_crossentropy")
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Replay</title>
<link rel="icon" href="/static/icon.svg">
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/static/style.css">
<script type="module" src="/static/replay/player.js"></script></head>
<body><main><h1>A run</h1><div class="replay"><replay-player src="/replays/{name}" {attributes}>
<p>Today's figure</p></replay-player></div><p>After the replay</p></main></body></html>"""


class Quiet(WSGIRequestHandler):
    """Writes no log."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - its name is the library's
        """Say nothing."""


@dataclass
class Stage:
    """A server with the player, and what its replays are; a status in place of a replay is answered as such."""

    address: str
    replays: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The service, with pages for the tests that hold nothing but the player."""
    app = create_app(settings_in(tmp_path_factory.mktemp("replay")))
    found = Stage("")

    @app.get("/replays/<name>")
    def test_replay(name: str) -> Response:
        sent = found.replays[name]
        if isinstance(sent, int):
            return Response("gone", sent)
        body = sent if isinstance(sent, str) else json.dumps(sent)
        cors = {"Access-Control-Allow-Origin": "*"}
        return Response(body, mimetype="application/json", headers=cors)

    @app.get("/test-pages/<name>")
    def test_page(name: str) -> str:
        return PAGE.format(name=name, attributes=request.args.get("attributes", ""))

    @app.get("/test-frames/<name>")
    def test_frame(name: str) -> Response:
        frame = f'<iframe sandbox="allow-scripts" src="/test-pages/{name}" width="690" height="520"></iframe>'
        return Response(frame, headers={"Content-Security-Policy": "default-src 'self'"})

    @app.after_request
    def framed(response: Response) -> Response:
        policy = response.headers["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        return response

    # What is registered last runs first; the policy is there only after the service's own functions.
    functions = app.after_request_funcs[None]
    functions.insert(0, functions.pop())
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    found.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def split() -> Recorded:
    """The blobs networks of the experiment, a few."""
    return recorded(BLOBS, blobs.load(), networks=12, steps=800, batch_size=32)


Show = Callable[..., Page]


@pytest.fixture
def show(chromium: Browser, stage: Stage) -> Iterator[Show]:
    """Show a replay; what the console says, but for failed requests, is a fault."""
    contexts, faults = [], []

    def shown(
        sent: Any,
        *,
        attributes: str = "",
        fragment: str = "",
        path: str = "test-pages",
        allowed: str = "status of",
        **options: Any,
    ) -> Page:
        stage.replays["it"] = sent
        options.setdefault("viewport", {"width": 700, "height": 800})
        options.setdefault("reduced_motion", "reduce")
        context = chromium.new_context(base_url=stage.address, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda message: (
                faults.append(message.text)
                if message.type in {"error", "warning"} and allowed not in message.text
                else None
            ),
        )
        page.goto(f"/{path}/it?{urlencode({'attributes': attributes})}{fragment}")
        return page

    yield shown
    for context in contexts:
        context.close()
    assert not faults, "\n".join(faults)


def seek(page: Page, position: float) -> None:
    """Drag the slider to a position among the recorded steps."""
    page.get_by_role("slider").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }", str(100 * position)
    )


def position(page: Page) -> float:
    found: float = page.locator("replay-player").evaluate("player => player.playback.position")
    return found


def counted(run: Recorded, at: int) -> str:
    count = int((run.right()[at] == len(run.data.x)).sum())
    return f"{count} of {run.right().shape[1]} have every point right"


CLASSES = """async (name) => {
  const { load } = await import("/static/replay/replay.js");
  const { classify, forward } = await import("/static/replay/network.js");
  const [cohort] = await load(`/replays/${name}`);
  return cohort.steps.map((_, at) => [...Array(cohort.networks).keys()].map((network) => cohort.data.x.map((x) =>
    classify(forward(cohort.network, cohort.recorded(at, network), x).at(-1)))));
}"""


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


def test_it_plays_once_from_start_to_end_when_it_is_seen(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), reduced_motion="no-preference")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    until(lambda: position(page) > 5, 15, "the replay")
    until(lambda: position(page) == len(split.steps) - 1, 15, "the replay")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(page.get_by_text(counted(split, -1))).to_be_visible()


def test_nothing_moves_until_asked_where_less_motion_is_wanted(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    expect(page.get_by_role("slider")).to_be_visible()
    page.wait_for_timeout(500)
    assert position(page) == 0
    page.get_by_role("button", name="Play").click()
    until(lambda: position(page) > 1, 15, "the replay")


def test_the_slider_goes_both_ways_and_says_where_it_is(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    slider = page.get_by_role("slider", name="Step of training")
    last = len(split.steps) - 1
    seek(page, last)
    expect(slider).to_have_attribute("aria-valuetext", f"step 800, {counted(split, -1)}")
    seek(page, 20)
    expect(slider).to_have_attribute("aria-valuetext", f"step {split.steps[20]}, {counted(split, 20)}")
    seek(page, 20.5)
    between = f"between steps {split.steps[20]} and {split.steps[21]}"
    expect(slider).to_have_attribute("aria-valuetext", f"{between}; at step {split.steps[20]}, {counted(split, 20)}")
    expect(page.locator(".step")).to_have_text(f"{between}, counted at {split.steps[20]}")
    slider.focus()
    for key, expected in (("ArrowRight", 21), ("ArrowRight", 22), ("ArrowLeft", 21), ("End", last), ("Home", 0)):
        page.keyboard.press(key)
        assert position(page) == expected
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_parameters_lie_between_recorded_ones_and_are_exact_at_them(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    parameters = split.trained.history.parameters  # (steps, P, networks)
    before, after = parameters[20, :, 3], parameters[21, :, 3]
    for place, expected in ((20, before), (20.25, 0.75 * before + 0.25 * after), (21, after)):
        drawn = page.locator("replay-player").evaluate(
            "(player, place) => [...player.cohorts[0].interpolate(place, 3, new Float32Array(18))]", place
        )
        if place in {20, 21}:
            assert np.array_equal(np.array(drawn, np.float32), expected)
        else:
            np.testing.assert_allclose(drawn, expected, rtol=1e-5, atol=1e-6)


def test_it_pauses_once_at_the_moment_and_says_why(show: Show, split: Recorded) -> None:
    moment = {"step": split.steps[12], "caption": "Here the lines begin to turn."}
    page = show(replay(split.data, split.cohort(moment=moment)), reduced_motion="no-preference")
    expect(page.get_by_text(f"Step {split.steps[12]}: Here the lines begin to turn.")).to_be_visible()
    assert position(page) == 12
    page.get_by_role("button", name="Play").click()
    until(lambda: position(page) == len(split.steps) - 1, 15, "the replay")


def test_the_wall_is_laid_out_by_groups(show: Show, split: Recorded) -> None:
    cohort = split.cohort()
    page = show(replay(split.data, cohort))
    for group in cohort["groups"]:
        expect(page.get_by_text(f"{group['title']} · {len(group['networks'])}")).to_be_visible()
    page.get_by_label("Grouping").select_option("grouped by what they began as")
    expect(page.get_by_text("random · 12")).to_be_visible()
    expect(page.get_by_role("gridcell")).to_have_count(12)
    page.get_by_label("Grouping").select_option("in the order of their numbers")
    expect(page.get_by_text("random · 12")).to_have_count(0)


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


def damaged(sent: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a replay with a changed cohort."""
    found = copy.deepcopy(sent)
    found["cohorts"][0].update(changes)
    return found


def test_damaged_and_missing_replays_get_one_clear_sentence(show: Show, split: Recorded) -> None:
    good = replay(split.data, split.cohort())
    parameters = good["cohorts"][0]["parameters"]
    cut = {**parameters, "float32": parameters["float32"][:-400]}
    for sent, words in (
        (404, "There is no replay of this run."),
        (410, "The replay of this old run was deleted; its numbers stay."),
        (500, "the server answered 500"),
        ("{", "it is no JSON, or ends too early"),
        ({}, "it holds no networks"),
        (damaged(good, parameters=cut), "bytes, not"),
        (damaged(good, parameters={**parameters, "float32": "?"}), "cannot be decoded"),
        (damaged(good, steps=[3, 2, 1]), "the parameters' shape is wrong|the steps are out of order"),
        (damaged(good, counts={"right": {"label": "x", "values": [1]}}), "the counts do not fit the steps"),
        (damaged(good, groups=[{}]), "has another form than it should"),
        (damaged(good, view="curve"), "cannot yet draw a replay as “curve”"),
        ({**good, "data": {"x": [[1, 2]], "labels": []}}, "its data have gaps"),
    ):
        page = show(sent)
        alert = page.get_by_role("alert")
        expect(alert).to_be_visible()
        said = str(alert.text_content())
        assert any(each in said for each in words.split("|")), said
        expect(page.get_by_text("Today's figure")).to_be_visible()
        expect(page.get_by_text("After the replay")).to_be_visible()


def test_a_number_that_is_none_is_drawn_as_diverged_from_its_step_on(show: Show, split: Recorded) -> None:
    run = copy.deepcopy(split)
    run.trained.history.parameters[25:, 4, 2] = np.nan
    page = show(replay(run.data, run.cohort(groups=[])))
    seek(page, 24.5)
    expect(page.get_by_role("gridcell", name="network 2: diverged")).to_have_count(0)
    seek(page, 25)
    expect(page.get_by_role("gridcell", name="network 2: diverged")).to_be_visible()


def test_after_a_failure_one_can_try_again(show: Show, stage: Stage, split: Recorded) -> None:
    page = show(503)
    stage.replays["it"] = replay(split.data, split.cohort())
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("slider")).to_be_visible()


def test_without_javascript_and_in_print_the_figure_stands(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), java_script_enabled=False)
    expect(page.get_by_text("Today's figure")).to_be_visible()
    page = show(replay(split.data, split.cohort()))
    expect(page.get_by_role("slider")).to_be_visible()
    expect(page.get_by_text("Today's figure")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.get_by_text("Today's figure")).to_be_visible()
    expect(page.get_by_role("slider")).to_be_hidden()


def test_it_works_in_a_sandboxed_frame(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), path="test-frames")
    frame = page.frame_locator("iframe")
    frame.get_by_role("gridcell").first.click()
    expect(frame.get_by_role("region", name="Network 0")).to_be_visible()
    assert page.frames[1].evaluate("origin") == "null"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(show: Show, split: Recorded, scheme: str) -> None:
    cohorts = [split.cohort(name) for name in ("one", "two", "three")]
    page = show(replay(split.data, *cohorts), color_scheme=scheme, allowed="inline style")  # that of axe itself
    expect(page.get_by_role("gridcell").first).to_be_visible()
    for opened in (False, True):
        if opened:
            page.get_by_role("gridcell").first.click()
            expect(page.get_by_role("region", name="Network 0")).to_be_visible()
        violations = Axe().run(page).response["violations"]
        assert not violations, [(each["id"], [node["html"] for node in each["nodes"]]) for each in violations]


SHIFTS = """() => new Promise((resolve) => {
  const named = ({ node, previousRect, currentRect }) =>
    [node?.outerHTML ?? node?.textContent, JSON.stringify(previousRect), JSON.stringify(currentRect)];
  const told = (list) => resolve(list.getEntries().flatMap(({ sources }) => sources.map(named)));
  new PerformanceObserver(told).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve([]), 300);
})"""


def test_nothing_shifts_when_the_replay_arrives(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()))
    expect(page.get_by_role("slider")).to_be_visible()
    page.wait_for_timeout(300)
    assert page.evaluate(SHIFTS) == []


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
    box = page.locator("replay-player").evaluate(
        "player => { const { window } = player.opened.panels[0].painter; return window.place(0.52, 0.48); }"
    )
    outputs = split.network.forward(split.trained.history.parameters[-1][:, [4]], np.array([box]))
    expect(panel.get_by_text(f"class {outputs[-1][0, :, 0].argmax()}, ")).to_be_visible()
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


@pytest.mark.parametrize(
    ("fragment", "words"),
    [
        ("#replay&network=twelve", "network “twelve” (0 to 11)"),
        ("#replay&network=12", "network “12” (0 to 11)"),
        ("#replay&step=-1", "step “-1” (0 to 800)"),
        ("#replay&step=1e9", "step “1e9” (0 to 800)"),
        ("#replay&step=900", "step “900” (0 to 800)"),
        ("#replay&cohort=none&network=1", "cohort “none” (there is main)"),
        ("#replay&pins=main:0,main:1,main:2", "pin “main:2” (two networks at most"),
        ("#replay&pins=<b>", "pin “<b>”"),
    ],
)
def test_what_the_address_says_wrongly_is_named_and_not_followed(
    show: Show, split: Recorded, fragment: str, words: str
) -> None:
    page = show(replay(split.data, split.cohort()), fragment=fragment)
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    assert position(page) == 0


def test_addresses_of_other_parts_of_the_page_are_left_alone(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), fragment="#replays&network=1")
    expect(page.get_by_role("slider")).to_be_visible()
    expect(page.get_by_role("region", name="Network")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_held_replay_waits_at_the_start_without_counts_until_it_is_released(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort()), attributes="held", reduced_motion="no-preference")
    expect(page.get_by_text("before training")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_disabled()
    expect(page.get_by_text("have every point right")).to_have_count(0)
    expect(page.get_by_text("got there")).to_have_count(0)
    page.get_by_role("gridcell").first.click()
    expect(page.locator(".curves")).to_be_hidden()
    page.keyboard.press("Escape")
    page.locator("replay-player").evaluate("player => player.removeAttribute('held')")
    until(lambda: position(page) > 1, 10, "the replay")
    expect(page.locator(".counts")).to_contain_text("have every point right")


def test_a_second_run_stands_beside_the_first_one(show: Show, stage: Stage, split: Recorded) -> None:
    other = recorded(BLOBS, blobs.load(), networks=12, steps=100, batch_size=32)
    stage.replays["other"] = replay(other.data, other.cohort())
    page = show(replay(split.data, split.cohort()), attributes='beside="/replays/other" title-beside="100 steps"')
    expect(page.get_by_role("gridcell")).to_have_count(24)
    seek(page, len(split.steps) - 1)
    expect(page.get_by_text(counted(split, -1))).to_be_visible()
    expect(page.get_by_role("gridcell", name=f"Network 1, 100 steps: {other.right()[-1, 1]} of 100")).to_be_visible()


def test_maps_that_come_into_sight_by_scrolling_are_drawn(show: Show, split: Recorded) -> None:
    page = show(replay(split.data, split.cohort(groups=[])), viewport={"width": 700, "height": 300}, allowed="readback")
    last = page.get_by_role("gridcell").last
    expect(last).to_be_attached()
    page.wait_for_timeout(400)
    last.scroll_into_view_if_needed()
    opaque = """player => { const { canvas, tiles, ratio, size } = player.wall; const { x, y } = tiles.at(-1);
      return canvas.getContext("2d").getImageData((x + size / 2) * ratio, (y + size / 2) * ratio, 1, 1).data[3]; }"""
    until(lambda: page.locator("replay-player").evaluate(opaque) == 255, 5, "the last map")


def test_the_legend_names_classes_and_neurons(show: Show, split: Recorded) -> None:
    roles = {"title": "edge", "names": ["left edge", "right edge"], "neurons": [[0, 1]] * 6 + [[1, -1]] * 6}
    page = show(replay(split.data, split.cohort("one"), split.cohort("two", color_by=roles), split.cohort("three")))
    expect(page.locator(".legend")).to_have_text("class 0class 1class 2class 3neuron 1neuron 2")
    page.get_by_role("tab", name="The networks of two").click()
    expect(page.locator(".legend")).to_contain_text("left edgeright edge")
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


def test_those_that_the_first_count_counts_are_framed_and_none_where_it_counts_something_else(
    show: Show, split: Recorded
) -> None:
    right = split.right()
    for bar in (100, 97):
        reached = {"label": f"have {bar} points right", "values": (right >= bar).sum(axis=1).tolist()}
        page = show(replay(split.data, split.cohort(counts={"right": reached})))
        framed = page.locator("replay-player").evaluate("player => player.cohorts[0].bar")
        assert ((right >= framed) == (right >= bar)).all()
        expect(page.locator(".framed")).to_have_count(1)
    other = {"label": "differ", "values": [5, *([3] * (len(split.steps) - 1))]}
    page = show(replay(split.data, split.cohort(counts={"other": other})))
    expect(page.get_by_text("5 of 12 differ")).to_be_visible()
    expect(page.locator(".framed")).to_have_count(0)

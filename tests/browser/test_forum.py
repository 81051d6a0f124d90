"""Frames on pages of other origins: as a forum shows them, and as embed.js does."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, expect

from tests.browser.conftest import Service, Site, Visit

ENTRY, OTHER = "why-neurons-differ", "two-neurons-one-line"
# As Discourse rewrites an iframe of an oEmbed answer, and a policy like the one that it sends.
SANDBOX = "allow-same-origin allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox allow-presentation"
POLICY = (
    "base-uri 'self'; object-src 'none'; script-src 'nonce-forum' 'strict-dynamic'; frame-ancestors 'self'; "
    "manifest-src 'self'"
)
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


def thread(source: str) -> str:
    """Return a page of a forum, with a frame as the forum makes it of an oEmbed answer."""
    return (
        '<!doctype html><html lang="en"><head><title>A thread</title>'
        '<meta name="viewport" content="width=device-width"></head>'
        "<body><h1>A thread</h1><p>Why are they not all the same?</p>"
        f'<iframe src="{source}" width="690" height="520" title="The answer" scrolling="no" sandbox="{SANDBOX}" '
        "></iframe></body></html>"
    )


@pytest.fixture
def site(origin: Site) -> Site:
    """The other site, without pages."""
    origin.pages = {}
    return origin


@pytest.fixture
def open_site(chromium: Browser) -> Iterator[Any]:
    """Open pages of the other site, and find fault with errors and cookies at the end."""
    contexts, faults = [], []

    def opened(address: str, *, allowed: str | None = None, **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": WIDE, **options})
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()

        def console(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and not (allowed and re.search(allowed, message.text)):
                faults.append(f"console: {message.text}")

        page.on("console", console)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        faults += [f"cookie: {cookie}" for cookie in context.cookies()]
        context.close()
    assert not faults, "\n".join(faults)


def framed(page: Page, at: int = 0) -> Frame:
    frame = page.locator("iframe").nth(at).element_handle().content_frame()
    assert frame is not None
    return frame


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_forum_shows_the_whole_answer_in_its_frame(
    service: Service, site: Site, open_site: Any, viewport: dict[str, int], scheme: str
) -> None:
    narrow = viewport is PHONE
    html = thread(f"{service.address}/embed/{ENTRY}").replace('width="690"', f'width="{340 if narrow else 690}"')
    site.pages["/t/1"] = (html, POLICY)
    page = open_site(f"{site.address}/t/1", viewport=viewport, color_scheme=scheme)
    frame = framed(page)
    expect(frame.get_by_role("heading", level=1)).to_contain_text("why do they not all come out the same")
    assert frame.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = frame.locator("main")
    assert box.evaluate("box => box.scrollHeight > box.clientHeight")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    last = frame.locator(".fold").last
    last.scroll_into_view_if_needed()
    for fold in frame.locator(".fold > summary").all():
        fold.click()
    expect(frame.locator(".prose")).to_contain_text("weights")
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    frame.locator("main").focus()
    page.keyboard.press("End")
    page.wait_for_function("true")
    expect(frame.locator(".findings")).to_be_in_viewport()
    found = Axe().run(page, options={"preload": False, "resultTypes": ["violations"]}).response["violations"]
    inside = [(each["id"], node) for each in found for node in each["nodes"] if len(node["target"]) > 1]
    assert [f"{name}: {node['html'][:120]}" for name, node in inside] == []


@pytest.mark.parametrize("path", [f"/embed/{ENTRY}", "/embed/runs/RUN"])
def test_new_networks_are_trained_inside_a_forums_frame(
    service: Service, site: Site, open_site: Any, visit: Visit, path: str
) -> None:
    own = visit(f"/entries/{ENTRY}").locator("#evidence .setup a").get_attribute("href") or ""
    site.pages["/t/2"] = (thread(service.address + path.replace("RUN", own.rpartition("/")[2])), POLICY)
    page = open_site(f"{site.address}/t/2")
    frame = framed(page)
    expect(frame.locator("#status.stored, #status.fresh")).to_be_visible()
    with service.worker_held():
        frame.get_by_role("button", name="Train 64 new networks").click()
        expect(frame.locator("#train")).to_have_text("Training …")
    expect(frame.locator("#status.fresh")).to_contain_text("64 fresh networks")
    expect(frame.locator("#train")).to_have_text("Train 64 new networks")
    expect(frame.locator("#verdicts .counted-when")).to_contain_text("just now")
    assert page.url == f"{site.address}/t/2"
    assert frame.url.startswith(f"{service.address}/embed/")


def test_the_frame_works_without_javascript(service: Service, site: Site, open_site: Any) -> None:
    site.pages["/t/3"] = (thread(f"{service.address}/embed/{OTHER}"), POLICY)
    page = open_site(f"{site.address}/t/3", java_script_enabled=False)
    frame = page.frame_locator("iframe")
    expect(frame.locator("#verdicts .claims > li").first).to_be_visible()
    frame.get_by_role("button", name="Train 64 new networks").click()
    expect(frame.locator("#status.fresh")).to_contain_text("64 fresh networks")  # The frame has refreshed itself.
    assert page.url == f"{site.address}/t/3"


@pytest.mark.parametrize("sandbox", [SANDBOX, "allow-scripts"], ids=["discourse", "wordpress"])
def test_the_frame_asks_first_too_also_where_nothing_can_be_stored(
    service: Service, site: Site, open_site: Any, sandbox: str
) -> None:
    html = thread(f"{service.address}/embed/{OTHER}").replace(SANDBOX, sandbox)
    site.pages["/t/7"] = (html, POLICY)
    page = open_site(f"{site.address}/t/7")
    frame = framed(page)
    expect(frame.locator("#predict")).to_be_visible()
    expect(frame.locator("#verdict")).to_be_hidden()
    expect(frame.locator("#verdicts .claims")).to_be_hidden()
    frame.locator("#guess").fill("0")
    frame.get_by_role("button", name="Guess", exact=True).click()
    expect(frame.locator("#outcome")).to_contain_text("You guessed 0 of 64;")
    expect(frame.locator("#verdict")).to_be_visible()
    expect(frame.locator("#verdicts .claims")).to_be_visible()
    assert page.url == f"{site.address}/t/7"


def test_links_open_outside_of_the_frame(service: Service, site: Site, open_site: Any) -> None:
    site.pages["/t/4"] = (thread(f"{service.address}/embed/{OTHER}"), POLICY)
    page = open_site(f"{site.address}/t/4")
    frame = framed(page)
    frame.get_by_text("The explanation").click()
    for link in (frame.locator("footer a").last, frame.locator(".prose a[href^='/entries/']").first):
        with page.context.expect_page() as opening:
            link.click()
        opened = opening.value
        opened.wait_for_load_state()
        assert opened.url.startswith(f"{service.address}/entries/")
        assert opened.evaluate("window.opener") is None
        expect(opened.get_by_role("button", name="Train 64 new networks")).to_be_visible()
    assert frame.url == f"{service.address}/embed/{OTHER}"


@pytest.mark.parametrize("path", ["/", f"/entries/{ENTRY}", "/forum", "/entries"])
def test_other_pages_refuse_to_be_framed(service: Service, site: Site, open_site: Any, path: str) -> None:
    site.pages["/t/5"] = (thread(service.address + path), POLICY)
    page = open_site(f"{site.address}/t/5", allowed="frame-ancestors|Framing")
    assert framed(page).url.startswith("chrome-error:")


def test_other_origins_cannot_frame(service: Service, site: Site, open_site: Any) -> None:
    site.pages["/t/6"] = (thread(f"{service.address}/embed/{ENTRY}"), POLICY)
    elsewhere = site.address.replace("localhost", "127.0.0.1")  # Another origin, which the setting does not name.
    page = open_site(f"{elsewhere}/t/6", allowed="frame-ancestors|Framing")
    assert framed(page).url.startswith("chrome-error:")


def own_page(service: Service, *names: str) -> str:
    link = '<a href="/">A question</a>'
    elements = "".join(f'<div data-askneuron="{name}">{link}</div><p>Between.</p>' for name in names)
    return (
        f'<!doctype html><html lang="en"><head><title>My page</title></head><body><h1>My page</h1>{elements}'
        f'<script src="{service.address}/static/embed.js" async></script></body></html>'
    )


def heights(page: Page) -> list[int]:
    found: list[int] = page.evaluate("[...document.querySelectorAll('iframe')].map(each => each.clientHeight)")
    return found


def whole(page: Page, at: int) -> bool:
    """Say whether a frame shows all of its content without scrolling."""
    return bool(framed(page, at).locator("main").evaluate("box => box.scrollHeight <= box.clientHeight"))


def test_elements_on_a_page_of_ones_own_grow_to_their_content(service: Service, site: Site, open_site: Any) -> None:
    policy = f"default-src 'none'; script-src {service.address}; frame-src {service.address}"
    site.pages["/own"] = (own_page(service, ENTRY, OTHER), policy)
    page = open_site(f"{site.address}/own")
    for at in (0, 1):
        page.locator("iframe").nth(at).scroll_into_view_if_needed()
        expect(framed(page, at).locator("#predict")).to_be_visible()
        page.wait_for_function("at => document.querySelectorAll('iframe')[at].clientHeight > 600", arg=at)
    assert whole(page, 0)
    assert whole(page, 1)
    before = heights(page)
    framed(page, 1).get_by_text("The explanation").click()
    page.wait_for_function(
        "before => document.querySelectorAll('iframe')[1].clientHeight > before + 300", arg=before[1]
    )
    assert whole(page, 1)
    assert heights(page)[0] == before[0]
    framed(page, 1).get_by_text("The explanation").click()
    page.wait_for_function("before => document.querySelectorAll('iframe')[1].clientHeight === before", arg=before[1])


def test_heights_are_believed_from_the_frame_alone(service: Service, site: Site, open_site: Any) -> None:
    stranger = '<!doctype html><script>parent.postMessage({ type: "askneuron.height", height: 5000 }, "*")</script>'
    site.pages["/stranger"] = (stranger, "")
    site.pages["/own"] = (own_page(service, ENTRY).replace("</body>", '<iframe src="/stranger"></iframe></body>'), "")
    page = open_site(f"{site.address}/own")
    expect(framed(page).locator("#predict")).to_be_visible()
    expect(framed(page).locator("replay-player")).to_have_attribute("ready", "")
    page.wait_for_function("document.querySelector('iframe').clientHeight > 600")
    before = heights(page)
    # The frame's own content may answer a new height with one of its own at once: all that are set are kept.
    page.evaluate(
        """window.seen = []; new MutationObserver(([{ target }]) => seen.push(target.clientHeight))
        .observe(document.querySelector('iframe'), { attributes: true })"""
    )
    page.evaluate("postMessage({ type: 'askneuron.height', height: 5000 }, '*')")
    for height in ('"9000px"', "Infinity", "null"):
        framed(page).evaluate(f"parent.postMessage({{ type: 'askneuron.height', height: {height} }}, '*')")
    framed(page).evaluate("parent.postMessage(null, '*')")
    framed(page).evaluate("parent.postMessage({ type: 'askneuron.height', height: 701 }, '*')")
    page.wait_for_function("seen.includes(701)")
    assert max(page.evaluate("seen")) < 5000
    assert heights(page)[1:] == before[1:]


def test_elements_that_name_nothing_of_ours_are_left_alone(service: Service, site: Site, open_site: Any) -> None:
    names = ("../runs", "https://evil.example", "runs/../..", "", ENTRY)
    site.pages["/own"] = (own_page(service, *names), "")
    page = open_site(f"{site.address}/own")
    expect(page.locator("iframe")).to_have_count(1)
    expect(page.locator("a")).to_have_count(len(names) - 1)
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', '<div data-askneuron=\"{OTHER}\"></div>')")
    expect(page.locator("iframe")).to_have_count(2)


def test_courses_are_told_the_height_in_their_own_ways(service: Service, site: Site, open_site: Any) -> None:
    listening = (
        '<!doctype html><html lang="en"><title>Course</title><script>window.told = [];'
        "addEventListener('message', event => told.push(event.data))</script>"
        f'<iframe src="{service.address}/embed/{ENTRY}" width="690" height="520" title="The answer"></iframe></html>'
    )
    site.pages["/course"] = (listening, "")
    page = open_site(f"{site.address}/course")
    page.wait_for_function("told.length >= 3")
    told = json.loads(page.evaluate("JSON.stringify(told.slice(-3))"))
    height = told[0]["height"]
    assert height > 600
    assert told == [
        {"type": "askneuron.height", "height": height},
        {"subject": "lti.frameResize", "height": height},
        {"type": "plugin.resize", "payload": {"height": height}},
    ]


def test_texts_are_copied_and_shown_as_what_they_give(visit: Visit) -> None:
    page = visit(f"/entries/{ENTRY}", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("Share this answer").click()
    for button in page.locator("button[data-copies]").all():
        button.click()
        expect(button).to_contain_text("Copied")
        text = page.locator(f"#{button.get_attribute('data-copies')}").input_value()
        assert text
        assert page.evaluate("navigator.clipboard.readText()") == text
    expect(page.locator("#announce")).to_have_text("Copied")
    page.get_by_text("What it gives").click()
    picture = page.locator(".post img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth === 1200", arg=picture.element_handle())
    page.get_by_text("What they give").click()
    expect(page.frame_locator(".share iframe").locator("#predict")).to_be_visible()


def test_texts_can_be_copied_by_hand_without_javascript(visit: Visit) -> None:
    page = visit(f"/entries/{ENTRY}", java_script_enabled=False)
    page.get_by_text("Share this answer").click()
    expect(page.locator("#share-post")).to_be_visible()
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)


def test_the_staffs_page_checks_an_address(visit: Visit, service: Service) -> None:
    page = visit("/forum")
    page.get_by_label("Address of an answer or a run").fill(f"{service.address}/entries/{ENTRY}")
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".checked")).to_contain_text("Forums ask no host such as 127.0.0.1")
    expect(page.locator(".checked .held")).to_have_count(14)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("sandbox", [SANDBOX, "allow-scripts"], ids=["forum", "scripts alone"])
@pytest.mark.parametrize("width", [690, 360])
def test_the_replay_plays_in_a_frame(service: Service, site: Site, open_site: Any, width: int, sandbox: str) -> None:
    html = thread(f"{service.address}/embed/{ENTRY}").replace('width="690"', f'width="{width}"')
    site.pages["/t/9"] = (html.replace(SANDBOX, sandbox), POLICY)
    page = open_site(f"{site.address}/t/9", viewport={"width": width + 40, "height": 900})
    frame = framed(page)
    player = frame.locator("replay-player[ready]")
    expect(player).to_be_visible()
    frame.get_by_role("button", name="Just show me").click()
    if width == 690:
        expect(frame.get_by_role("slider", name="Step of training")).to_be_in_viewport()
    player.scroll_into_view_if_needed()
    expect(frame.get_by_role("button", name="Pause")).to_be_visible()
    frame.get_by_role("tab").last.click()
    frame.get_by_role("gridcell").first.click()
    expect(frame.get_by_role("region", name="Network")).to_be_visible()
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert frame.evaluate("origin") == ("null" if sandbox == "allow-scripts" else service.address)

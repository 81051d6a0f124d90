"""What is taken home is what the replay shows."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit

WIDTH = "/entries/how-many-hidden-neurons"


def links(page: Page) -> dict[str, Locator]:
    line = page.locator(".take-home")
    return {name: line.get_by_role("link", name=words) for name, words in (("py", "Keras"), ("csv", "its data"))}


def test_the_links_follow_the_tab_and_the_opened_network(visit: Visit) -> None:
    page = visit(WIDTH)
    page.get_by_role("button", name="Just show me").click()
    line, found = page.locator(".take-home"), links(page)
    expect(line).to_contain_text("network 0 of “XOR, 2 neurons” as a")
    page.get_by_role("tab", name="Four blobs, a number of your own: 4").click()
    expect(line).to_contain_text("network 0 of “Four blobs, a number of your own: 4” as a")
    page.get_by_role("gridcell", name="Network 3:").click()
    expect(line).to_contain_text("network 3 of “Four blobs, a number of your own: 4” as a")
    with page.expect_download() as download:
        found["py"].click()
    assert download.value.suggested_filename.endswith("-own.blobs-network-3.py")
    script = download.value.path().read_text()
    assert "# Network 3 of the experiment width (own.blobs)" in script
    assert "# Its settings: steps = 800, hidden = 4, rate = 0.01, initializer = glorot_uniform.\n" in script
    with page.expect_download() as download:
        found["csv"].click()
    assert len(download.value.path().read_text().splitlines()) == 101  # the blobs, and not the four corners
    page.get_by_role("button", name="All networks").click()
    expect(line).to_contain_text("network 0 of “Four blobs, a number of your own: 4” as a")


def test_pinned_networks_are_both_offered(visit: Visit) -> None:
    page = visit(f"{WIDTH}#replay&network=5&pins=xor.2:1,blobs.2:5")
    page.get_by_role("button", name="Just show me").click()
    scripts = page.locator(".take-home").get_by_role("link", name="Keras script")
    expect(scripts).to_have_count(2)
    for at, query in enumerate(("network=1&cohort=xor.2", "network=5&cohort=blobs.2")):
        href = scripts.nth(at).get_attribute("href") or ""
        assert href.endswith(f"/keras.py?{query}")
    page.get_by_role("button", name="All networks").click()
    expect(scripts).to_have_count(1)
    assert page.locator(".take-home").inner_text().count(";") == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_as_the_line_says_which_network(visit: Visit, width: int) -> None:
    page = visit(WIDTH, viewport={"width": width, "height": 800}, java_script_enabled=False)
    plain = page.locator(".take-home").evaluate("each => each.offsetHeight")
    assert (links(page)["py"].get_attribute("href") or "").endswith("/keras.py")
    page = visit(WIDTH, viewport={"width": width, "height": 800})
    expect(page.locator(".take-home")).to_contain_text("XOR, 2 neurons")
    assert page.locator(".take-home").evaluate("each => each.offsetHeight") == plain

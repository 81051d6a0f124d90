"""Varying an experiment on the page of its answer, before the real service."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

ENTRY = "/entries/two-neurons-one-line"


def replayed(page: Page, beside: str) -> None:
    """Wait until a changed run stands beside the entry's own."""
    expect(page.locator("#stage replay-player[beside][ready]")).to_have_attribute("title-beside", beside)


def test_a_change_trains_at_once_and_stays_in_form_and_address(visit: Visit) -> None:
    page = visit(ENTRY)
    explanation = page.locator("#explanation").element_handle()
    page.get_by_label("learning rate", exact=True).fill("0.02")
    page.keyboard.press("Tab")  # Nothing else is pressed.
    replayed(page, "learning rate 0.02")
    expect(page.locator("#status .headline")).to_have_text("With learning rate 0.02 instead of 0.01")
    assert page.url.endswith(f"{ENTRY}?rate=0.02")
    expect(page.get_by_role("gridcell")).to_have_count(128)
    expect(page.locator("#verdicts .pair").first).to_contain_text("learning rate 0.02")
    expect(page.locator("#verdict .whose")).to_have_css("display", "inline")  # It speaks of the entry's own run.
    assert page.evaluate("element => element.isConnected", explanation)
    page.reload()
    replayed(page, "learning rate 0.02")
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.02")
    expect(page.locator("#explanation")).to_be_visible()


def test_values_of_the_address_that_nobody_has_trained_are_trained_on_the_spot(visit: Visit) -> None:
    page = visit(f"{ENTRY}?rate=0.09")
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.09")
    expect(page.get_by_text("No run with them is stored")).to_be_visible()
    page.evaluate("location.hash = 'explanation'")
    page.wait_for_url("**?rate=0.09#explanation")  # A link within the page leaves them in its address.
    page.get_by_role("button", name="Train with these").click()
    replayed(page, "learning rate 0.09")
    expect(page.get_by_text("No run with them is stored")).to_have_count(0)


def test_several_things_are_changed_one_after_the_other_and_taken_back(visit: Visit) -> None:
    page = visit(ENTRY)
    page.get_by_label("learning rate", exact=True).fill("0.05")
    page.get_by_label("steps", exact=True).fill("400")
    page.keyboard.press("Enter")
    replayed(page, "steps 400, learning rate 0.05")
    assert page.url.endswith("?steps=400&rate=0.05")
    page.get_by_label("steps", exact=True).fill("800")
    page.keyboard.press("Enter")
    replayed(page, "learning rate 0.05")
    page.get_by_label("learning rate", exact=True).fill("0.01")
    page.keyboard.press("Enter")
    expect(page.locator("#stage replay-player[ready]:not([beside])")).to_be_visible()
    assert page.url.endswith(ENTRY)
    expect(page.locator("#verdicts .pair")).to_have_count(0)


def test_on_a_phone_the_button_stays_under_the_finger_and_leads_to_what_is_trained(visit: Visit) -> None:
    page = visit(ENTRY, viewport={"width": 360, "height": 740})
    page.get_by_label("learning rate", exact=True).fill("0.03")
    expect(page.locator(".vary .parameter:focus-within .help")).to_have_css("position", "static")
    button = page.get_by_role("button", name="Train with these")
    button.scroll_into_view_if_needed()
    place = button.bounding_box()
    assert place is not None
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    page.mouse.down()  # The field is left.
    expect(button).to_be_focused()
    assert button.bounding_box() == place
    page.mouse.up()
    expect(page.locator("#status")).to_be_in_viewport()
    replayed(page, "learning rate 0.03")


def test_a_change_is_sent_once(visit: Visit) -> None:
    page = visit(ENTRY)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.get_by_label("learning rate", exact=True).fill("0.11")
    page.keyboard.press("Enter")
    replayed(page, "learning rate 0.11")
    page.get_by_label("learning rate", exact=True).fill("0.12")
    page.get_by_role("button", name="Train with these").click()
    replayed(page, "learning rate 0.12")
    assert len(sent) == 2


def test_an_opened_network_stays_open_in_both(visit: Visit) -> None:
    page = visit(f"{ENTRY}#replay&network=5&step=800")
    expect(page.get_by_role("region", name="Network 5")).to_be_visible()
    page.get_by_label("learning rate", exact=True).fill("0.03")
    page.keyboard.press("Enter")
    replayed(page, "learning rate 0.03")
    expect(page.get_by_role("region", name="Network 5").locator("article")).to_have_count(2)


def test_what_is_wrong_is_said_in_its_place_and_goes_when_it_is_right(visit: Visit) -> None:
    page = visit(ENTRY, allowed="status of 422")
    page.get_by_label("learning rate", exact=True).fill("fast")
    page.keyboard.press("Enter")
    expect(page.locator("#parameter-rate-problem")).to_contain_text("not “fast”")
    expect(page.get_by_label("learning rate", exact=True)).to_be_focused()
    page.get_by_label("learning rate", exact=True).fill("0.04")
    page.keyboard.press("Enter")
    replayed(page, "learning rate 0.04")
    expect(page.locator("#parameter-rate-problem")).to_have_count(0)


def test_fresh_networks_of_the_entry_take_the_place_of_what_was_varied(visit: Visit) -> None:
    page = visit(ENTRY)
    page.get_by_label("learning rate", exact=True).fill("0.06")
    page.keyboard.press("Enter")
    replayed(page, "learning rate 0.06")
    page.get_by_role("button", name="Train 64 new networks").click()
    expect(page.locator("#stage replay-player[ready]:not([beside])")).to_be_visible()
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.01")
    assert page.url.endswith(ENTRY)


def test_without_javascript_the_form_leads_to_the_same_page(visit: Visit) -> None:
    page = visit(ENTRY, java_script_enabled=False)
    page.get_by_label("learning rate", exact=True).fill("0.07")
    page.get_by_role("button", name="Train with these").click()
    expect(page.locator("#stage .which")).to_have_count(2)
    expect(page.locator("#status .headline")).to_have_text("With learning rate 0.07 instead of 0.01")
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.07")
    expect(page.locator("#explanation")).to_be_visible()


def test_the_figure_for_paper_comes_without_a_reload(visit: Visit) -> None:
    page = visit(ENTRY)
    page.get_by_role("button", name="Train 64 new networks").click()
    expect(page.locator("#stage replay-player[ready]:not([beside])")).to_be_visible()
    # Nothing is waited for any more; on a busy machine the drawing comes late.
    expect(page.locator("#status.fresh:not([hx-get])")).to_be_visible(timeout=60_000)
    run = str(page.locator("replay-player").get_attribute("src")).split("/")[3]
    page.emulate_media(media="print")
    figure = page.locator("replay-player img")
    expect(figure).to_be_visible()
    assert f"/runs/{run}/" in str(figure.get_attribute("src"))


def test_back_closes_a_network_and_leaves_what_was_changed(visit: Visit) -> None:
    page = visit(ENTRY)
    page.get_by_role("button", name="Just show me").click()
    page.get_by_role("gridcell", name="Network 3:").click()
    page.wait_for_url("**network=3")
    page.get_by_label("learning rate", exact=True).fill("0.02")
    page.keyboard.press("Tab")
    replayed(page, "learning rate 0.02")
    page.wait_for_url("**?rate=0.02#replay*network=3")
    page.go_back()
    expect(page.get_by_role("gridcell").first).to_be_visible()
    page.wait_for_url("**?rate=0.02#replay*")
    expect(page.get_by_label("learning rate", exact=True)).to_have_value("0.02")

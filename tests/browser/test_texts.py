"""Links of the explanations to the replay, on every entry's page."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ENTRIES, Visit


@pytest.mark.parametrize("slug", ENTRIES)
def test_a_text_leads_to_what_the_replay_has(visit: Visit, slug: str) -> None:
    page = visit(f"/entries/{slug}", reduced_motion="reduce")
    page.get_by_role("button", name="Just show me").click()
    expect(page.locator("replay-player[ready]")).to_be_visible()
    links = page.locator(".explained a[href^='#replay']")
    assert links.count() >= 1
    for link in links.all():
        link.click()
        assert page.evaluate("location.hash").startswith("#replay&")
        page.wait_for_timeout(100)
        expect(page.get_by_role("alert").filter(has_text="The address names")).to_have_count(0)
        expect(page.locator("replay-player")).to_be_in_viewport()

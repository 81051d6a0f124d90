"""The paragraph nearest to a question: offered under the short answer, and marked, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.assistant.questions.understanding.test_nearest import LINK, NEAR
from tests.browser.conftest import Visit, violations
from tests.browser.test_asking import type_and_ask


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_link_leads_to_the_marked_paragraph(visit: Visit, scheme: str, width: int) -> None:
    page = visit("/", color_scheme=scheme, viewport={"width": width, "height": 760})
    type_and_ask(page, NEAR)
    link, marked = page.get_by_role("link", name=LINK), page.locator("#nearest")
    expect(marked).not_to_be_in_viewport()
    link.focus()
    page.keyboard.press("Enter")
    expect(marked).to_be_in_viewport()
    page.wait_for_function("document.activeElement.id === 'nearest'")
    expect(marked).to_contain_text("Nearest to your question: Less with more data")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    colours = marked.evaluate(
        "each => [getComputedStyle(each).backgroundColor, getComputedStyle(document.body).backgroundColor]"
    )
    assert colours[0] != colours[1]
    height = marked.bounding_box()["height"]  # type: ignore[index]
    marked.evaluate("each => { each.removeAttribute('class') }")
    assert marked.bounding_box()["height"] == height  # type: ignore[index]
    assert violations(page) == []

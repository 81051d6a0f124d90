"""The answer's first word to a belief, in a real browser: seen in light and dark, and counted with the fresh run."""

import pytest
from playwright.sync_api import expect

from tests.assistant.questions.understanding.test_voiced import VOICED, WHY
from tests.browser.conftest import Visit, violations
from tests.browser.test_asking import type_and_ask


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_answer_opens_with_yes_or_no(visit: Visit, scheme: str) -> None:
    page = visit("/", color_scheme=scheme, viewport={"width": 360, "height": 740})
    question, answer = VOICED[2]
    type_and_ask(page, question)
    opening = page.locator(".opening")
    expect(opening.locator(".badge")).to_have_text(f"{answer.capitalize()}.")
    expect(opening).to_contain_text(WHY)
    expect(opening.locator(".settled")).to_contain_text("Claim: Shuffled mini-batches do not part equal neurons")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(page) == []


def test_the_claim_is_counted_in_the_fresh_run(visit: Visit) -> None:
    page = visit("/")
    type_and_ask(page, VOICED[0][0])
    expect(page.locator("#status.fresh")).to_be_visible()
    if (shown := page.get_by_role("button", name="Just show me")).count():
        shown.click()
    expect(page.locator(".opening .settled strong")).to_contain_text("in this run: certain, checked")

"""What a form of the editor must not let through: markup, and more than anybody writes."""

from urllib.parse import quote

import pytest
from flask import Flask

from assistant.library.entries import LONGEST_TEXT
from assistant.matching import LONGEST_POST
from tests.assistant.admin.conftest import EDIT, MARKUP, SLUG, Desk, form_in, stored

pytestmark = pytest.mark.slow


def test_five_megabytes_are_refused_with_the_limit_and_come_back(app: Flask, bo: Desk) -> None:
    text = "five megabytes " * 350_000
    page = bo.save(explanation=text, title="Still here?")
    assert page.status_code == 422
    assert "characters, and at most 20,000 are allowed" in page.text
    again = form_in(page, EDIT)
    assert again["explanation"] == text
    assert again["title"] == "Still here?"
    assert len(stored(app)) == 1


def test_beyond_all_measure_nothing_is_read(bo: Desk) -> None:
    answer = bo.save(explanation="x" * 17_000_000)
    assert answer.status_code == 413
    assert "20,000" in answer.text


def test_a_stranger_cannot_send_much(app: Flask) -> None:
    answer = app.test_client().post(EDIT, data={"explanation": "x" * 2_000_000})
    assert answer.status_code == 413
    assert f"up to {LONGEST_POST:,} characters, a text {LONGEST_TEXT:,}" in answer.text


def test_markup_stays_text_in_every_field_and_on_every_page(app: Flask, ada: Desk) -> None:
    typed = {key: f"{key} {MARKUP}" for key in ("title", "theme", "short", "reason", "claims-0-text", "references")}
    typed["not_covered"] = f"not {MARKUP}"
    typed["explanation"] = f"{MARKUP}\n\n[a](javascript:alert(1)) ![b](x) <b onclick=alert(1)>c</b> $<script>$"
    assert ada.save(**typed).status_code == 303
    assert stored(app)[0].title == typed["title"]
    pages = [
        "/admin/",
        f"/admin/entries/{SLUG}",
        EDIT,
        f"/admin/entries/{SLUG}/compare?before=1&after=2",
        "/admin/audit",
    ]
    for path in pages:
        page = ada.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<b onclick" not in page
        assert 'href="javascript:' not in page
    assert form_in(ada.get(EDIT), EDIT)["explanation"] == typed["explanation"]


def test_markup_stays_text_in_what_comes_back_at_once(ada: Desk) -> None:
    form = form_in(ada.get(EDIT), EDIT)
    names = [name for name in form if name not in {"csrf_token", "base"}]
    page = ada.save(**dict.fromkeys(names, MARKUP))
    assert page.status_code == 422
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    preview = ada.client.post("/admin/preview", data=form | dict.fromkeys(names, MARKUP))
    assert preview.status_code == 200
    assert "<script>alert" not in preview.text
    assert "<img src=x" not in preview.text
    for path in (
        f"/admin/sign-in?next={quote(MARKUP)}",
        f"/admin/entries/{quote(MARKUP)}",
        f"/admin/entries/{quote(MARKUP)}/edit",
    ):
        assert "<script>alert" not in ada.get(path).text

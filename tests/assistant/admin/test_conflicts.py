"""The editor: two who edit at once, and sessions that end over an edit; nothing typed is lost."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from assistant.accounts.tables import SignInRow
from assistant.database import db, now
from tests.assistant.admin.conftest import EDIT, MARKUP, SCRIPT, SESAME, SLUG, Desk, SignIn, form_in, stored

pytestmark = pytest.mark.slow


def test_two_tabs_at_once_the_second_sees_both_texts_and_what_it_did_not_touch_is_merged(
    app: Flask, sign_in: SignIn
) -> None:
    first, second = sign_in("Bo"), sign_in("Cy")
    tabs = first.get(EDIT), second.get(EDIT)
    saved = first.send(tabs[0], EDIT, title="From Bo?", short="Bo's short answer.", reason="Shorter.")
    assert saved.status_code == 303
    page = second.send(tabs[1], EDIT, theme="From Cy", short="Cy's short answer.", reason="Clearer.")
    assert page.status_code == 409
    assert len(stored(app)) == 2
    assert "Bo saved revision 2 while you were writing" in page.text
    for told in (
        "already in the form below (Title)",
        "You both changed: Short answer.",
        "“Short answer” as Bo saved it",
    ):
        assert told in page.text
    assert "<del>Bo</del>" in page.text
    assert "<ins>Cy</ins>" in page.text
    form = form_in(page, EDIT)
    assert (form["title"], form["theme"], form["short"]) == (
        "From Bo?",
        "From Cy",
        "Cy&#39;s short answer.".replace("&#39;", "'"),
    )
    assert (form["base"], form["reason"]) == ("2", "Clearer.")
    assert second.send(page, EDIT, short="Both short answers.").status_code == 303
    newest = stored(app)[0]
    assert (newest.number, newest.title, newest.theme, newest.short) == (
        3,
        "From Bo?",
        "From Cy",
        "Both short answers.",
    )


def test_a_comparison_of_very_many_lines_stays_small_and_says_that_it_is_a_part(bo: Desk) -> None:
    assert bo.save(explanation="\n".join("ab" * 5_000)).status_code == 303
    page = bo.get(f"/admin/entries/{SLUG}/compare?before=1&after=2")
    assert "The rest is left out here" in page.text
    assert len(page.data) < 200_000


def test_the_second_of_two_programs_gets_409_and_both_texts(ada: Desk) -> None:
    tab = ada.get(EDIT)
    data = form_in(tab, EDIT) | {"reason": "By a program."}
    headers = {"Accept": "application/json", "X-CSRFToken": data.pop("csrf_token")}
    first = ada.client.post(EDIT, data=data | {"title": "First?"}, headers=headers)
    assert (first.status_code, first.get_json()["number"]) == (201, 2)
    second = ada.client.post(EDIT, data=data | {"title": "Second?"}, headers=headers)
    told = second.get_json()
    assert second.status_code == told["status"] == 409
    assert told["current"]["content"]["title"] == "First?"
    assert told["yours"]["title"] == "Second?"
    assert told["changed_by_both"] == ["title"]
    wrong = ada.client.post(EDIT, data=data | {"base": "2", "order": "x"}, headers=headers)
    assert (wrong.status_code, list(wrong.get_json()["mistakes"])) == (422, ["order"])
    bare = {"Accept": "application/json"}
    assert ada.client.post(EDIT, data=data, headers=bare).status_code == 403


def test_a_session_that_ends_over_an_edit_loses_nothing(app: Flask, bo: Desk) -> None:
    tab = bo.get(EDIT)
    with app.app_context():
        db.session.execute(update(SignInRow).values(created_at=now() - timedelta(days=2)))
        db.session.commit()
    asked = bo.send(tab, EDIT, title=f"Long work? {MARKUP}", short="First line.\nSecond line.", reason="Much.")
    assert asked.status_code == 401
    assert SCRIPT not in asked.text
    page = bo.send(asked, "/admin/sign-in", name="Bo", password=SESAME)
    assert page.status_code == 200
    form = form_in(page, EDIT)
    assert (form["title"], form["short"], form["reason"]) == (
        f"Long work? {MARKUP}",
        "First line.\nSecond line.",
        "Much.",
    )
    assert len(stored(app)) == 1
    assert bo.send(page, EDIT).status_code == 303
    assert stored(app)[0].short == "First line.\nSecond line."


@pytest.mark.parametrize("carried", ["[" * 50_000, "{", "7", '[["title"]]'], ids=["deep", "cut off", "number", "short"])
def test_what_no_form_of_ours_carries_is_no_form(bo: Desk, carried: str) -> None:
    bo.send("/admin/", "/admin/sign-out")
    asked = bo.get(EDIT, follow_redirects=True)
    sent = form_in(asked, "/admin/sign-in") | {"name": "Bo", "password": SESAME, "carried": carried}
    page = bo.client.post("/admin/sign-in", data=sent)
    assert page.status_code == 200
    assert "Nothing is saved yet" in page.text


def test_a_form_of_an_earlier_session_comes_back_as_it_was(app: Flask, bo: Desk) -> None:
    tab = bo.get(EDIT)
    bo.send("/admin/", "/admin/sign-out")
    bo.send("/admin/sign-in", "/admin/sign-in", name="Bo", password=SESAME)
    page = bo.send(tab, EDIT, title="Written before?", reason="Long ago.")
    assert page.status_code == 403
    assert "Nothing is saved yet" in page.text
    assert form_in(page, EDIT)["title"] == "Written before?"
    assert bo.send(page, EDIT).status_code == 303
    assert stored(app)[0].title == "Written before?"

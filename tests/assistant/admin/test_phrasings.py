"""The page of an entry's phrasings, and that of what no entry answers: adding, removing, bringing back."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from assistant.audit.tables import AuditRow
from assistant.database import db
from assistant.library import phrasing_queries, queries
from assistant.library.tables import PhrasingRow
from tests.assistant.admin.conftest import SLUG, Desk, SignIn

pytestmark = pytest.mark.slow

PAGE = f"/admin/entries/{SLUG}/phrasings"
NOT_COVERED = "/admin/not-covered"
TITLE = "If every neuron gets the same data, why do they not all come out the same?"
BREAD = "How do I bake sourdough bread?"


def newest(app: Flask, slug: str | None = SLUG) -> PhrasingRow:
    with app.app_context():
        row = phrasing_queries.newest(queries.entry(slug) if slug else None, 1)[0]
        db.session.expunge_all()
        return row


def texts(app: Flask, slug: str | None = SLUG) -> list[str]:
    with app.app_context():
        return phrasing_queries.texts_of(queries.entry(slug) if slug else None)


def test_a_phrasing_is_added_without_a_revision_and_takes_part_at_once(
    app: Flask, bo: Desk, client: FlaskClient
) -> None:
    asked = client.post("/api/questions", json={"question": BREAD}).get_json()
    assert asked["entry"] is None
    assert bo.send(PAGE, PAGE, text=f"  {BREAD} ").status_code == 303
    page = bo.get(PAGE)
    assert "1 waiting question found an answer" in page.text
    row = newest(app)
    assert (row.text, row.origin, row.held_out, row.added_by, row.removed_at) == (BREAD, "author", False, "Bo", None)
    with app.app_context():
        entry = queries.entry(SLUG)
        assert entry is not None
        assert len(queries.revisions(entry)) == 1
        logged = db.session.scalars(select(AuditRow).where(AuditRow.did == "added a phrasing")).one()
        assert (logged.who, logged.subject, logged.detail) == ("Bo", SLUG, f"phrasing {row.id}")
    assert client.post("/api/questions", json={"question": BREAD}).get_json()["entry"] == SLUG


def test_a_phrasing_is_removed_and_brought_back(app: Flask, bo: Desk, client: FlaskClient) -> None:
    bo.send(PAGE, PAGE, text=BREAD)
    number = newest(app).id
    removed = bo.send(PAGE, f"/admin/phrasings/{number}/remove")
    assert removed.status_code == 303
    assert BREAD not in texts(app)
    assert client.post("/api/questions", json={"question": BREAD}).get_json()["entry"] is None
    page = bo.get(PAGE)
    assert "removed by Bo" in page.text
    assert bo.send(page, f"/admin/phrasings/{number}/bring-back").status_code == 303
    assert BREAD in texts(app)
    again = newest(app)
    assert again.id != number
    assert (again.origin, again.added_by) == ("author", "Bo")
    assert "removed by Bo" not in bo.get(PAGE).text
    with app.app_context():
        did = db.session.scalars(select(AuditRow.did).where(AuditRow.subject == SLUG).order_by(AuditRow.id)).all()
        assert did[-3:] == ["added a phrasing", "removed a phrasing", "brought back a phrasing"]
    token = {"csrf_token": page.text.split('csrf_token" value="')[1].split('"')[0]}
    assert bo.client.post(f"/admin/phrasings/{number}/remove", data=token).status_code == 404
    assert bo.client.post(f"/admin/phrasings/{number}/bring-back", data=token).status_code == 422
    assert bo.client.post(f"/admin/phrasings/{again.id}/bring-back", data=token).status_code == 404
    assert bo.client.post("/admin/phrasings/99999999/bring-back", data=token).status_code == 404


def test_fifty_stand_on_a_page_with_what_is_known_of_them(app: Flask, bo: Desk) -> None:
    own = texts(app)
    pages = [bo.get(f"{PAGE}?page={number}").text for number in range(1, -(-len(own) // 50) + 1)]
    assert [page.count(">Remove<") for page in pages[:-1]] == [50] * (len(pages) - 1)
    assert sum(page.count(">Remove<") for page in pages) == len(own)
    assert sum(page.count(", held out") for page in pages) > 40
    assert sum(page.count(", a model phrasing") for page in pages) == 12
    assert "Older" in pages[0]
    assert "Newer" not in pages[0]
    assert "Older" not in pages[-1]
    assert bo.get(f"{PAGE}?page=0").status_code == bo.get(f"{PAGE}?page=999").status_code == 200
    assert bo.get("/admin/entries/none/phrasings").status_code == 404


@pytest.mark.parametrize("path", [PAGE, NOT_COVERED])
@pytest.mark.parametrize(("text", "told"), [("???", "it has no words"), ("why " * 300, "at most 1,000 are read")])
def test_what_is_no_question_is_told_and_comes_back(bo: Desk, path: str, text: str, told: str) -> None:
    page = bo.send(path, path, text=text)
    assert page.status_code == 422
    assert told in page.text
    assert f'value="{text}"' in page.text


def test_a_phrasing_belongs_to_one_entry(app: Flask, bo: Desk) -> None:
    theirs = texts(app, "two-neurons-one-line")[20]
    refused = bo.send(PAGE, PAGE, text=theirs.upper())
    if "Add it all the same" in refused.text:
        digest = refused.text.split('name="confirm" value="', 1)[1].split('"', 1)[0]
        refused = bo.send(PAGE, PAGE, text=theirs.upper(), confirm=digest)
    assert refused.status_code == 422
    assert "is a phrasing of two-neurons-one-line. Take it out there first." in refused.text
    own = texts(app)
    assert bo.send(PAGE, PAGE, text=own[3].upper()).status_code == 303
    assert texts(app) == own


def test_a_phrasing_that_takes_questions_from_another_entry_asks_for_a_confirmation(app: Flask, bo: Desk) -> None:
    client = app.test_client()
    asked = "Do the neurons of a layer compete with each other or help each other?"
    assert client.post("/api/questions", json={"question": asked}).get_json()["entry"] == "two-neurons-one-line"
    page = bo.send(PAGE, PAGE, text=asked)
    assert page.status_code == 422
    assert f"“{asked}” is answered by two-neurons-one-line today, and would go to {SLUG}" in page.text
    assert asked not in texts(app)
    digest = page.text.split('name="confirm" value="', 1)[1].split('"', 1)[0]
    assert bo.send(page, PAGE, text="Something else about it?", confirm="0" * 16).status_code in {303, 422}
    assert bo.send(page, PAGE, text=asked, confirm=digest).status_code == 303
    assert asked in texts(app)
    assert client.post("/api/questions", json={"question": asked}).get_json()["entry"] == SLUG


def test_what_no_entry_answers_is_added_to_and_taken_from(app: Flask, bo: Desk) -> None:
    assert bo.send(NOT_COVERED, NOT_COVERED, text="Who won the <b>cup</b>?").status_code == 303
    page = bo.get(NOT_COVERED)
    assert "<b>cup" not in page.text
    number = newest(app, None).id
    assert bo.send(page, f"/admin/phrasings/{number}/remove").headers["Location"] == NOT_COVERED
    assert "Who won the <b>cup</b>?" not in texts(app, None)
    assert bo.send(NOT_COVERED, f"/admin/phrasings/{number}/bring-back").headers["Location"] == NOT_COVERED
    assert "Who won the <b>cup</b>?" in texts(app, None)
    mine = texts(app)[5]
    refused = bo.send(page, NOT_COVERED, text=mine)
    assert refused.status_code == 422
    assert f"is a phrasing of {SLUG}. Take it out there first." in refused.text


def test_what_no_entry_answered_becomes_an_entrys(app: Flask, bo: Desk) -> None:
    bo.send(NOT_COVERED, NOT_COVERED, text=BREAD)
    assert bo.send(PAGE, PAGE, text=BREAD).status_code == 303
    assert BREAD in texts(app)
    assert BREAD not in texts(app, None)


def test_two_who_add_the_same_add_it_once(app: Flask, sign_in: SignIn) -> None:
    for name in ("Bo", "Cy"):
        assert sign_in(name).send(PAGE, PAGE, text=BREAD).status_code == 303
    assert texts(app).count(BREAD) == 1
    assert newest(app).added_by == "Bo"


def test_the_editor_leads_to_the_phrasings(bo: Desk, app: Flask) -> None:
    page = bo.get(f"/admin/entries/{SLUG}/edit").text
    assert f"{len(texts(app))} phrasings" in page
    assert f'href="{PAGE}"' in page
    assert f'href="{PAGE}"' in bo.get(f"/admin/entries/{SLUG}").text

"""The page of an entry's phrasings, and that of what no entry answers: adding, removing, bringing back."""

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from assistant.audit.tables import AuditRow
from assistant.database import db, writing
from assistant.library import phrasing_queries, queries
from assistant.library.tables import PhrasingRow
from assistant.questions.tables import QuestionRow
from tests.assistant.admin.conftest import SLUG, Desk, Forms, SignIn

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


@pytest.fixture
def data_dir(few: Path) -> Path:
    """Few of the entries, to which the matcher is fitted in no time."""
    return few


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


def test_waiting_questions_in_another_language_find_their_words_in_any_case(app: Flask, bo: Desk) -> None:
    with app.app_context(), writing():
        for text in ("Wie lernt das Netz?", "WIE LERNT DAS NETZ?", "wie lernt das netz"):
            row = QuestionRow(text=text, outcome="unknown", score=0.0, matcher="m", suggestions=[], language="de")
            db.session.add(row)
    assert bo.send(PAGE, PAGE, text="wie lernt das Netz?").status_code == 303
    assert "2 waiting questions found an answer" in bo.get(PAGE).text


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
        assert did[-3:] == ["added a phrasing", "removed a phrasing", "restored a phrasing"]
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
    assert sum(page.count(">held out<") for page in pages) > 40
    assert sum(page.count(">a model phrasing<") for page in pages) == 12
    assert 'rel="next"' in pages[0]
    assert 'rel="prev"' not in pages[0]
    assert 'rel="next"' not in pages[-1]
    assert bo.get(f"{PAGE}?page=0").status_code == bo.get(f"{PAGE}?page=999").status_code == 200
    assert bo.get("/admin/entries/none/phrasings").status_code == 404


@pytest.mark.parametrize("path", [PAGE, NOT_COVERED])
@pytest.mark.parametrize(("text", "told"), [("???", "it has no words"), ("why " * 300, "at most 1,000 are read")])
def test_what_is_no_question_is_told_and_comes_back(bo: Desk, path: str, text: str, told: str) -> None:
    page = bo.send(path, path, text=text)
    assert page.status_code == 422
    assert told in page.text
    assert f">{text}</textarea>" in page.text


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


PASTED = """what makes units come out unequal, in a word
  What makes units come out unequal, in a word

* {own}
{theirs}
 {theirs}
???
does unequal begin with chance
"""


def a_paste(app: Flask) -> str:
    return PASTED.format(own=texts(app)[3].upper(), theirs=texts(app, "two-neurons-one-line")[20])


def test_many_lines_are_told_apart_before_they_are_added(app: Flask, bo: Desk) -> None:
    before = texts(app)
    page = bo.send(PAGE, PAGE, text=a_paste(app))
    assert page.status_code == 200
    assert texts(app) == before
    told = " ".join(page.text.split())
    for part in (
        "<strong>2</strong> new",
        "<strong>1</strong> is here already",
        "<strong>1</strong> belongs to another entry",
        "<strong>2</strong> are the same as lines above them",
        "<strong>1</strong> cannot be matched",
        ">two-neurons-one-line</a>",
        "it has no words",
    ):
        assert part in told
    confirm = page.text.partition('name="confirm" value="')[2].partition('"')[0]
    assert bo.send(page, PAGE, text=a_paste(app), confirm="another").status_code == 200
    assert texts(app) == before
    assert bo.send(page, PAGE, text=a_paste(app), confirm=confirm).status_code == 303
    assert set(texts(app)) - set(before) == {
        "what makes units come out unequal, in a word",
        "does unequal begin with chance",
    }
    page = bo.get(PAGE)
    assert "Added: 2." in page.text
    (undo,) = [each.action for each in Forms(page.text).forms if each.action.endswith("/take-back")]
    assert bo.send(page, undo).status_code == 303
    assert texts(app) == before
    assert "Undone: 2 that you had just added" in bo.get(PAGE).text


def test_what_was_not_covered_is_so_again_after_an_undo(app: Flask, bo: Desk) -> None:
    bo.send(NOT_COVERED, NOT_COVERED, text=BREAD)
    page = bo.send(PAGE, PAGE, text=BREAD)
    if page.status_code == 422:
        confirm = page.text.partition('name="confirm" value="')[2].partition('"')[0]
        bo.send(page, PAGE, text=BREAD, confirm=confirm)
    assert BREAD in texts(app)
    assert BREAD not in texts(app, None)
    page = bo.get(PAGE)
    (undo,) = [each.action for each in Forms(page.text).forms if each.action.endswith("/take-back")]
    assert bo.send(page, undo).status_code == 303
    assert BREAD not in texts(app)
    assert BREAD in texts(app, None)


def test_another_teachers_phrasings_are_not_taken_back(app: Flask, ada: Desk, bo: Desk) -> None:
    ada.send(PAGE, PAGE, text="does unequal begin with chance")
    number = newest(app).id
    token = {"csrf_token": bo.get(PAGE).text.split('csrf_token" value="')[1].split('"')[0]}
    bo.client.post(f"/admin/phrasings/{number}-{number}/take-back", data=token)
    assert newest(app).id == number


def test_where_nothing_changes_nothing_is_logged(app: Flask, bo: Desk) -> None:
    def logged() -> list[str]:
        with app.app_context():
            return list(db.session.scalars(select(AuditRow.did).where(AuditRow.who == "Bo")))[1:]  # after the sign-in

    bo.send(PAGE, PAGE, text="does unequal begin with chance")
    page = bo.get(PAGE)
    (undo,) = [each.action for each in Forms(page.text).forms if each.action.endswith("/take-back")]
    bo.send(PAGE, PAGE, text="Does unequal begin with chance")
    assert "It was there already." in bo.get(PAGE).text
    assert logged() == ["added a phrasing"]
    for told in ("Undone: 1 that you had just added.", "There was nothing to undo any more."):
        assert bo.send(page, undo).status_code == 303
        assert told in bo.get(PAGE).text
    assert logged() == ["added a phrasing", "took back phrasings"]


def test_too_many_lines_are_refused(bo: Desk) -> None:
    page = bo.send(PAGE, PAGE, text="why\n" * 1_001)
    assert page.status_code == 422
    assert "These are 1,001 lines, and at most 1,000 are taken at once." in page.text


def test_a_removal_is_undone_with_the_list_as_it_was(app: Flask, bo: Desk) -> None:
    with app.app_context():
        rows = phrasing_queries.newest(queries.entry(SLUG))
        number, text = next((row.id, row.text) for row in rows if row.held_out)
    assert bo.get(f"{PAGE}?show=held-out").text.count(">Remove<") == 50
    listed = f"/admin/phrasings/{number}/remove?show=held-out&sort=newest"
    page = bo.get(f"{PAGE}?show=held-out&sort=newest")
    answer = bo.send(page, listed)
    assert answer.headers["Location"] == f"{PAGE}?show=held-out&sort=newest"
    page = bo.get(answer.headers["Location"])
    (undo,) = [each.action for each in Forms(page.text).forms if "bring-back" in each.action][:1]
    assert bo.send(page, undo).headers["Location"] == f"{PAGE}?show=held-out&sort=newest"
    assert newest(app).text == text


def shown(page: str) -> list[str]:
    """Return the phrasings of a page's table, in its order."""
    return re.findall(r"Remove<span class=.visually-hidden.>: (.*?)</span>", page)


def test_phrasings_are_searched_filtered_and_sorted(app: Flask, bo: Desk) -> None:
    bo.send(PAGE, PAGE, text="Is 100% of it chance_or not?")
    with app.app_context():
        entry = queries.entry(SLUG)
        assert entry is not None
        phrasing_queries.add(entry, "asked by somebody in a hurry", by="Bo", origin="learner", held_out=True)
        for row in db.session.query(PhrasingRow).filter(PhrasingRow.origin == "import"):
            row.added_at -= timedelta(days=40)
        db.session.commit()
    assert shown(bo.get(f"{PAGE}?q=CHANCE_OR+100%25").text) == ["Is 100% of it chance_or not?"]
    assert "1 of" in bo.get(f"{PAGE}?q=chance_or").text
    assert shown(bo.get(f"{PAGE}?q=nothing-like-it").text) == []
    assert shown(bo.get(f"{PAGE}?show=learners").text) == ["asked by somebody in a hurry"]
    assert "asked by somebody in a hurry" not in shown(bo.get(f"{PAGE}?show=authors").text)
    assert set(shown(bo.get(f"{PAGE}?show=month").text)) == {
        "asked by somebody in a hurry",
        "Is 100% of it chance_or not?",
    }
    lengths = [len(html.unescape(each)) for each in shown(bo.get(f"{PAGE}?sort=shortest").text)]
    assert lengths == sorted(lengths)
    words = [html.unescape(each).lower() for each in shown(bo.get(f"{PAGE}?sort=text").text)]
    assert words == sorted(words)
    assert 'href="?"' not in (page := bo.get(f"{PAGE}?sort=longest&q=the").text)
    assert re.search(r'rel="next"', page) is None or "sort=longest" in page.partition('rel="next"')[0][-120:]
    assert bo.get(f"{PAGE}?show=x&sort=y&page=z").status_code == 200


def test_the_words_for_kinds_of_phrasings_are_explained_where_they_stand(bo: Desk) -> None:
    held_out, model = 'id="held-out-help"', 'id="model-help"'
    models = bo.get(f"{PAGE}?sort=models").text
    assert 'class="tag">a model phrasing' in models
    assert model in models
    kept_apart = bo.get(f"{PAGE}?show=held-out").text
    assert 'class="tag">held out' in kept_apart
    assert held_out in kept_apart
    assert model not in kept_apart
    assert held_out not in bo.get(f"{PAGE}?q=nothing-like-it").text


def test_near_duplicates_are_marked(app: Flask, bo: Desk) -> None:
    own = texts(app)[-1]
    bo.send(NOT_COVERED, NOT_COVERED, text="zzz how is sourdough bread baked in an oven")
    bo.send(NOT_COVERED, NOT_COVERED, text="In an oven, how is sourdough bread baked? zzz")
    assert own not in shown(bo.get(f"{PAGE}?show=near").text)
    page = bo.get(f"{NOT_COVERED}?q=sourdough").text
    assert page.count("nearly the same as</span>") == 2
    assert len(shown(bo.get(f"{NOT_COVERED}?show=near&q=sourdough").text)) == 2


@pytest.mark.parametrize("path", [PAGE, NOT_COVERED])
def test_a_page_of_phrasings_is_small(bo: Desk, path: str) -> None:
    for query in ("", "?show=near", "?sort=longest"):
        assert len(bo.get(f"{path}{query}").data) < 200_000

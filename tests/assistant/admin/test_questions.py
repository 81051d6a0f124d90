"""What learners asked in vain, and how a teacher closes the gap."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from assistant.admin import effects
from assistant.admin.effects import Move
from assistant.admin.questions import LATEST, PER_PAGE
from assistant.audit.tables import AuditRow
from assistant.database import db, writing
from assistant.library import phrasing_queries, queries
from assistant.questions.queries import REDACTED
from assistant.questions.tables import QuestionRow
from assistant.questions.understanding.matcher import matcher
from tests.assistant.admin.conftest import SLUG, Desk, form_in
from tests.conftest import CLUMSY

pytestmark = pytest.mark.slow

VAIN = "How do I bake sourdough bread?"
LIKE = "How do I bake a sourdough bread?"
UNLIKE = (
    "bake bread;tune a violin;file my taxes;where is the moon;who won the chess game;cheap flights to Oslo;"
    "knit a scarf;repair my bicycle chain;when do tulips bloom;learn Portuguese;tie a bowline;why is the sea salty;"
    "best hiking boots;how tall is Everest;feed a hedgehog;paint a fence;what is inflation;my printer is jammed;"
    "cook rice;how do bees fly;rules of cricket;who was Cleopatra;sharpen a knife;train a puppy"
)
TITLE = "If every neuron gets the same data, why do they not all come out the same?"


@pytest.fixture
def asked(client: FlaskClient) -> str:
    """A question without an answer, and its address."""
    told = client.post("/api/questions", json={"question": VAIN}).get_json()
    assert told["outcome"] != "answer"
    return str(told["question_url"]).rpartition("/")[2]


def question(app: Flask, question_id: str) -> QuestionRow:
    with app.app_context():
        row = db.session.get_one(QuestionRow, question_id)
        _ = row.answer, row.answered_by
        db.session.expunge_all()
        return row


def phrasings(app: Flask, slug: str = SLUG) -> list[str]:
    with app.app_context():
        return phrasing_queries.texts_of(queries.entry(slug))


def test_all_that_asked_the_same_are_dealt_with_however_many_others_asked_since(
    app: Flask, bo: Desk, asked: str, client: FlaskClient
) -> None:
    earlier = str(client.post("/api/questions", json={"question": VAIN.upper()}).get_json()["question_url"])
    with app.app_context(), writing():
        for at in range(LATEST + 1):
            other = {"text": f"Something else, {at}?", "outcome": "unknown", "score": 0.1, "matcher": "m"}
            db.session.add(QuestionRow(**other, suggestions=[]))
    token = form_in(bo.get("/admin/"), "/admin/sign-out")
    assert bo.client.post(f"/admin/questions/{asked}/not-covered", data=token).status_code == 303
    assert question(app, asked).settled_at is not None
    assert question(app, earlier.rpartition("/")[2]).settled_at is not None


def test_where_no_waiting_question_found_an_answer_nothing_is_said_of_one(bo: Desk, client: FlaskClient) -> None:
    told = client.post("/api/questions", json={"question": f"So {TITLE.lower()}"}).get_json()
    assert told["outcome"] == "answer"
    answered = str(told["question_url"]).rpartition("/")[2]
    page = bo.get("/admin/questions?outcome=answer")
    assert bo.send(page, f"/admin/questions/{answered}/phrasing", slug=SLUG).status_code == 303
    notice = bo.get("/admin/questions").text
    assert "Added as a phrasing.</p>" in notice
    assert "waiting question" not in notice


def test_questions_are_listed_by_outcome_and_like_ones_together(bo: Desk, client: FlaskClient, asked: str) -> None:
    client.post("/api/questions", json={"question": LIKE})
    client.post("/api/questions", json={"question": TITLE})
    page = bo.get("/admin/questions").text
    assert VAIN in page
    assert "1 more like it" in page
    assert f"<q>{TITLE}</q>" not in page
    assert f"<q>{TITLE}</q>" in bo.get("/admin/questions?outcome=answer").text
    assert asked in page
    assert "2 questions of learners" in bo.get("/admin/").text
    assert bo.get("/admin/questions?outcome=nonsense").status_code == 404


def test_a_question_becomes_a_phrasing_and_whoever_asked_finds_the_answer(
    app: Flask, bo: Desk, client: FlaskClient
) -> None:
    with app.app_context():
        clumsy = next(each for each in CLUMSY if matcher().match(each).outcome != "answer")
    told = client.post("/api/questions", json={"question": clumsy}).get_json()
    near = str(told["question_url"]).rpartition("/")[2]
    answer = bo.send("/admin/questions", f"/admin/questions/{near}/phrasing", slug=SLUG)
    assert answer.status_code == 303
    if "/phrasings" in answer.headers["Location"]:  # The other entries that there are decide about that.
        page = bo.get(answer.headers["Location"])
        digest = page.text.split('name="confirm" value="', 1)[1].split('"', 1)[0]
        assert bo.send(page, f"/admin/questions/{near}/phrasing", confirm=digest).status_code == 303
    with app.app_context():
        row = queries.published_entry(SLUG)
        assert row is not None
        assert row.published_number == 1
        newest = phrasing_queries.newest(row, 1)[0]
        assert (newest.text, newest.origin, newest.held_out, newest.added_by) == (clumsy, "learner", True, "Bo")
        logged = db.session.scalars(select(AuditRow).where(AuditRow.did == "added a phrasing")).one()
        assert (logged.who, logged.subject, logged.detail) == ("Bo", SLUG, f"question {near}")
    page = client.get(f"/questions/{near}")
    assert TITLE in page.text
    assert "There is one now" in page.text
    assert question(app, near).outcome != "answer"
    assert clumsy not in bo.get("/admin/questions").text
    assert client.post("/api/questions", json={"question": clumsy}).get_json()["entry"] == SLUG


def test_a_phrasing_that_would_take_questions_from_others_waits_for_a_confirmation(
    app: Flask, bo: Desk, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = [Move("Whose am I?", asked=True, before="two-neurons-one-line", after=SLUG, stolen=True)]
    monkeypatch.setattr(effects, "moves", lambda _draft, _more: lost)
    path = f"/admin/questions/{asked}/phrasing"
    answer = bo.send("/admin/questions", path, slug=SLUG)
    assert answer.headers["Location"] == f"/admin/entries/{SLUG}/phrasings?question={asked}"
    page = bo.get(answer.headers["Location"])
    assert "“Whose am I?” is answered by two-neurons-one-line today" in page.text
    assert "".join(phrasings(app)).count(VAIN) == 0
    refused = bo.send(page, path, confirm="0" * 16)
    assert refused.headers["Location"] == answer.headers["Location"]
    digest = page.text.split('name="confirm" value="', 1)[1].split('"', 1)[0]
    assert bo.send(page, path, confirm=digest).status_code == 303
    assert VAIN in phrasings(app)


def test_a_phrasing_leaves_the_draft_of_its_entry_alone(app: Flask, bo: Desk, asked: str) -> None:
    bo.save(title="Not finished?")
    answer = bo.send("/admin/questions", f"/admin/questions/{asked}/phrasing", slug=SLUG)
    assert answer.headers["Location"] == "/admin/questions?outcome=open"
    assert VAIN in phrasings(app)
    with app.app_context():
        row = queries.published_entry(SLUG)
        assert row is not None
        head = queries.head(row)
        assert head is not None
        assert (row.published_number, head.number, head.title) == (1, 2, "Not finished?")
    answer_now = question(app, asked).answer
    assert answer_now is not None
    assert answer_now.slug == SLUG


def test_a_phrasing_of_an_entry_that_is_not_published_waits_for_that(app: Flask, bo: Desk, asked: str) -> None:
    path = "/admin/entries/new"
    bo.send(path, path, slug="bread", title="Bread?", reason="Begun.", experiment="symmetry")
    page = bo.get("/admin/questions")
    assert bo.send(page, f"/admin/questions/{asked}/phrasing", slug="bread").status_code == 303
    assert "It will count once the entry is published" in bo.get("/admin/questions").text
    assert VAIN in phrasings(app, "bread")
    assert question(app, asked).answer is None


def test_a_question_is_marked_as_not_covered(app: Flask, bo: Desk, client: FlaskClient, asked: str) -> None:
    assert bo.send("/admin/questions", f"/admin/questions/{asked}/not-covered").status_code == 303
    with app.app_context():
        assert VAIN in phrasing_queries.corpus().not_covered
        assert VAIN in phrasing_queries.corpus().held_out
    assert VAIN in bo.get("/admin/not-covered").text
    assert VAIN not in bo.get("/admin/questions").text
    assert "I do not know that yet" in client.get(f"/questions/{asked}").text


def test_a_new_entry_is_begun_from_a_question(bo: Desk, asked: str) -> None:
    page = bo.get(f"/admin/entries/new?question={asked}").text
    assert f'value="{VAIN}"' in page
    assert f">{VAIN}</textarea>" in page


def test_a_redacted_question_is_gone_and_the_log_does_not_say_what_it_was(
    app: Flask, ada: Desk, client: FlaskClient, asked: str
) -> None:
    assert ada.send("/admin/questions", f"/admin/questions/{asked}/redact").status_code == 303
    assert question(app, asked).text == REDACTED
    assert VAIN not in client.get(f"/questions/{asked}").text
    log = ada.get("/admin/audit").text
    assert "redacted" in log
    assert f"question {asked}" in log
    assert VAIN not in log
    with app.app_context():
        rows = list(db.session.scalars(select(AuditRow)))
        assert all(VAIN not in f"{row.subject}{row.detail}" for row in rows)
    token = {"csrf_token": ada.get("/admin/questions?outcome=all").text.split('csrf_token" value="')[1].split('"')[0]}
    for deed in ("phrasing", "not-covered", "redact"):
        assert ada.client.post(f"/admin/questions/{asked}/{deed}", data=token | {"slug": SLUG}).status_code == 404


def test_questions_of_another_teachers_hand_are_not_found(bo: Desk, asked: str) -> None:
    token = {"csrf_token": bo.get("/admin/questions").text.split('csrf_token" value="')[1].split('"')[0]}
    assert bo.client.post("/admin/questions/none/redact", data=token).status_code == 404
    answer = bo.client.post(f"/admin/questions/{asked}/phrasing", data=token | {"slug": "none"})
    assert answer.status_code == 404


def test_markup_in_a_question_stays_text(bo: Desk, client: FlaskClient) -> None:
    text = '<script>alert(1)</script>"><img src=x onerror=alert(2)> bread?'
    client.post("/questions", data={"question": text})
    for path in ("/admin/questions?outcome=all", "/admin/"):
        page = bo.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_what_an_entry_names_as_not_covered_is_learned_with_it(app: Flask, bo: Desk) -> None:
    text = "Why do neurons in the brain differ from each other?"
    bo.save(not_covered=text)
    with app.app_context():
        assert text not in phrasing_queries.corpus().not_covered
        row = queries.published_entry(SLUG)
        assert row is not None
        assert queries.move_published(row, 1, 2)
        db.session.commit()
        assert text in phrasing_queries.corpus().not_covered


def test_a_list_is_parted_into_pages_of_groups(app: Flask, bo: Desk) -> None:
    with app.app_context(), writing():
        for text in UNLIKE.split(";"):
            db.session.add(QuestionRow(text=text, outcome="unknown", score=0.1, matcher="", suggestions=[]))
    first = bo.get("/admin/questions").text
    assert "Page 1 of " in first
    assert first.count("Add it<") == PER_PAGE < len(UNLIKE.split(";"))
    path = "/admin/questions?outcome=open&page=2"
    second = bo.get(path)
    handled = second.text.partition('/not-covered" method')[0].rpartition('action="')[2]
    answer = bo.send(second, f"{handled}/not-covered")
    assert answer.headers["Location"] == path
    assert bo.get("/admin/questions?page=1000").status_code == 200


def test_whoever_asked_the_same_in_the_same_words_is_dealt_with_together(
    app: Flask, bo: Desk, client: FlaskClient, asked: str
) -> None:
    same = client.post("/api/questions", json={"question": VAIN.upper()}).get_json()
    newest = str(same["question_url"]).rpartition("/")[2]
    bo.send("/admin/questions", f"/admin/questions/{newest}/not-covered")
    assert question(app, asked).settled_at is not None
    assert "without an answer (0)" in bo.get("/admin/questions").text

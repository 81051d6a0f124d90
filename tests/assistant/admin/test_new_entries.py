"""A new entry: begun from learners' questions, with what it lacks told at its fields, and help with its numbers."""

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from assistant.admin.forms import slug_from
from assistant.database import db, writing
from assistant.library import phrasing_queries, queries
from assistant.library.findings import Finding
from assistant.questions import queries as questions
from assistant.questions.tables import QuestionRow
from assistant.runs import queries as runs
from assistant.runs.evidence.proposals import proposal
from assistant.runs.tables import DONE
from tests.assistant.admin.conftest import EDIT, SLUG, Desk, form_in, stored

pytestmark = pytest.mark.slow

NEW = "/admin/entries/new"
BREAD = ("How do I bake sourdough bread?", "how do i bake sourdough bread")
CAKE = "Which oven does a wedding cake take?"


@pytest.fixture
def asked(client: FlaskClient) -> list[str]:
    """Questions that no entry answers, two of them alike."""
    answers = [client.post("/api/questions", json={"question": text}).get_json() for text in (*BREAD, CAKE)]
    assert [each["entry"] for each in answers] == [None] * 3
    return [each["question_url"].rpartition("/")[2] for each in answers]


def test_an_entry_is_begun_from_a_group_of_questions(app: Flask, bo: Desk, asked: list[str]) -> None:
    page = bo.get("/admin/questions").text
    links = [html.unescape(each) for each in re.findall(rf'href="({NEW}\?[^"]*)"', page)]
    (link,) = [each for each in links if asked[0] in each]
    assert asked[1] in link
    form = bo.get(link)
    answer = bo.send(form, NEW, title="How is sourdough bread baked?", reason="Asked twice.")
    assert answer.headers["Location"] == "/admin/entries/how-is-sourdough-bread-baked"
    with app.app_context():
        entry = queries.entry("how-is-sourdough-bread-baked")
        assert {text.casefold() for text in phrasing_queries.texts_of(entry)} == {BREAD[1] + "?", BREAD[1]}


def test_near_questions_of_the_log_are_proposed_and_taken(app: Flask, bo: Desk, asked: list[str]) -> None:  # noqa: ARG001
    far = "Which activation does the last layer take?"
    with app.app_context(), writing():
        db.session.add(QuestionRow(text=far, outcome="unknown", score=0.1, matcher="m", suggestions=[]))
    typed = {"title": "How do I bake a sourdough bread", "slug": "bread", "reason": "Begun."}
    page = bo.send(NEW, NEW, action="refresh", **typed)
    for text in BREAD:
        assert f'name="near" value="{text}"' in page.text
    assert far not in page.text
    assert bo.send(page, NEW, near=BREAD[0], **typed).status_code == 303
    with app.app_context():
        assert phrasing_queries.texts_of(queries.entry("bread")) == [BREAD[0]]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Why don't neurons differ?", "why-dont-neurons-differ"),
        ("Où est l’erreur à 5 %?", "ou-est-lerreur-a-5"),
        ("神经元为什么不同?", ""),
        ("a " * 60, "-".join("a" * 25)),
    ],
)
def test_a_title_makes_an_address(title: str, slug: str) -> None:
    assert slug_from(title) == slug


def test_the_address_follows_the_title_until_one_is_typed(bo: Desk) -> None:
    def address_of(page: TestResponse) -> str:
        return form_in(page, NEW)["slug"]

    shown = bo.send(NEW, NEW, action="refresh", title="What is a draft?", reason="Begun.")
    assert address_of(shown) == ""
    refused = bo.send(shown, NEW, title="What is a second draft?", order="first")
    assert refused.status_code == 422
    assert (
        bo.send(refused, NEW, title="What is a third draft?", order="40")
        .headers["Location"]
        .endswith("/what-is-a-third-draft")
    )
    typed = bo.send(shown, NEW, action="refresh", slug="drafts")
    assert address_of(typed) == "drafts"
    assert bo.send(typed, NEW, title="What is a fourth draft?").headers["Location"].endswith("/drafts")


def test_what_is_missing_is_told_when_a_draft_is_saved_and_at_its_fields(bo: Desk) -> None:
    answer = bo.send(NEW, NEW, title="What is a draft?", slug="a-draft", reason="Begun.", explanation="# Big\n\n$a_$")
    assert answer.status_code == 303
    saved = bo.get(answer.headers["Location"]).text
    assert "Before it can be published: " in saved
    for part in (
        "The theme is missing.",
        "There are no phrasings, and at least 20 are needed.",
        "Explanation, line 1: a heading",
        "Line 3: the formula $a_$ in column 1",
    ):
        assert part in saved
    page = bo.get("/admin/entries/a-draft/edit").text
    for field in ("theme", "short", "claims", "phrasings", "explanation"):
        assert f'id="{field}-problem">Before it can be published: ' in page
    assert "aria-invalid" not in page
    assert "the formula $a_$ in column 1" in page
    assert "Before it can be published" not in bo.get(EDIT).text


def test_a_title_without_latin_letters_asks_for_a_slug(bo: Desk) -> None:
    refused = bo.send(NEW, NEW, title="神经元为什么不同?", reason="Begun.")
    assert refused.status_code == 422
    assert "the title has no Latin letters to make it of" in refused.text.partition('id="slug-problem"')[2]
    assert bo.send(refused, NEW, slug="neurons").status_code == 303


def test_of_many_faults_in_an_explanation_some_are_told_and_how_many_more(bo: Desk) -> None:
    typed = {"title": "What is a draft?", "slug": "a-draft", "reason": "Begun.", "explanation": "$a_$\n\n" * 8}
    saved = bo.send(NEW, NEW, **typed)
    assert saved.status_code == 303
    page = bo.get("/admin/entries/a-draft/edit").text
    told = page.partition('id="explanation-problem"')[2].partition("</p>")[0]
    assert told.count("the formula") == 5
    assert told.endswith("And 3 more.")
    assert '<p class="gap">And 3 more.</p>' in page


def test_what_is_missing_is_told_from_the_start_and_beside_mistakes(bo: Desk) -> None:
    def told(page: str) -> set[str]:
        return set(re.findall(r'id="([a-z_]+)-problem">Before it can be published', page))

    lacking = {"title", "theme", "short", "explanation", "phrasings", "claims"}
    page = bo.get(NEW)
    assert told(page.text) == lacking
    assert "aria-invalid" not in page.text
    refused = bo.send(page, NEW, title="What is a draft?", order="first", reason="Begun.")
    assert refused.status_code == 422
    assert told(refused.text) == lacking - {"title"}
    assert "is a whole number from 1" in refused.text


def test_findings_are_searched_with_what_was_found_lately(app: Flask, bo: Desk) -> None:
    revision = stored(app)[0]
    name = next(claim.finding for claim in revision.claims_of(revision.experiment))
    with app.app_context(), writing():
        entry = queries.published_entry(SLUG)
        assert entry is not None
        assert entry.published is not None
        run = runs.enqueue(entry.published)
        share = {
            "kind": "share",
            "label": "networks that do",
            "value": 0.75,
            "count": 48,
            "of": 64,
            "low": 0.6,
            "high": 0.9,
        }
        run.state, run.findings = DONE, {name: share}
        run.finished_at = run.created_at
    page = bo.get(EDIT)
    assert f'<option value="{name}">networks that do – lately 48 of 64 networks (share)</option>' in page.text
    assert 'list="findings"' in page.text
    told = "The newest run found 48 of 64, 0.75. Three standard deviations away: at least 0.58, or at most 0.92."
    assert told not in page.text  # The claim is a theorem, and needs no distance.
    assert told in bo.send(page, EDIT, action="refresh", **{"claims-0-theorem": ""}).text
    assert len(page.data) < 200_000


def _shares(*counts: int) -> list[dict[str, object]]:
    return [{"f": Finding(kind="share", value=each / 64, count=each, of=64).to_json()} for each in counts]


def test_thresholds_are_three_standard_deviations_away() -> None:
    assert "at least 0.31, or at most 0.69" in proposal(_shares(30, 34), "f")
    assert "The newest 2 runs found 64 of 128" in proposal(_shares(30, 34), "f")
    assert proposal(_shares(64), "f").endswith("found 64 of 64, 1. Three standard deviations away: at least 0.95.")
    assert proposal(_shares(64), "f", complement=True).endswith("away: at most 0.05.")
    quantities = [{"f": {"kind": "quantity", "value": each}} for each in (1.0, 2.0, 3.0, 4.0, 5.0)]
    assert "3 on average. Three standard deviations away: at least -1.74, or at most 7.74" in proposal(quantities, "f")
    assert proposal(quantities[:4], "f") == proposal(_shares(30), "g") == proposal([], "f") == ""


def test_the_counts_of_questions_add_up_after_some_are_handled(app: Flask, bo: Desk, asked: list[str]) -> None:
    def counted() -> dict[str, int]:
        with app.app_context():
            found = questions.counts()
            db.session.remove()
            return found

    bo.send("/admin/questions", f"/admin/questions/{asked[2]}/not-covered")
    for path in ("redact", None):
        if path:
            bo.send("/admin/questions?outcome=all", f"/admin/questions/{asked[1]}/{path}")
        found = counted()
        assert found["open"] == found["unknown"] + found["suggest"]
        assert found["all"] == found["open"] + found["settled"] + found["answer"] == 3
    assert counted()["settled"] == 2

"""What a class thinks: by theme, grouped, guessed and voiced, as a page and as a table; small groups are left out."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask

from assistant.admin import class_report
from assistant.database import db, now, writing
from assistant.guesses import queries as guesses
from assistant.library import addresses, queries
from assistant.questions.tables import QuestionRow
from tests.assistant.admin.conftest import SLUG, Desk

BREAD = "how do i bake sourdough bread"


def ask(text: str, times: int, slug: str | None = None, *, days: int = 0, verdict: str | None = None) -> None:
    """Store questions as learners ask them; call it in the context of the service."""
    with writing():
        entry = queries.published_entry(slug) if slug else None
        for _ in range(times):
            row = QuestionRow(
                text=text, outcome="answer" if entry else "unknown", score=0.5, matcher="m", suggestions=[]
            )
            row.entry, row.verdict, row.asked_at = entry, verdict, now() - timedelta(days=days)
            db.session.add(row)


def table(desk: Desk, query: str = "") -> list[tuple[str, str, str, str]]:
    answer = desk.get(f"/admin/class.csv{query}")
    assert answer.mimetype == "text/csv"
    head, *rows = csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert head == ["kind", "theme or entry", "what", "count"]
    return [(kind, theme, what, count) for kind, theme, what, count in rows]


def test_what_was_asked_stands_by_theme_and_small_groups_do_not(app: Flask, bo: Desk) -> None:
    with app.app_context():
        entry, other = queries.published_entry(SLUG), queries.published_entry("two-neurons-one-line")
        assert entry is not None
        assert entry.published is not None
        assert other is not None
        assert other.published is not None
        theme, title, rare = entry.published.theme, entry.published.title, other.published.title
        ask("why do they differ", 6, SLUG, verdict="missed")
        ask("one line for two", 4, "two-neurons-one-line", verdict="missed")
        ask(BREAD, 5)
        ask("what is the capital of Peru, asks Ada Lovelace", 4)
        ask("long ago", 9, SLUG, days=30)
    rows = table(bo)
    assert ("asked", theme, title, "6") in rows
    assert ("missed", theme, title, "6") in rows
    assert ("unanswered", "", BREAD, "5") in rows
    page = bo.get("/admin/class").text
    assert "19 questions" in page
    for told in (page, str(rows)):
        assert title in told
        assert rare not in told
        assert "Lovelace" not in told
    days = f"?from={(now() - timedelta(days=40)).date()}&to={(now() - timedelta(days=20)).date()}"
    assert table(bo, days) == [("asked", theme, title, "9")]


def test_counts_have_no_limit_and_what_is_not_looked_at_is_told(
    app: Flask, bo: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(class_report, "GROUPED", 1)
    monkeypatch.setattr(class_report, "COMPARED", 2)
    with app.app_context():
        entry = queries.published_entry(SLUG)
        assert entry is not None
        assert entry.published is not None
        theme, title = entry.published.theme, entry.published.title
        ask("why do they differ", 2_100, SLUG, verdict="missed")
        ask(BREAD, 7)
        ask("how is the weather", 6)
    rows = table(bo)
    assert ("asked", theme, title, "2100") in rows
    assert ("missed", theme, title, "2100") in rows
    assert [row for row in rows if row[0] == "unanswered"] == [("unanswered", "", BREAD, "7")]
    assert ("left out", "", "questions without an answer that were not grouped", "6") in rows
    assert ("left out", "", "questions that were not compared with beliefs", "6") in rows
    page = bo.get("/admin/class").text
    assert "2,113 questions" in page
    assert page.count("6 further ones, in other words, are not looked at.") == 2


def test_an_entry_that_was_withdrawn_answers_nothing(app: Flask, bo: Desk) -> None:
    with app.app_context():
        ask("why do they differ", 6, SLUG)
        with writing():
            addresses.withdraw(SLUG, expected=1)
    assert table(bo) == [("unanswered", "", "why do they differ", "6")]


def test_guesses_stand_as_a_histogram_for_the_days_asked_for(app: Flask, bo: Desk) -> None:
    with app.app_context():
        entry = next(row for row in queries.published_entries() if row.published and row.published.predict)
        assert entry.published is not None
        assert entry.published.predict is not None
        title, question = entry.published.title, entry.published.predict.question
        with writing():
            for guess in (0, 3, 7, 63, 64):
                guesses.add(entry.published, guess, 64, None)
    found = {what: count for kind, about, what, count in table(bo) if (kind, about) == ("guessed", title)}
    assert found[f"{question} 0 to 7"] == "3"
    assert found[f"{question} 56 to 64"] == "2"
    assert sum(int(count) for count in found.values()) == 5
    assert title in bo.get("/admin/class").text
    assert table(bo, "?from=2020-01-01&to=2020-01-02") == []


def test_beliefs_are_counted_where_questions_voice_them(app: Flask, bo: Desk) -> None:
    with app.app_context():
        entry = next(row for row in queries.published_entries() if row.published and row.published.beliefs)
        assert entry.published is not None
        theme, belief = entry.published.theme, entry.published.beliefs[0]
        ask(belief.wordings[0].upper() + "!", 3)
        ask(belief.belief, 2)
    assert ("voiced", theme, belief.belief, "5") in table(bo)


def test_a_cell_is_no_formula(app: Flask, bo: Desk) -> None:
    with app.app_context():
        ask("=1+1 is it two", 5)
    assert ("unanswered", "", "'=1+1 is it two", "5") in table(bo)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?from=x", "A day is written as 2026-11-26."),
        ("?from=2026-02-02&to=2026-02-01", "The first day comes after the last."),
        ("?to=0001-01-01", "A day is written"),
        ("?to=9999-12-31", "far in the future"),
    ],
)
def test_days_that_are_none_are_told(bo: Desk, query: str, told: str) -> None:
    for path in ("/admin/class", "/admin/class.csv"):
        answer = bo.get(f"{path}{query}")
        assert answer.status_code == 422
        assert told in answer.text


def test_an_empty_span_says_so(bo: Desk) -> None:
    page = bo.get("/admin/class?from=2020-01-01&to=2020-01-02").text
    assert "Fewer than 5 questions" in page
    assert "Nothing came up 5 times or more." in page

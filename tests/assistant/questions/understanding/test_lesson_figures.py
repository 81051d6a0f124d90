"""A question may name the figure of the lessons that it is about; real SQLite and real vectors."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db
from assistant.matching import Candidate, Match
from assistant.matching.posts.parts import Matched, Part
from assistant.questions import queries
from assistant.questions.understanding.lesson_figures import LESSON_FIGURES, in_view_of

POINTING = "Why is one of them slanted?"


class Fixed:
    """A matcher that takes everything for the same."""

    name = "fixed"

    def __init__(self, match: Match) -> None:
        self.fixed = match
        self.asked: list[str] = []

    def match(self, question: str) -> Match:
        self.asked.append(question)
        return self.fixed

    def match_all(self, questions: Sequence[str]) -> list[Match]:
        return [self.match(question) for question in questions]


def taken_for(outcome: Any, **scores: float) -> Match:
    return Match(outcome, tuple(Candidate(slug, score) for slug, score in scores.items()))


def with_figure(text: str, alone: Match, beside: Match) -> Match | None:
    found = in_view_of(LESSON_FIGURES["blobs"], Matched((Part(text, alone),)), Fixed(beside))
    return found.main.match if found else None


def test_what_points_is_matched_with_what_the_figure_shows() -> None:
    using = Fixed(taken_for("suggest", lines=0.5))
    in_view_of(LESSON_FIGURES["coffee"], Matched((Part(POINTING, taken_for("unknown", lines=0.1)),)), using)
    (asked,) = using.asked
    assert POINTING in asked
    assert "Coffee roasting" in asked


def test_a_figure_chooses_among_what_is_likely_without_it() -> None:
    alone, beside = taken_for("suggest", runs=0.4, lines=0.3), taken_for("answer", lines=0.9, runs=0.05)
    assert with_figure(POINTING, alone, beside) == beside


@pytest.mark.parametrize(
    "alone",
    [taken_for("unknown", runs=0.2, lines=0.2), taken_for("suggest", runs=0.4, lines=0.1), taken_for("suggest", x=0.4)],
    ids=["unknown", "hardly likely", "not near"],
)
def test_a_figure_alone_answers_nothing(alone: Match) -> None:
    beside = taken_for("answer", lines=0.99)
    found = with_figure(POINTING, alone, beside)
    assert found is not None
    assert (found.outcome, found.candidates) == ("suggest", beside.candidates)


def test_what_has_an_answer_or_does_not_point_is_read_by_itself() -> None:
    near = taken_for("answer", lines=0.99)
    assert with_figure(POINTING, taken_for("answer", runs=0.9), near) is None
    assert with_figure("How do I bake bread?", taken_for("unknown"), near) is None
    assert with_figure(POINTING + " I ask" + " because I wonder" * 10, taken_for("unknown"), near) is None
    assert with_figure(POINTING, taken_for("suggest", runs=0.4), taken_for("unknown")) is None


def test_two_parts_have_no_answer_twice() -> None:
    parts = (Part("Why these lines?", taken_for("answer", lines=0.9)), Part(POINTING, taken_for("suggest", lines=0.4)))
    assert in_view_of(LESSON_FIGURES["blobs"], Matched(parts), Fixed(taken_for("answer", lines=0.9))) is None


def test_a_question_keeps_its_figure_and_says_that_it_was_read_with_it(client: FlaskClient, app: Flask) -> None:
    alone = client.post("/api/questions", json={"question": POINTING}).get_json()
    assert (alone["outcome"], alone["read_with_figure"]) == ("unknown", False)
    told = client.post("/api/questions", json={"question": POINTING, "figure": "blobs"}).get_json()
    assert (told["outcome"], told["read_with_figure"]) == ("suggest", True)
    page = client.get(told["question_url"]).text
    assert "Read with the figure that you chose: Four blobs" in page
    assert page.count('value="blobs" checked') == 1  # in the form that asks in other words
    with app.app_context():
        row = queries.question(told["question_url"].rpartition("/")[2])
        assert row is not None
        assert row.figure == "blobs"
        db.session.remove()


@pytest.mark.parametrize("figure", LESSON_FIGURES)
@pytest.mark.parametrize(
    "question",
    [
        "How do I bake bread?",
        "Who made this figure?",
        "Which library was this plot drawn with?",
        "Could an SVM draw these lines?",
        "Can I use this picture in my thesis?",
    ],
)
def test_what_the_library_does_not_cover_is_not_answered_beside_a_figure(
    client: FlaskClient, question: str, figure: str
) -> None:
    told = client.post("/api/questions", json={"question": question, "figure": figure}).get_json()
    assert told["entry"] is None


def test_a_question_with_an_answer_only_names_its_figure(client: FlaskClient) -> None:
    question = "What happens when the learning rate is too large?"
    told = client.post("/api/questions", json={"question": question, "figure": "coffee"}).get_json()
    assert (told["entry"], told["read_with_figure"]) == ("what-the-learning-rate-changes", False)
    assert "You chose the figure: Coffee roasting" in client.get(told["question_url"]).text


@pytest.mark.parametrize("figure", ["moons", "<b>", "x" * 5_000, 7, ["blobs"], {"name": "blobs"}, True])
def test_an_unknown_figure_is_refused_with_those_there_are(client: FlaskClient, figure: object) -> None:
    response = client.post("/api/questions", json={"question": POINTING, "figure": figure})
    assert response.status_code == 422
    assert "one of: coffee, blobs." in response.get_json()["error"]
    assert len(response.get_json()["error"]) < 150


@pytest.mark.parametrize("figure", ["", None])
def test_no_figure_is_none(client: FlaskClient, figure: object) -> None:
    response = client.post("/api/questions", json={"question": POINTING, "figure": figure})
    assert response.status_code == 201
    assert "figure that you chose" not in client.get(response.get_json()["question_url"]).text


def test_the_form_says_what_was_wrong_and_keeps_the_choice(client: FlaskClient) -> None:
    response = client.post("/questions", data={"question": "???", "figure": "coffee"})
    assert response.status_code == 422
    assert 'value="coffee" checked' in response.text
    response = client.post("/questions", data={"question": POINTING, "figure": "<moons>"})
    assert response.status_code == 422
    assert "There is no figure &#34;&lt;moons&gt;&#34;." in response.text
    assert 'value="" checked' in response.text

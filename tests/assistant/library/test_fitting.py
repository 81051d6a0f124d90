"""What the matcher learned follows the library: at once what is new, later the rest."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from assistant.database import db
from assistant.errors import InvalidInputError, NotFoundError
from assistant.library import fitting, queries
from assistant.library.fitting import refit, refresh
from assistant.questions.ask import matcher
from tests.assistant.conftest import republish

QUESTION = "Does the espresso machine learn when I pull the lever?"


@pytest.fixture
def here(app: Flask) -> Iterator[None]:
    """An application context of a service that has sentence vectors."""
    with app.app_context():
        if fitting.encoder() is None:
            pytest.skip("no sentence vectors")
        yield


def not_covered() -> list[str]:
    return [row.text for row in queries.not_covered()]


def learned() -> str | None:
    return queries.learned_of()


@pytest.mark.usefixtures("here")
def test_after_an_import_there_is_nothing_to_do() -> None:
    assert learned()
    assert refit() is False


@pytest.mark.usefixtures("here")
def test_a_new_text_is_stored_at_once_and_the_rest_learned_later() -> None:
    before, at, said = matcher(), queries.fitted_at(), learned()
    queries.add_not_covered(QUESTION, "a teacher")
    db.session.commit()
    refresh()
    first, second = matcher(), queries.fitted_at()
    assert second != at
    assert first is not before
    assert learned() == said  # the layer is the old one
    assert refit() is True
    assert learned() != said
    assert refit() is False
    assert queries.fitted_at() != second
    assert matcher().match(QUESTION).outcome == "unknown"


@pytest.mark.usefixtures("here")
def test_a_refresh_without_a_change_stores_nothing() -> None:
    at = queries.fitted_at()
    refresh()
    assert queries.fitted_at() == at


@pytest.mark.usefixtures("here")
def test_what_was_learned_with_another_adapter_waits_to_be_learned_anew() -> None:
    fitted = fitting.stored_fit()
    assert fitted is not None
    assert not fitting.stale()
    other = replace(fitted, encoder="all-MiniLM-L6-v2+older")
    queries.store_fit(other.to_bytes(), learned_of=(learned() or "").replace(fitted.encoder, other.encoder))
    db.session.commit()
    assert fitting.stored_fit() is None
    assert matcher().name.startswith("lexical")
    refresh()  # knows no vectors to add to, and leaves it to the worker
    assert fitting.stale()


@pytest.mark.usefixtures("here")
def test_a_published_phrasing_takes_part_even_before_it_is_stored() -> None:
    row = queries.published()[0]
    assert row.published is not None
    assert matcher().match(QUESTION).outcome != "answer"
    republish(row.slug, phrasings=(*row.published.phrasings, QUESTION))
    found = matcher().match(QUESTION)
    assert found.entry == row.slug
    refresh()
    assert matcher().match(QUESTION) == found


def test_what_is_not_covered_can_be_added_and_removed(app: Flask) -> None:
    with app.app_context():
        known = not_covered()
        row = queries.add_not_covered(f"  {QUESTION}\n", "anna")
        assert queries.add_not_covered(QUESTION, "ben").author == "anna"
        assert not_covered() == [*known, QUESTION]
        queries.remove_not_covered(row.id, "carla")
        assert not_covered() == known
        with pytest.raises(NotFoundError):
            queries.remove_not_covered(row.id, "carla")
        assert queries.add_not_covered(QUESTION, "dora").author == "dora"
        assert not_covered() == [*known, QUESTION]


@pytest.mark.parametrize("text", ["", " \n", "???", "why " * 300])
def test_what_is_no_question_cannot_be_added(app: Flask, text: str) -> None:
    with app.app_context(), pytest.raises(InvalidInputError, match="A question has words"):
        queries.add_not_covered(text, "anna")


def test_a_phrasing_of_an_entry_is_covered(app: Flask) -> None:
    with app.app_context():
        (first, *_) = queries.published()
        assert first.published is not None
        with pytest.raises(InvalidInputError, match="Take it out there first"):
            queries.add_not_covered(first.published.phrasings[0].upper(), "anna")


def test_the_next_import_leaves_what_teachers_did(app: Flask) -> None:
    with app.app_context():
        lines = not_covered()
        row = queries.not_covered()[0]
        queries.remove_not_covered(row.id, "anna")
        queries.add_not_covered(QUESTION, "anna")
        assert queries.store_not_covered(lines) == 0
        assert not_covered() == [*lines[1:], QUESTION]
        assert queries.store_not_covered([*lines[:-1], "Is this line new?"]) == 2
        assert not_covered() == [*lines[1:-1], QUESTION, "Is this line new?"]

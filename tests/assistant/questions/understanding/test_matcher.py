"""The matcher follows the library: at once what is new, later the rest; and what it does before its first fit."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from assistant.database import db, writing
from assistant.library import phrasing_queries, queries
from assistant.library.tables import PhrasingRow
from assistant.matching import digest_of
from assistant.matching.meaning import vectors
from assistant.matching.meaning.encoder import Encoder, installed_encoder
from assistant.questions.tables import FitRow
from assistant.questions.understanding import fit_queries
from assistant.questions.understanding import matcher as module
from assistant.questions.understanding.matcher import (
    _current,
    available_encoder,
    is_stale,
    matcher,
    refit,
    refresh,
    stored_fit,
    waits_for_fit,
)
from tests.assistant.conftest import TITLE, republish

pytestmark = pytest.mark.slow

QUESTION = "Does the espresso machine learn when I pull the lever?"


@pytest.fixture
def data_dir(few: Path) -> Path:
    """Few of the entries, to which the matcher is fitted in no time."""
    return few


@pytest.fixture
def here(app: Flask) -> Iterator[None]:
    """An application context of a service that has sentence vectors."""
    with app.app_context():
        if available_encoder() is None:
            pytest.skip("no sentence vectors")
        yield


def add(entry: int | None, text: str) -> None:
    with writing():
        row = queries.published_entries()[entry] if entry is not None else None
        phrasing_queries.add(row, text, by="a teacher")


def forget_the_fit() -> None:
    with writing():
        db.session.delete(db.session.get_one(FitRow, 1))


@pytest.mark.usefixtures("here")
def test_after_a_fit_there_is_nothing_to_do() -> None:
    assert fit_queries.fitted_to()
    assert refit() is False


@pytest.mark.usefixtures("here")
def test_a_new_text_is_stored_at_once_and_the_rest_fitted_later() -> None:
    before, at, said = matcher(), fit_queries.time_of_fit(), fit_queries.fitted_to()
    add(None, QUESTION)
    refresh()
    first, second = matcher(), fit_queries.time_of_fit()
    assert second != at
    assert first is not before
    assert fit_queries.fitted_to() == said  # the layer is the old one
    assert refit() is True
    assert fit_queries.fitted_to() != said
    assert refit() is False
    assert fit_queries.time_of_fit() != second
    assert matcher().match(QUESTION).outcome == "unknown"


@pytest.mark.usefixtures("here")
def test_a_refresh_without_a_change_stores_nothing() -> None:
    at = fit_queries.time_of_fit()
    refresh()
    assert fit_queries.time_of_fit() == at


@pytest.mark.usefixtures("here")
def test_a_fit_with_another_adapter_waits_for_another_fit() -> None:
    fit = stored_fit()
    assert fit is not None
    assert not is_stale()
    other = replace(fit, encoder="all-MiniLM-L6-v2+older")
    with writing():
        to = (fit_queries.fitted_to() or "").replace(fit.encoder, other.encoder)
        fit_queries.store_fit(other.to_bytes(), fitted_to=to)
    assert stored_fit() is None
    assert matcher().name.startswith("lexical")
    refresh()  # knows no vectors to add to, and leaves it to the worker
    assert is_stale()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("kept", [0, 5_000, None], ids=["nothing is left", "cut", "changed"])
def test_a_damaged_fit_is_told_and_made_anew_and_questions_are_answered_meanwhile(
    client: FlaskClient, kept: int | None
) -> None:
    before, row = matcher(), db.session.get_one(FitRow, 1)
    half = len(row.stored) // 2
    with writing():
        row.stored = row.stored[:kept] if kept is not None else row.stored[:half] + b"damaged" + row.stored[half:]
    assert matcher() is before  # of a process that runs
    assert is_stale()
    found = client.get("/readyz").get_json()
    assert any("the stored fit is damaged" in each for each in found["problems"])
    module._current.cache_clear()  # of a process that starts
    assert matcher().name.startswith("lexical")
    assert client.post("/api/questions", json={"question": TITLE}).get_json()["outcome"] == "answer"
    assert refit() is True
    assert not any("damaged" in each for each in client.get("/readyz").get_json()["problems"])
    assert matcher().name.startswith("semantic")
    assert not is_stale()


@pytest.mark.usefixtures("here")
def test_a_phrasing_takes_part_even_before_it_is_stored_and_no_more_once_it_is_removed() -> None:
    slug = queries.published_entries()[0].slug
    assert matcher().match(QUESTION).outcome != "answer"
    add(0, QUESTION)
    found = matcher().match(QUESTION)
    assert found.entry == slug
    refresh()
    assert matcher().match(QUESTION) == found
    with writing():
        phrasing_queries.remove(phrasing_queries.newest(queries.published_entries()[0], 1)[0].id, by="a teacher")
    assert matcher().match(QUESTION).outcome != "answer"


@pytest.mark.usefixtures("here")
def test_a_near_question_beside_an_entry_is_no_longer_uncovered_once_it_is_a_phrasing() -> None:
    republish(queries.published_entries()[0].slug, not_covered=(QUESTION,))
    assert QUESTION in phrasing_queries.corpus().not_covered
    add(0, QUESTION.upper())
    assert QUESTION not in phrasing_queries.corpus().not_covered


@pytest.mark.usefixtures("here")
def test_many_new_texts_wait_for_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_NEW", 1)
    before = fit_queries.time_of_fit()
    for number in range(2):
        add(0, f"{QUESTION} {number}")
    assert matcher().name.startswith("semantic")
    assert matcher().match(f"{QUESTION} 1").outcome != "answer"
    refresh()
    assert fit_queries.time_of_fit() == before
    assert refit() is True
    assert matcher().match(f"{QUESTION} 1").entry == queries.published_entries()[0].slug


@pytest.mark.usefixtures("here")
def test_before_the_first_fit_words_decide_and_the_page_says_so(client: FlaskClient) -> None:
    told = "questions are matched by their words alone"
    assert told not in client.get("/").text
    forget_the_fit()
    _current.cache_clear()
    assert waits_for_fit()
    assert told in client.get("/").text
    assert _current._kept is None  # Nobody waits for a matcher to be told so.
    asked = client.post("/api/questions", json={"question": TITLE})
    assert asked.get_json()["entry"] == "why-neurons-differ"
    assert client.get("/readyz").get_json()["matcher"] == "lexical-2"
    assert refit() is True
    assert told not in client.get("/").text
    assert client.get("/readyz").get_json()["matcher"].startswith("semantic")


@pytest.mark.usefixtures("here")
def test_a_fit_tells_how_far_it_is(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float | None] = []
    known = vectors.read(vectors.FILE, installed_encoder().name)

    class Watched(Encoder):
        def encode(self, texts: object, *, threads: int = 1) -> object:  # type: ignore[override]
            told.append(client.get("/readyz").get_json()["fit_progress"])
            return super().encode(texts, threads=threads)  # type: ignore[arg-type]

    using = available_encoder()
    assert using is not None
    monkeypatch.setattr(using, "__class__", Watched)
    monkeypatch.setattr(module, "ENCODED_AT_ONCE", 3)
    own = [digest_of(text) for text in (*phrasing_queries.corpus().topics[0].phrasings,)][:8]
    kept = {digest: vector for digest, vector in known.items() if digest not in own}
    monkeypatch.setattr(vectors, "read", lambda _path, _encoder: kept)
    forget_the_fit()
    caplog.set_level(logging.INFO)
    assert refit() is True
    assert told == [None, pytest.approx(3 / 8), pytest.approx(6 / 8)]
    assert client.get("/readyz").get_json()["fit_progress"] is None
    lines = [each.getMessage() for each in caplog.records if "learn" in each.getMessage()]
    assert lines[1] == "learning the phrasings: 6 of 8 new texts have their vectors"
    assert lines[-1] == "the phrasings are learned: questions are matched by meaning"


@pytest.mark.usefixtures("here")
def test_a_library_without_phrasings_that_are_held_out_cannot_be_fitted() -> None:
    forget_the_fit()
    with writing():
        for row in db.session.query(PhrasingRow):
            row.held_out = False
    assert refit() is False
    assert waits_for_fit()

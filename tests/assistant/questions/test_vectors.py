"""Vectors of learners' questions: stored by the worker, computed by no page, and gone with what was said."""

import gc
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from assistant.admin.effects import moves
from assistant.admin.grouping import group_questions, near_questions
from assistant.database import db, now, writing
from assistant.library import queries as library
from assistant.library import revisions
from assistant.matching.meaning.encoder import Encoder
from assistant.preloading import preload
from assistant.questions import queries
from assistant.questions.tables import QuestionRow, QuestionVectorRow
from assistant.questions.understanding import matcher
from assistant.questions.understanding.matcher import available_encoder
from assistant.questions.vector_queries import AT_ONCE, NEWEST, encode_next, vectors_by_text

pytestmark = pytest.mark.slow

BREAD, ALIKE, OTHER = "How do I bake sourdough bread?", "How do I bake a sourdough bread?", "Who won the chess game?"


@pytest.fixture(autouse=True)
def weights() -> None:
    if available_encoder() is None:
        pytest.skip("the sentence vectors' weights are not installed")


def ask(*texts: str) -> list[str]:
    """Store questions without an answer, and return their addresses."""
    with writing():
        rows = [QuestionRow(text=text, outcome="unknown", score=0.1, matcher="", suggestions=[]) for text in texts]
        db.session.add_all(rows)
    return [row.id for row in rows]


def stored() -> list[str]:
    return list(db.session.scalars(select(QuestionVectorRow.question_id)))


def no_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    def encode(*_args: Any, **_options: Any) -> None:
        pytest.fail("a page encoded a question")

    matcher._remembering.cache_clear()
    matcher._current.cache_clear()  # which holds the one that remembered before
    monkeypatch.setattr(Encoder, "encode", encode)


def test_what_the_worker_has_stored_no_page_computes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        ask(BREAD, ALIKE, OTHER)
        assert encode_next()
        assert not encode_next()
        no_encoding(monkeypatch)
        rows = queries.list_questions("open", NEWEST)
        assert sorted(len(group.rows) for group in group_questions(rows)) == [1, 2]
        assert near_questions([BREAD])[0] == ALIKE


def test_what_publishing_would_move_takes_the_stored_vectors(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        ask(BREAD, ALIKE, OTHER, BREAD)
        while encode_next():
            pass
        entry = library.published_entries()[0]
        assert entry.published is not None
        draft = revisions.draft_of(entry.slug, entry.published).model_copy(update={"claims": ()})
        no_encoding(monkeypatch)
        assert moves(draft) == []


def test_what_was_asked_with_a_typo_is_read_before_a_teacher_publishes(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = "Why do the nuerons of one layer differ?"
    with app.app_context():
        ask(typed)
        while encode_next():
            pass
        entry = library.published_entries()[0]
        assert entry.published is not None
        draft = revisions.draft_of(entry.slug, entry.published).model_copy(update={"claims": ()})
    preload(app).join()
    gc.unfreeze()  # for the tests that come after
    read: list[str] = []
    encode = Encoder.encode

    def note(self: Encoder, texts: Sequence[str], **options: Any) -> Any:
        read.extend(texts)
        return encode(self, texts, **options)

    monkeypatch.setattr(Encoder, "encode", note)
    with app.app_context():
        assert moves(draft) == []
        assert read == []
        matcher._remembering.cache_clear()
        matcher._current.cache_clear()
        assert moves(draft) == []
    assert read == ["Why do the neurons of one layer differ?"]


def test_a_text_is_asked_last_once_and_never_when_it_is_redacted(app: Flask) -> None:
    with app.app_context():
        first, *_, redacted = ask(BREAD, ALIKE, OTHER, BREAD, "What is secret?")
        with writing():
            queries.redact(db.session.get_one(QuestionRow, redacted))
            db.session.get_one(QuestionRow, first).asked_at = now() + timedelta(hours=1)
        assert [row.text for row in queries.asked_last(3)] == [BREAD, OTHER, ALIKE]
        assert [row.id for row in queries.asked_last(1)] == [first]


def test_many_are_encoded_a_part_at_a_time(app: Flask) -> None:
    with app.app_context():
        ask(*(f"Question {at}?" for at in range(AT_ONCE + 1)))
        assert encode_next()
        assert len(stored()) == AT_ONCE
        assert encode_next()
        assert not encode_next()
        assert len(stored()) == AT_ONCE + 1


def test_vectors_of_another_encoder_are_made_anew(app: Flask) -> None:
    with app.app_context():
        (number,) = ask(BREAD)
        with writing():
            db.session.add(QuestionVectorRow(question_id=number, encoder="another", vector=b"\0" * 768))
        assert vectors_by_text(queries.list_questions("open", NEWEST)) == {}
        assert encode_next()
        assert list(vectors_by_text(queries.list_questions("open", NEWEST))) == [BREAD]
        assert stored() == [number]


def test_a_vector_goes_with_what_the_question_said(app: Flask) -> None:
    with app.app_context():
        redacted, deleted = ask(BREAD, OTHER)
        assert encode_next()
        with writing():
            queries.redact(db.session.get_one(QuestionRow, redacted))
        assert stored() == [deleted]
        with writing():
            queries.delete_post(db.session.get_one(QuestionRow, deleted))
        assert stored() == []
        assert not encode_next()  # What is redacted is not encoded.

"""The stored vectors of learners' questions, by which those that are alike stand together on teachers' pages.

The worker computes them while no run waits, so that no page has to; a question without one is encoded when it is shown.
"""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import delete, select

from assistant.database import db, reading, writing
from assistant.matching.meaning.examples import Vectors
from assistant.questions.tables import QuestionRow, QuestionVectorRow
from assistant.questions.understanding.matcher import available_encoder

NEWEST = 1_000  # questions have vectors: those that teachers look through
AT_ONCE = 20  # are encoded together, in a fifth of a second


def encode_next() -> bool:
    """Store the vectors of some of the newest questions that have none; say whether there were any.

    A maintenance task of the worker.
    """
    if (using := available_encoder()) is None:
        return False
    with reading():
        texts = _without_vectors(using.name)
    if not texts:
        return False
    vectors = using.encode(list(texts.values()))
    with writing():  # Meanwhile one may have been deleted, or redacted.
        still = select(QuestionRow.id).where(QuestionRow.id.in_(list(texts)), QuestionRow.redacted_at.is_(None))
        there = set(db.session.scalars(still))
        db.session.execute(delete(QuestionVectorRow).where(QuestionVectorRow.question_id.in_(list(texts))))
        for question_id, vector in zip(texts, vectors, strict=True):
            if question_id in there:
                stored = vector.astype(np.float16).tobytes()
                db.session.add(QuestionVectorRow(question_id=question_id, encoder=using.name, vector=stored))
    return True


def vectors_by_text(rows: Sequence[QuestionRow]) -> dict[str, Vectors]:
    """Return the stored vectors of questions, by their texts; those of another encoder are none."""
    using, texts = available_encoder(), {row.id: row.text for row in rows if row.redacted_at is None}
    if using is None:
        return {}
    stored = select(QuestionVectorRow.question_id, QuestionVectorRow.vector).where(
        QuestionVectorRow.question_id.in_(list(texts)), QuestionVectorRow.encoder == using.name
    )
    found = db.session.execute(stored)
    return {texts[question_id]: np.frombuffer(vector, np.float16).astype(np.float32) for question_id, vector in found}


def _without_vectors(encoder: str) -> dict[str, str]:
    """Return the texts of some of the newest questions without a vector of an encoder, by their ids."""
    newest = select(QuestionRow.id, QuestionRow.text, QuestionRow.redacted_at).order_by(QuestionRow.asked_at.desc())
    asked = newest.limit(NEWEST).subquery()
    known = (QuestionVectorRow.question_id == asked.c.id) & (QuestionVectorRow.encoder == encoder)
    missing = select(asked.c.id, asked.c.text).outerjoin(QuestionVectorRow, known)
    missing = missing.where(QuestionVectorRow.question_id.is_(None), asked.c.redacted_at.is_(None))
    return {row.id: row.text for row in db.session.execute(missing.limit(AT_ONCE))}

"""The tables of the questions that learners asked, how they were matched, and of what matches them."""

import secrets
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.database import Base, UTCDateTime, now
from assistant.library.tables import EntryRow
from assistant.runs.tables import RunRow

FOLLOW_UP = ", as a follow-up"  # behind the name of what matched a question in the light of the one before
WITH_FIGURE = ", with its figure"  # and of one that was matched with the figure that it points at


def _address() -> str:
    return secrets.token_urlsafe(16)


class QuestionRow(Base):
    """A question as it was asked; its address cannot be guessed, and nothing about the person is kept."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("outcome IN ('answer', 'suggest', 'unknown')", name="outcome"),
        CheckConstraint("verdict IN ('answered', 'missed')", name="verdict"),
        Index("ix_questions_outcome_asked_at", "outcome", "asked_at"),
        Index("ix_questions_asked_at", "asked_at"),
    )

    id: Mapped[str] = mapped_column(String(22), primary_key=True, default=_address)
    text: Mapped[str] = mapped_column(Text)
    post: Mapped[str | None] = mapped_column(Text)  # all that was written, where `text` is a part of it
    # A post that asks several things is a question, about the first that has an answer; the others are its parts.
    part_of_id: Mapped[str | None] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0, server_default="0")  # among what the post asks, the post's own too
    left_out: Mapped[int] = mapped_column(default=0, server_default="0")  # things that the post asks and nothing read
    follows_id: Mapped[str | None] = mapped_column(ForeignKey("questions.id", ondelete="SET NULL"), index=True)
    language: Mapped[str | None] = mapped_column(String(8))  # in which it was asked; English unless it is set
    figure: Mapped[str | None] = mapped_column(String(20))  # of the lessons, that the post is about
    outcome: Mapped[str] = mapped_column(String(10))
    score: Mapped[float]
    matcher: Mapped[str] = mapped_column(Text)
    suggestions: Mapped[list[str]] = mapped_column(JSON)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    varied_run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))  # trained with the question's own numbers
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    # What came of it later: the entry that answers it now, or nothing where a teacher said that none should.
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    chosen: Mapped[bool] = mapped_column(default=False, server_default=false())  # by the learner, among suggestions
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    redacted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verdict: Mapped[str | None] = mapped_column(String(10))  # the learner's own, of what was shown
    meant_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))  # what the learner says to have meant
    judged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    entry: Mapped[EntryRow | None] = relationship(foreign_keys=[entry_id])
    answer: Mapped[EntryRow | None] = relationship(foreign_keys=[answer_id])
    meant: Mapped[EntryRow | None] = relationship(foreign_keys=[meant_id])
    run: Mapped[RunRow | None] = relationship(foreign_keys=[run_id])
    varied_run: Mapped[RunRow | None] = relationship(foreign_keys=[varied_run_id])
    follows: Mapped["QuestionRow | None"] = relationship(foreign_keys=[follows_id], remote_side="QuestionRow.id")
    part_of: Mapped["QuestionRow | None"] = relationship(
        foreign_keys=[part_of_id], remote_side="QuestionRow.id", back_populates="parts"
    )
    parts: Mapped[list["QuestionRow"]] = relationship(
        foreign_keys=[part_of_id], back_populates="part_of", order_by=position, passive_deletes=True
    )

    @property
    def whole_post(self) -> str:
        """All that was written, of which this question may be a part."""
        whole = self.part_of or self
        return whole.post or whole.text

    @property
    def is_follow_up(self) -> bool:
        """Whether it was read in the light of the question that it follows."""
        return self.matcher.endswith(FOLLOW_UP)

    @property
    def is_read_with_figure(self) -> bool:
        """Whether it was read with the figure that it points at."""
        return self.matcher.endswith(WITH_FIGURE)

    @property
    def all_parts(self) -> "list[QuestionRow]":
        """What a post asks, in the order of asking, this question among them."""
        return sorted((self, *self.parts), key=lambda each: each.position)

    @property
    def withdrawn_answer(self) -> EntryRow | None:
        """The entry that answered it until the teachers withdrew it, where none answers it now."""
        if self.answered_by is not None:
            return None
        return next((each for each in (self.answer, self.entry) if each is not None and each.withdrawn_at), None)

    @property
    def answered_by(self) -> EntryRow | None:
        """The published entry that answers it: the one that was found or chosen since, or that it was matched to."""
        return next(
            (each for each in (self.answer, self.entry) if each is not None and each.published is not None), None
        )


class QuestionVectorRow(Base):
    """A question as a sentence vector in half precision; it goes with the question, or with what the question said."""

    __tablename__ = "question_vectors"

    question_id: Mapped[str] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True)
    encoder: Mapped[str] = mapped_column(Text)  # Vectors of different encoders do not mix.
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class FitRow(Base):
    """The matcher's fit: one row, made at import or by the worker, and loaded by web processes."""

    __tablename__ = "fits"

    id: Mapped[int] = mapped_column(primary_key=True)
    fitted_to: Mapped[str] = mapped_column(String(100))  # matcher and state of the library at the last full fit
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)  # when `stored` was
    progress: Mapped[float | None]  # 0..1, while a full fit is being made
    stored: Mapped[bytes] = mapped_column(LargeBinary)  # the last column, since SQLite reads others through it

"""The table of the guesses."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, UTCDateTime, now


class GuessRow(Base):
    """One guess of how many networks; nothing about the person is kept, nor what would lead to one."""

    __tablename__ = "guesses"
    __table_args__ = (
        CheckConstraint('guess BETWEEN 0 AND "of"', name="range"),
        Index("ix_guesses_entry_id", "entry_id", "guess"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))  # whose question was asked
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))  # the one on the page
    guess: Mapped[int]
    of: Mapped[int]
    guessed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

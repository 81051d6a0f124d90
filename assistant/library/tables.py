"""The tables of the library: entries, their revisions, and what is known of the experiments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.database import Base, JSONList, JSONObject, UTCDateTime, keep_rows, now
from assistant.library.beliefs import Belief
from assistant.library.claims import Claim
from assistant.library.configurations import Configuration
from assistant.library.predictions import Prediction
from assistant.library.texts.markdown import words_of


class EntryRow(Base):
    """One curated question; what learners see of it stands in its published revision."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    published_number: Mapped[int | None]
    # What the entry's content file held when it was last imported, and the revision that holds the same.
    imported_number: Mapped[int | None]
    imported_digest: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    # When learners last saw it, where they do no longer, and the slug of the entry that they are led on to.
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    successor: Mapped[str | None] = mapped_column(String(100))

    published: Mapped["RevisionRow | None"] = relationship(
        primaryjoin="and_(EntryRow.id == RevisionRow.entry_id, EntryRow.published_number == RevisionRow.number)",
        viewonly=True,
        lazy="joined",
    )


class MovedSlugRow(Base):
    """An address that an entry had before; it leads to the present one."""

    __tablename__ = "moved_slugs"

    slug: Mapped[str] = mapped_column(String(100), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"))
    moved_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class RevisionRow(Base):
    """One saved state of an entry; revisions are only ever added."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("entry_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), index=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    theme: Mapped[str] = mapped_column(Text)
    order: Mapped[int]
    short: Mapped[str] = mapped_column(Text)
    explanation: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    not_covered: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    based_on: Mapped[int | None]  # The number of the revision that its author had before them.
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.name"))  # The main one; `further` holds the others.
    hyperparameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    further: Mapped[tuple[Configuration, ...]] = mapped_column(JSONList(Configuration), server_default="[]")
    claims: Mapped[tuple[Claim, ...]] = mapped_column(JSONList(Claim))
    predict: Mapped[Prediction | None] = mapped_column(JSONObject(Prediction))
    beliefs: Mapped[tuple[Belief, ...]] = mapped_column(JSONList(Belief), server_default="[]")
    references: Mapped[list[str]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    @property
    def short_words(self) -> str:
        """The short answer as it is read, without the findings of its numbers."""
        return words_of(self.short)

    @property
    def experiments(self) -> tuple[Configuration, ...]:
        """The entry's experiments, the main one first."""
        return Configuration(experiment=self.experiment, hyperparameters=self.hyperparameters), *(self.further or ())

    @experiments.setter
    def experiments(self, experiments: Sequence[Configuration]) -> None:
        main, self.further = experiments[0], tuple(experiments[1:])
        self.experiment, self.hyperparameters = main.experiment, main.hyperparameters

    def configuration(self, experiment: str) -> Configuration | None:
        """Return how one of the entry's experiments is run."""
        return next((each for each in self.experiments if each.experiment == experiment), None)

    def claims_of(self, experiment: str) -> tuple[Claim, ...]:
        """Return the claims that are about one of the entry's experiments."""
        return tuple(claim for claim in self.claims if (claim.experiment or self.experiment) == experiment)


keep_rows(RevisionRow)


class PhrasingRow(Base):
    """A way to ask an entry's question, or, of no entry, a question that none answers; matching learns from both.

    A row is one stay in the library, from when a phrasing was added until it was removed. One that is brought back is
    another row, so that the rows are the history.
    """

    __tablename__ = "phrasings"
    __table_args__ = (
        CheckConstraint("origin IN ('author', 'learner', 'import')", name="origin"),
        Index(
            "uq_phrasings_active",
            "key",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_phrasings_entry", "entry_id", "removed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    text: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(64))  # a digest of the text without regard to case
    origin: Mapped[str] = mapped_column(String(10))
    held_out: Mapped[bool] = mapped_column(default=False)  # of learning, to find out how sure an answer is
    model: Mapped[int | None]  # its place in the front matter of the entry's content file, from 0
    added_by: Mapped[str] = mapped_column(Text)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    removed_by: Mapped[str | None] = mapped_column(Text)
    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now, index=True)

    entry: Mapped[EntryRow | None] = relationship()


class ExperimentRow(Base):
    """What web processes need to know of an experiment; written by the import and the worker, which load its code."""

    __tablename__ = "experiments"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    findings: Mapped[dict[str, Any]] = mapped_column(JSON)
    cost: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    code: Mapped[str] = mapped_column(String(64))
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)

"""The tables of the library: entries, their revisions, and what is known of the experiments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.database import Base, JSONList, UTCDateTime, keep_rows, now
from assistant.library.claims import Claim
from assistant.library.configurations import Configuration


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

    published: Mapped["RevisionRow | None"] = relationship(
        primaryjoin="and_(EntryRow.id == RevisionRow.entry_id, EntryRow.published_number == RevisionRow.number)",
        viewonly=True,
        lazy="joined",
    )


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
    phrasings: Mapped[list[str]] = mapped_column(JSON)
    not_covered: Mapped[list[str]] = mapped_column(JSON, server_default="[]")
    based_on: Mapped[int | None]  # The number of the revision that its author had before them.
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.name"))  # The main one; `further` holds the others.
    hyperparameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    further: Mapped[tuple[Configuration, ...]] = mapped_column(JSONList(Configuration), server_default="[]")
    claims: Mapped[tuple[Claim, ...]] = mapped_column(JSONList(Claim))
    references: Mapped[list[str]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

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


class NotCoveredRow(Base):
    """A question that no entry answers; matching learns from these where the library ends.

    One that a teacher removed stays, marked as removed, so that the next import does not bring it back.
    """

    __tablename__ = "not_covered"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(Text, unique=True)
    author: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)
    removed: Mapped[bool] = mapped_column(default=False)


class FitRow(Base):
    """What the matcher learned: one row, made at import or by the worker, and loaded by web processes."""

    __tablename__ = "fits"

    id: Mapped[int] = mapped_column(primary_key=True)
    stored: Mapped[bytes] = mapped_column(LargeBinary)
    learned_of: Mapped[str] = mapped_column(String(100))  # matcher and state of the library at the last full fit
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)


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

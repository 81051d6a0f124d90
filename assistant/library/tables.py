"""The tables of the library: entries, their revisions, and what is known of the experiments."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from assistant.database import Base, UTCDateTime, now


class EntryRow(Base):
    """One curated question; what learners see of it stands in its published revision."""

    __tablename__ = "entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    published_number: Mapped[int | None]
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
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.name"))
    hyperparameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    claims: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    references: Mapped[list[str]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class FitRow(Base):
    """What the matcher learned from the phrasings: one row, made at import and only loaded by web processes."""

    __tablename__ = "fits"

    id: Mapped[int] = mapped_column(primary_key=True)
    stored: Mapped[bytes] = mapped_column(LargeBinary)
    not_covered: Mapped[list[str]] = mapped_column(JSON)
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

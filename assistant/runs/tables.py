"""The tables of the runs; that of the runs themselves is the queue, and the record of what came of it."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from assistant.database import Base, JSONList, UTCDateTime, now
from assistant.library.claims import Claim
from assistant.library.findings import Finding
from assistant.library.parameters import value_text
from assistant.library.tables import EntryRow
from assistant.runs.evidence.verdicts import Verdict

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
DRAWN = "drawn"  # beside WAITING and FAILED: what became of the figures of a run that is done
THUMBNAIL = -1  # the position of the figure that stands for a run in lists, and is none of those on its pages
LOADING, WARMING, WARM, STALLED = "loading", "warming", "warm", "stalled"


def _address() -> str:
    return secrets.token_urlsafe(9)


@dataclass(frozen=True)
class Change:
    """One parameter that a learner changed, with its value and the entry's own."""

    parameter: str
    label: str  # the parameter, for a reader
    value: Any
    own: Any

    @property
    def words(self) -> str:
        """What was changed, for a reader."""
        return f"{self.label} {value_text(self.value)} instead of {value_text(self.own)}"


class RunRow(Base):
    """One execution of an experiment."""

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("drawing IN ('waiting', 'drawn', 'failed')", name="drawing"),
        # Whoever asks the same thing while a run of it still waits shares that run.
        Index(
            "uq_runs_waiting",
            "shared_key",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_runs_queue", "state", "turn", "created_at", "id"),
        Index(
            "ix_runs_asker", "asker", sqlite_where=text("asker IS NOT NULL"), postgresql_where=text("asker IS NOT NULL")
        ),
        Index("ix_runs_entry_state", "entry_id", "state", "finished_at"),
        Index("ix_runs_revision", "revision_id", "created_at"),
        Index("ix_runs_experiment", "experiment", "state", "finished_at"),
        Index("ix_runs_created", "created_at"),
        Index("ix_runs_seed", "seed"),
        Index("ix_runs_drawing", "drawing", "finished_at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True, default=_address)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    revision_id: Mapped[int | None] = mapped_column(ForeignKey("revisions.id"))
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.name"))
    hyperparameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    networks: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    evidence: Mapped[bool]  # Drawn by the server at the entry's own parameters, and so fit to be pooled.
    # Of a run in which a learner changed something: the changes, and the run that it stands beside.
    varied: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    shared_key: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    # Of a run that is done: whether its figures are still to be drawn, are there, or cannot be drawn.
    drawing: Mapped[str | None] = mapped_column(String(10))
    # Who asked for a run that waits or is executed, as a keyed hash, and its place: the lowest turn comes first.
    asker: Mapped[str | None] = mapped_column(String(32))
    turn: Mapped[int] = mapped_column(default=0)
    progress: Mapped[float] = mapped_column(default=0.0)
    attempt: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None] = mapped_column(Text)
    heartbeat: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failure: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(String(64))
    claims: Mapped[tuple[Claim, ...]] = mapped_column(JSONList(Claim))
    setup: Mapped[dict[str, str] | None] = mapped_column(JSON)
    findings: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    verdicts: Mapped[tuple[Verdict, ...] | None] = mapped_column(JSONList(Verdict))
    seconds: Mapped[dict[str, float] | None] = mapped_column(JSON)
    versions: Mapped[dict[str, str] | None] = mapped_column(JSON)

    entry: Mapped[EntryRow | None] = relationship()
    figures: Mapped[list["FigureRow"]] = relationship(
        primaryjoin=f"and_(RunRow.id == FigureRow.run_id, FigureRow.position != {THUMBNAIL})",
        order_by="FigureRow.position",
        cascade="all, delete-orphan",
        passive_deletes=True,
    )

    @property
    def changes(self) -> tuple[Change, ...]:
        """What a learner changed for this run; nothing of a run of an entry's own."""
        if self.varied is None:
            return ()
        # Rows of the time when only one thing could be changed hold that one thing; those of a later one have no label.
        changes = self.varied.get("changes", [self.varied])
        names = [each.get("label", each["parameter"].replace("_", " ")) for each in changes]
        return tuple(
            Change(each["parameter"], name, each["value"], each["own"])
            for each, name in zip(changes, names, strict=True)
        )

    @property
    def measured(self) -> dict[str, Finding]:
        """The findings, typed."""
        return {name: Finding.model_validate(each) for name, each in (self.findings or {}).items()}


class EvidenceRow(Base):
    """One claim's verdicts and networks, summed over all runs that are alike as each is stored, each seed once.

    What makes runs alike is in the key: entry, experiment, code, parameters, and the claim itself. An edited claim, or
    changed code, begins anew; what was summed before stays, and counts again when it is taken back.
    """

    __tablename__ = "evidence"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    held: Mapped[int]
    judged: Mapped[int]
    count: Mapped[int] = mapped_column(BigInteger)  # of networks; 0 of 0 for a claim about no share
    of: Mapped[int] = mapped_column(BigInteger)


class FigureRow(Base):
    """A figure of a run; its picture is loaded only when it is served, and may be pruned."""

    __tablename__ = "figures"
    __table_args__ = (UniqueConstraint("run_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(50))
    title: Mapped[str] = mapped_column(Text)
    caption: Mapped[str] = mapped_column(Text)
    alternative: Mapped[str] = mapped_column(Text)
    columns: Mapped[list[str]] = mapped_column(JSON)
    rows: Mapped[list[list[str]]] = mapped_column(JSON)
    width: Mapped[int]
    height: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    svg: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    pruned: Mapped[bool] = column_property(svg.is_(None))  # Tells of the picture without loading it.


class ReplayRow(Base):
    """What of a run can be watched and taken home; it goes when the run's figures are pruned."""

    __tablename__ = "replays"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    recording: Mapped[bytes] = mapped_column(LargeBinary)  # compressed JSON, as it is sent
    scripts: Mapped[bytes] = mapped_column(LargeBinary)  # compressed JSON: of each cohort the templates of its code


class WorkerRow(Base):
    """A worker process and its heartbeat; a worker that was killed leaves its row behind, which ages."""

    __tablename__ = "workers"
    __table_args__ = (CheckConstraint("state IN ('loading', 'warming', 'warm', 'stalled')", name="state"),)

    name: Mapped[str] = mapped_column(String(300), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    heartbeat: Mapped[datetime] = mapped_column(UTCDateTime)


class ProbeRow(Base):
    """A row that is written for no other reason than to see whether the database can be written."""

    __tablename__ = "probes"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    written_at: Mapped[datetime] = mapped_column(UTCDateTime)

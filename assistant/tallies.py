"""How often things were done and how many seconds they took, for all processes and for ever, also of what was deleted.

Each is added in the transaction that stores what was done, last of all and in the order of names, so that no two
transactions wait for each other.
"""

from collections.abc import Mapping

from sqlalchemy import BigInteger, String, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, affected_rows, db

# What is tallied, and what its label is.
ASKED = "asked"  # questions, by outcome, with the seconds of matching
DRAWN = "drawn"  # runs, by experiment
ENDED = "ended"  # runs, by state
TRAINED = "trained"  # runs, by experiment
WAITED = "waited"  # runs that a visitor asked for, without a label, until they were begun


class TallyRow(Base):
    """How often something was done, and how many seconds it took in all."""

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    label: Mapped[str] = mapped_column(String(100), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float]


def tally(name: str, label: str = "", seconds: float = 0.0, *, count: int = 1) -> None:
    """Count what was done; call it within `writing`, after everything else."""
    adding = update(TallyRow).where(TallyRow.name == name, TallyRow.label == label)
    adding = adding.values(count=TallyRow.count + count, seconds=TallyRow.seconds + seconds)
    if affected_rows(adding):
        return
    try:
        with db.session.begin_nested():
            db.session.add(TallyRow(name=name, label=label, count=count, seconds=seconds))
    except IntegrityError:  # another process was first
        affected_rows(adding)


def tallies(name: str) -> Mapping[str, TallyRow]:
    """Return what was counted under a name, by label."""
    found = db.session.scalars(select(TallyRow).where(TallyRow.name == name).order_by(TallyRow.label))
    return {row.label: row for row in found}

"""Everything that is read from and written to the audit log."""

from sqlalchemy import select

from assistant.audit.tables import AuditRow
from assistant.database import db


def record(who: str, did: str, subject: str, detail: str = "") -> None:
    """Add a row to the log, in the transaction of the change itself."""
    db.session.add(AuditRow(who=who, did=did, subject=subject, detail=detail))


def latest(before: int | None = None, limit: int = 100) -> list[AuditRow]:
    """Return the newest rows of the log, or those that are older than the row ``before``."""
    rows = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    return list(db.session.scalars(rows if before is None else rows.where(AuditRow.id < before)))

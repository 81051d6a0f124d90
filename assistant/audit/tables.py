"""The table of the audit log."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, UTCDateTime, keep_rows, now


class AuditRow(Base):
    """Who changed what, and when; rows are only ever added."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    who: Mapped[str] = mapped_column(Text)
    did: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(Text, index=True)
    detail: Mapped[str] = mapped_column(Text, default="")


keep_rows(AuditRow)

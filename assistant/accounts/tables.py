"""The tables of the teachers' accounts and of who is signed in."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.database import Base, UTCDateTime, now

EDITOR, OWNER = "editor", "owner"


class TeacherRow(Base):
    """An account. It is never deleted, so that a name in the audit log always means the same person."""

    __tablename__ = "teachers"
    __table_args__ = (CheckConstraint("role IN ('editor', 'owner')", name="role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(120), unique=True)  # The name without regard to case.
    role: Mapped[str] = mapped_column(String(10))
    password: Mapped[str] = mapped_column(Text)  # An Argon2 hash.
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class SignInRow(Base):
    """A browser that is signed in; without its row, its cookie is worth nothing."""

    __tablename__ = "sign_ins"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)  # Of the token in the cookie.
    teacher_id: Mapped[int] = mapped_column(ForeignKey("teachers.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

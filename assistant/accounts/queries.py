"""Everything that is read from and written to the tables of the accounts."""

import unicodedata
from datetime import timedelta

from sqlalchemy import delete, func, select

from assistant.accounts.tables import OWNER, SignInRow, TeacherRow
from assistant.database import db, now


def key_of(name: str) -> str:
    """Return what tells names apart: two that differ in case alone would be taken for one another.

    So would two whose letters are put together in another way, as some systems type what has an accent.
    """
    return unicodedata.normalize("NFC", " ".join(name.split()).casefold())


def teacher(name: str) -> TeacherRow | None:
    """Return the account of this name."""
    return db.session.scalars(select(TeacherRow).where(TeacherRow.key == key_of(name))).one_or_none()


def teachers() -> list[TeacherRow]:
    """Return all accounts by name."""
    return list(db.session.scalars(select(TeacherRow).order_by(TeacherRow.key)))


def count_owners() -> int:
    """Return how many owners can sign in."""
    query = select(func.count()).select_from(TeacherRow).where(TeacherRow.role == OWNER, TeacherRow.active)
    return db.session.scalar(query) or 0


def signed_in_teacher(digest: str, longest: timedelta) -> TeacherRow | None:
    """Return who is signed in by the token of this digest, if the sign-in is no older than ``longest``."""
    query = (
        select(TeacherRow)
        .join(SignInRow, SignInRow.teacher_id == TeacherRow.id)
        .where(SignInRow.digest == digest, SignInRow.created_at > now() - longest, TeacherRow.active)
    )
    return db.session.scalars(query).one_or_none()


def add_sign_in(digest: str, teacher_id: int, longest: timedelta) -> None:
    """Record a sign-in, and forget those that are over."""
    db.session.execute(delete(SignInRow).where(SignInRow.created_at <= now() - longest))
    db.session.add(SignInRow(digest=digest, teacher_id=teacher_id))


def end_sign_in(digest: str) -> None:
    """End one sign-in."""
    db.session.execute(delete(SignInRow).where(SignInRow.digest == digest))


def end_sign_ins(teacher_id: int) -> None:
    """End all sign-ins of an account."""
    db.session.execute(delete(SignInRow).where(SignInRow.teacher_id == teacher_id))

"""Signing in and out: a token in the browser's cookie stands for a row that says whose it is, and since when."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app

from assistant.accounts import passwords, queries
from assistant.accounts.tables import OWNER
from assistant.audit.queries import record
from assistant.database import writing


@dataclass(frozen=True)
class Teacher:
    """Who is signed in."""

    id: int
    name: str
    role: str

    @property
    def is_owner(self) -> bool:
        """Whether they may manage accounts and read the audit log."""
        return self.role == OWNER


def sign_in(name: str, password: str) -> str | None:
    """Return the token of a new sign-in, or None where name and password do not belong together."""
    row = queries.teacher(name)
    right = passwords.verify(row.password if row is not None else passwords.NOBODY, password)
    if row is None or not right or not row.active:
        return None
    token = secrets.token_urlsafe(32)
    with writing():
        queries.add_sign_in(_digest(token), row.id, _longest())
        row.password = passwords.renew(row.password, password)
        record(row.name, "signed in", row.name)
    return token


def teacher_of(token: str) -> Teacher | None:
    """Return whose token this is, if the sign-in has not ended."""
    row = queries.signed_in_teacher(_digest(token), _longest())
    return Teacher(row.id, row.name, row.role) if row is not None else None


def sign_out(token: str) -> None:
    """End a sign-in: from now on nobody can use its token."""
    with writing():
        queries.end_sign_in(_digest(token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _longest() -> timedelta:
    return timedelta(hours=current_app.config["SETTINGS"].session_hours)

"""Accounts: who may sign in, with which password, and for how long."""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask import current_app

from assistant.accounts import queries
from assistant.accounts.tables import EDITOR, OWNER, TeacherRow
from assistant.audit.queries import record
from assistant.database import db, writing
from assistant.errors import InvalidInputError, NotFoundError

SHORTEST, LONGEST = 10, 200  # characters of a password
LONGEST_NAME = 60
COMMAND_LINE = "the command line"

# 19 MiB and two passes (the first choice of OWASP's cheat sheet on password storage), so that many threads may hash.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Verified where there is no such account, so that names cannot be told from the time an answer takes.
_nobody = _hasher.hash(secrets.token_urlsafe())


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


def add(name: str, role: str, password: str, *, by: str) -> None:
    """Add an account.

    Raises:
        InvalidInputError: the name, role or password cannot be used.
    """
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or any(unicodedata.category(each).startswith("C") for each in name):
        raise InvalidInputError(f"A name has 1 to {LONGEST_NAME} characters, all of them readable.")
    if role not in {EDITOR, OWNER}:
        raise InvalidInputError(f"A role is {EDITOR} or {OWNER}, not {role!r}.")
    hashed = _hashed(password, name)
    with writing():
        if queries.teacher(name) is not None:
            raise InvalidInputError(f"There is an account of the name {name} already.")
        db.session.add(TeacherRow(name=name, key=queries.key_of(name), role=role, password=hashed))
        record(by, "account added", name, role)


def generated() -> str:
    """Return a new password that can be read out and typed."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def sign_in(name: str, password: str) -> str | None:
    """Return the token of a new sign-in, or None where name and password do not belong together."""
    row = queries.teacher(name)
    right = _verified(row.password if row is not None else _nobody, password)
    if row is None or not right or not row.active:
        return None
    token = secrets.token_urlsafe(32)
    with writing():
        queries.begin(_digest(token), row.id, _at_most())
        if _hasher.check_needs_rehash(row.password):
            row.password = _hasher.hash(password)
        record(row.name, "signed in", row.name)
    return token


def signed_in(token: str) -> Teacher | None:
    """Return whose token this is, if the sign-in has not ended."""
    row = queries.signed_in(_digest(token), _at_most())
    return Teacher(row.id, row.name, row.role) if row is not None else None


def sign_out(token: str) -> None:
    """End a sign-in: from now on nobody can use its token."""
    with writing():
        queries.end(_digest(token))


def change_password(teacher: Teacher, old: str, new: str) -> None:
    """Change one's own password, and end every sign-in of the account, this one too.

    Raises:
        InvalidInputError: the old password is not right, or the new one cannot be used.
    """
    row = _account(teacher.name)
    if not _verified(row.password, old):
        raise InvalidInputError("The present password is not right.")
    _set_password(row, new, by=teacher.name)


def reset_password(name: str, password: str, *, by: str) -> None:
    """Give an account another password, and end all its sign-ins.

    Raises:
        NotFoundError: there is no such account.
        InvalidInputError: the password cannot be used.
    """
    _set_password(_account(name), password, by=by)


def change(name: str, *, by: str, role: str | None = None, active: bool | None = None) -> None:
    """Change an account's role, or whether it may sign in; one owner always stays.

    Raises:
        NotFoundError: there is no such account.
        InvalidInputError: nobody would be left who may manage accounts.
    """
    if role is not None and role not in {EDITOR, OWNER}:
        raise InvalidInputError(f"A role is {EDITOR} or {OWNER}, not {role!r}.")
    with writing():
        row = _account(name)
        after = (row.role if role is None else role, row.active if active is None else active)
        if (row.role, row.active) == (OWNER, True) != after and queries.owners() == 1:
            raise InvalidInputError(f"{row.name} is the only owner who can sign in. Make somebody else an owner first.")
        if after[0] != row.role:
            record(by, "role changed", row.name, f"{row.role} to {after[0]}")
        if after[1] != row.active:
            record(by, "account opened" if after[1] else "account closed", row.name)
            queries.end_all(row.id)
        row.role, row.active = after


def _account(name: str) -> TeacherRow:
    row = queries.teacher(name)
    if row is None:
        raise NotFoundError(f"There is no account of the name {name}.")
    return row


def _set_password(row: TeacherRow, password: str, *, by: str) -> None:
    hashed = _hashed(password, row.name)
    with writing():
        row.password = hashed
        queries.end_all(row.id)
        record(by, "password changed", row.name)


def _hashed(password: str, name: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInputError(f"A password has {SHORTEST} to {LONGEST} characters, and this one has {len(password)}.")
    if len(set(password)) < 4 or queries.key_of(name) == queries.key_of(password):
        raise InvalidInputError("This password is too easy to guess. Several words make a good one.")
    return _hasher.hash(password)


def _verified(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password[: LONGEST + 1])
    except (Argon2Error, InvalidHashError):
        return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _at_most() -> timedelta:
    return timedelta(hours=current_app.config["SETTINGS"].session_hours)

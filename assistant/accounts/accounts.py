"""Accounts: added, closed and opened, with their roles and passwords."""

import unicodedata

from assistant.accounts import passwords, queries
from assistant.accounts.sign_ins import Teacher
from assistant.accounts.tables import EDITOR, OWNER, TeacherRow
from assistant.audit.queries import record
from assistant.database import db, writing
from assistant.errors import InvalidInputError, NotFoundError

LONGEST_NAME = 60
COMMAND_LINE = "the command line"


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
    hashed = passwords.hash_password(password, name)
    with writing():
        if queries.teacher(name) is not None:
            raise InvalidInputError(f"There is an account of the name {name} already.")
        db.session.add(TeacherRow(name=name, key=queries.key_of(name), role=role, password=hashed))
        record(by, "added an account", name, role)


def change_password(teacher: Teacher, old: str, new: str) -> None:
    """Change one's own password, and end every sign-in of the account, this one too.

    Raises:
        InvalidInputError: the old password is not right, or the new one cannot be used.
    """
    row = _account(teacher.name)
    if not passwords.verify(row.password, old):
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
        if (row.role, row.active) == (OWNER, True) != after and queries.count_owners() == 1:
            raise InvalidInputError(f"{row.name} is the only owner who can sign in. Make somebody else an owner first.")
        if after[0] != row.role:
            record(by, "changed a role", row.name, f"{row.role} to {after[0]}")
        if after[1] != row.active:
            record(by, "opened an account" if after[1] else "closed an account", row.name)
            queries.end_sign_ins(row.id)
        row.role, row.active = after


def _account(name: str) -> TeacherRow:
    row = queries.teacher(name)
    if row is None:
        raise NotFoundError(f"There is no account of the name {name}.")
    return row


def _set_password(row: TeacherRow, password: str, *, by: str) -> None:
    hashed = passwords.hash_password(password, row.name)
    with writing():
        row.password = hashed
        queries.end_sign_ins(row.id)
        record(by, "changed a password", row.name)

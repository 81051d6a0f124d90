"""``flask admin``: accounts from the command line, the first owner's above all."""

import sys

import click
from flask.cli import AppGroup

from assistant.accounts import accounts, passwords, queries
from assistant.accounts.accounts import COMMAND_LINE
from assistant.accounts.tables import EDITOR, OWNER

admin = AppGroup("admin", help="Look after the teachers' accounts.")
from_stdin = click.option("--password-stdin", is_flag=True, help="read the password from standard input")


def _ask_password(*, stdin: bool) -> tuple[str, bool]:
    """Return the password, and whether it was made here and has to be told."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    typed = ""
    if sys.stdin.isatty():
        typed = click.prompt(
            "Password (none: one is made)", hide_input=True, confirmation_prompt=True, default="", show_default=False
        )
    return (typed, False) if typed else (passwords.generate(), True)


@admin.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice([EDITOR, OWNER]), default=EDITOR, show_default=True)
@from_stdin
def add_command(name: str, role: str, *, password_stdin: bool) -> None:
    """Add an account; its password is asked for, or made and shown once."""
    password, made = _ask_password(stdin=password_stdin)
    accounts.add(name, role, password, by=COMMAND_LINE)
    click.echo(f"added {role} {name}" + (f"; password: {password}" if made else ""))


@admin.command("password")
@click.argument("name")
@from_stdin
def password_command(name: str, *, password_stdin: bool) -> None:
    """Give an account another password, and sign it out everywhere."""
    password, made = _ask_password(stdin=password_stdin)
    accounts.reset_password(name, password, by=COMMAND_LINE)
    click.echo(f"changed the password of {name}" + (f"; it is now: {password}" if made else ""))


@admin.command("close")
@click.argument("name")
def close_command(name: str) -> None:
    """Let an account no longer sign in; its name stays in the history."""
    accounts.change(name, by=COMMAND_LINE, active=False)
    click.echo(f"closed the account of {name}")


@admin.command("list")
def list_command() -> None:
    """List the accounts."""
    for row in queries.teachers():
        click.echo(f"{row.name}\t{row.role}{'' if row.active else ', closed'}")

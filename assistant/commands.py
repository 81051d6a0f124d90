"""The flask commands that belong to no single feature."""

import errno
import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Any, TextIO

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo, pass_script_info, with_appcontext
from flask_migrate import upgrade
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from assistant.accounts.commands import admin
from assistant.backup import BackupError, backup, restore
from assistant.database import explain_error, reading, writing
from assistant.doctor.command import doctor_command
from assistant.erasing import erase_from_log
from assistant.errors import AssistantError
from assistant.forum.queries import prune_cards
from assistant.guesses.queries import forget as forget_guesses
from assistant.library.commands import described_aside, import_files, library
from assistant.library.content import import_stamp
from assistant.matching import LONGEST_POST
from assistant.matching.text import visible
from assistant.questions.commands import matching
from assistant.questions.feedback import delete_question
from assistant.questions.kept import delete_all, export_all
from assistant.questions.queries import forget
from assistant.questions.understanding.matcher import first_fit, fitted_matcher, refit
from assistant.questions.understanding.understand import understand
from assistant.questions.vector_queries import encode_next
from assistant.runs.commands import verify_command
from assistant.runs.queries import prune as prune_pictures
from assistant.runs.queries import prune_replays

questions = AppGroup("questions", help="Look after the learners' questions.")
runs = AppGroup("runs", help="Look after the stored runs.")


def register(app: Flask) -> None:
    """Add the commands to ``app``."""
    library.add_command(verify_command)
    own = (library, runs, admin, questions, matching)
    single = (prepare_command, match_command, worker_command, doctor_command, backup_command, restore_command)
    for command in (*own, *single):
        _make_clear(command)
        app.cli.add_command(command)


def _make_clear(command: click.Command) -> None:
    """Let a command, and those below it, end with one clear line when the database or a file cannot be used."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _make_clear(each)
    elif command.callback is not None and not hasattr(command.callback, "is_clear"):
        command.callback = with_appcontext(_clear(command.callback))


def _clear(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def called(*args: object, **options: object) -> object:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # whatever the terminal's encoding lacks
        try:
            return function(*args, **options)
        except DBAPIError as error:
            settings = current_app.config["SETTINGS"]
            raise click.ClickException(f"{explain_error(error)} ({settings.where_the_database_is})") from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # a reader of the output that went away, which click leaves at
                raise
            if error.filename is None:
                raise click.ClickException(f"cannot write: {error.strerror}") from None
            named = current_app.config["SETTINGS"].name_of_folder(Path(os.fsdecode(error.filename)))
            why = f"cannot use {os.fsdecode(error.filename)}: {error.strerror}"
            raise click.ClickException(f"setting {named}: {why}" if named else why) from None
        except (AssistantError, BackupError) as error:
            raise click.ClickException(" ".join(str(error).split())) from None
        except UnicodeError:  # of a name or an address that was given; what files hold is looked at where it is read
            raise click.ClickException("what was given is not text in UTF-8") from None

    called.is_clear = True  # type: ignore[attr-defined]
    return called


def _sqlite_file(instead: str) -> Path:
    """Return the SQLite database's file; with another database say what to use ``instead``, and leave with status 2."""
    settings = current_app.config["SETTINGS"]
    url: URL = settings.database_address
    if url.get_backend_name() != "sqlite" or not url.database:
        click.echo(f"this is for SQLite; the database is {settings.shown_address}: {instead}", err=True)
        raise click.exceptions.Exit(2)
    return Path(url.database)


@click.command("prepare")
def prepare_command() -> None:
    """Bring the database to this version, and content/ into it where it changed; `make serve` begins with this.

    What cannot be imported is told, and the library stays as it was.
    """
    logging.getLogger("alembic").setLevel(logging.WARNING)
    upgrade()
    if not import_stamp.is_outdated():
        return
    try:
        with described_aside() as told:
            _clear(import_files)(told)
    except click.ClickException as error:
        error.show()
        click.echo("content/ was not imported; the library is as it was", err=True)


@click.command("match")
def match_command() -> None:
    """Match one question a line on standard input; write one JSON object a line on standard output."""
    fitted_matcher()
    for line in sys.stdin.buffer:
        question = line.decode("utf-8", errors="replace").rstrip("\r\n")
        read = visible(question)[:LONGEST_POST]
        with reading():
            found = understand(read)
        result = found.main.match
        answer = {
            "question": question,
            "language": found.main.language or "en",
            "outcome": result.outcome,
            "entry": result.entry,
            "score": result.score,
            "suggestions": [candidate.slug for candidate in result.candidates],
            "parts": [
                {"text": each.text, "outcome": each.match.outcome, "entry": each.match.entry, "score": each.match.score}
                for each in found.parts
            ],
        }
        click.echo(json.dumps(answer))  # in ASCII, which every encoding has


@click.command("worker")
@pass_script_info
def worker_command(script: ScriptInfo) -> None:
    """Execute runs until told to stop."""
    from assistant.forum.cards import draw_next  # noqa: PLC0415 - web processes draw no cards
    from assistant.runs.worker.maintenance_process import MaintenanceProcess  # noqa: PLC0415 - nor do they execute runs
    from assistant.runs.worker.worker import serve  # noqa: PLC0415

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    aside = MaintenanceProcess(script.app_import_path)
    tasks = [aside.task(each) for each in (refit, draw_next, encode_next)]
    serve(app, maintenance=tasks, first=[aside.task(first_fit)], end_maintenance=aside.end)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Copy the database to FILE, also while the service runs; FILE must not be there yet."""
    size = backup(_sqlite_file("pg_dump --format=custom --file=FILE makes a backup of it"), file)
    click.echo(f"{size / 1e6:.1f} MB written to {file}")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore_command(file: Path) -> None:
    """Replace the database by the backup FILE, also while the service runs; the replaced one is kept beside it."""
    database = _sqlite_file("pg_restore --clean --dbname=ADDRESS FILE brings a backup made by pg_dump back")
    copy, old = restore(file, database)
    click.echo(f"{database} now holds what {file} held" + (f"; what it held before is in {copy}" if copy else ""))
    if old:
        click.echo("the backup is of an earlier version: run `flask --app wsgi db upgrade` now")


@runs.command("prune")
@click.option("--older-than", "days", type=click.IntRange(0, 36_500), required=True, metavar="DAYS", help="age in days")
def prune_command(days: int) -> None:
    """Drop pictures, cards and replays of runs that finished more than DAYS days ago; findings and verdicts stay.

    The newest run of each entry keeps them, since the entry's page shows it.
    """
    older = timedelta(days=days)
    pictures, size = prune_pictures(older)
    cards, more = prune_cards(older)
    replays, most = prune_replays(older)
    dropped = f"{pictures + cards:,} pictures and {replays:,} replays, {(size + more + most) / 1e6:.1f} MB"
    click.echo(f"dropped {dropped}; new runs use the space again")


@questions.command("export")
@click.argument("file", type=click.File("x", encoding="utf-8", lazy=True))
def export_command(file: TextIO) -> None:
    """Write all that is kept of learners to the new FILE (- for standard output): a JSON object for each in a line."""
    try:
        file.write("")  # The file is made also where nothing is kept, and what is in its way is said.
        for each in export_all():
            file.write(f"{json.dumps(each)}\n")
    except OSError as error:
        raise click.ClickException(f"cannot write {file.name}: {error.strerror}") from None


@questions.command("delete", context_settings={"ignore_unknown_options": True})  # an id may begin with a hyphen
@click.argument("address")
def delete_command(address: str) -> None:
    """Delete the question at ADDRESS, with all parts of its post; the networks that were trained for it stay."""
    path = re.split(r"[?#]", address.strip())[0]
    delete_question(path.rstrip("/").rpartition("/")[2], "yes")
    click.echo("the question is deleted")


@questions.command("forget")
@click.option("--all", "everything", is_flag=True, help="All of them, whatever their age.")
@click.option("--yes", is_flag=True, help="Do not ask whether that is meant.")
def forget_command(everything: bool, yes: bool) -> None:
    """Delete learners' questions and guesses that are older than KEEP_QUESTIONS_DAYS days."""
    if everything:
        if not yes:
            click.confirm("Delete all that learners asked and guessed, for good?", abort=True)
        deleted, guesses = delete_all()
        click.echo(f"deleted all {deleted:,} questions and {guesses:,} guesses")
        return
    days = current_app.config["SETTINGS"].keep_questions_days
    with writing():
        deleted, guesses = forget(timedelta(days=days)), forget_guesses(timedelta(days=days))
    erase_from_log()
    click.echo(f"deleted {deleted:,} questions and {guesses:,} guesses that were older than {days:,} days")

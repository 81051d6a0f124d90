"""The flask commands that belong to no single feature."""

import json
import sys

import click
from flask import Flask, current_app

from assistant.library.commands import library


def register(app: Flask) -> None:
    """Add the commands to ``app``."""
    app.cli.add_command(library)
    app.cli.add_command(match_command)
    app.cli.add_command(worker_command)


@click.command("match")
def match_command() -> None:
    """Match one question a line on standard input; write one JSON object a line on standard output."""
    from assistant.errors import InvalidInputError  # noqa: PLC0415
    from assistant.questions.ask import cleaned, match  # noqa: PLC0415

    with current_app.app_context():
        for line in sys.stdin.buffer:
            question = line.decode("utf-8", errors="replace").rstrip("\r\n")
            told = {"question": question, "outcome": "unknown", "entry": None, "score": 0.0, "suggestions": []}
            try:
                found = match(cleaned(question[:1_000]))
                told |= {"outcome": found.outcome, "entry": found.entry, "score": found.score}
                told["suggestions"] = [candidate.slug for candidate in found.candidates]
            except InvalidInputError:
                pass
            click.echo(json.dumps(told, ensure_ascii=False))


@click.command("worker")
def worker_command() -> None:
    """Execute runs until told to stop."""
    from assistant.runs.worker import serve  # noqa: PLC0415 - it loads the task queue's consumer

    serve(current_app._get_current_object())  # type: ignore[attr-defined]

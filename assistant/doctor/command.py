"""``flask doctor``."""

import click
from flask import current_app

from assistant.doctor.examination import all_diagnoses

WORDS = {"ok": "ok", "warning": "warning", "failed": "FAILED"}


@click.command("doctor")
def doctor_command() -> None:
    """Look at settings, data, database, worker, fonts and the public address; say what is wrong, and what to do.

    Leaves with status 1 where something is in the way; warnings are not.
    """
    states = []
    for found in all_diagnoses(current_app.config["SETTINGS"]):
        click.echo(f"{WORDS[found.state]:<8} {found.name:<11} {' '.join(found.sentence.split())}")
        states.append(found.state)
    click.echo(f"{len(states)} findings, {states.count('failed')} failed, {states.count('warning')} warnings")
    if "failed" in states:
        raise click.exceptions.Exit(1)

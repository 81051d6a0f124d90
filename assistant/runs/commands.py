"""``flask runs``: what an operator does with the stored runs."""

from datetime import timedelta

import click
from flask.cli import AppGroup

from assistant.forum import queries as cards
from assistant.runs import queries

runs = AppGroup("runs", help="Look after the stored runs.")


@runs.command("prune")
@click.option("--older-than", "days", type=click.IntRange(min=0), required=True, metavar="DAYS", help="age in days")
def prune_command(days: int) -> None:
    """Drop the pictures and cards of runs that finished more than DAYS days ago; findings, verdicts and numbers stay.

    The newest run of each entry keeps its pictures, since the entry's page shows it.
    """
    dropped, size = queries.prune(timedelta(days=days))
    too, more = cards.prune(timedelta(days=days))
    click.echo(f"dropped {dropped + too:,} pictures, {(size + more) / 1e6:.1f} MB; new runs use the space again")

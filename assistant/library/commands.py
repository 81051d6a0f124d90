"""``flask library``: check, import, verify and export the content files."""

import os
import random
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from assistant.admin.queries import log
from assistant.database import db
from assistant.library import exchange, fitting, imported, queries
from assistant.library.canonical import not_covered_text
from assistant.library.entries import ContentError, Entry, check, located, read
from assistant.library.revisions import draft_of
from assistant.library.verify import table, verify
from assistant.matching import read_not_covered

NOT_COVERED = "not-covered.txt"
NOT_COVERED_HEAD = 'Questions that no entry answers, one a line: what matching must say "I don\'t know" to.'

library = AppGroup("library", help="Check, import, verify and export the content files.")


def _checked(folder: Path) -> list[Entry]:
    """Read the content files and check them against the experiments; leave with status 1 on a mistake."""
    from models import registry  # noqa: PLC0415 - only these commands and the worker may load the experiments

    try:
        entries = read(folder)
    except ContentError as error:
        raise click.ClickException(str(error)) from None
    mistakes = check(entries, {name: registry.describe(name) for name in registry.names()})
    if mistakes:
        raise click.ClickException("\n".join(str(located(mistake, folder)) for mistake in mistakes))
    return entries


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].content_dir
    return folder


@library.command("check")
@click.option("--fix", is_flag=True, help="write the files in their one form first")
def check_command(*, fix: bool) -> None:
    """Find every mistake in the content files; each names file, key and line."""
    folder = _folder()
    entries = _checked(folder)
    if fix and (fixed := [entry.slug for entry in entries if exchange.write(entry, folder)]):
        click.echo(f"wrote anew: {', '.join(fixed)}")
    if mistakes := exchange.mistakes_of_form(entries, folder):
        raise click.ClickException("\n".join(str(mistake) for mistake in mistakes))
    click.echo(f"{len(entries)} entries, no mistakes")


@library.command("import")
@click.option("--dry-run", is_flag=True, help="only show what would happen")
@click.option("--if-changed", is_flag=True, help="do nothing where files and library are as the last import left them")
@click.option("--take", type=click.Choice(["files", "database"]), help="the side that wins where both changed")
@click.argument("slugs", nargs=-1)
def import_command(*, dry_run: bool, if_changed: bool, take: exchange.Side | None, slugs: tuple[str, ...]) -> None:
    """Bring new and changed content files in as revisions, and never overwrite a teacher's edit.

    Where a file changed and a teacher edited the entry too, both are shown, and nothing is imported before --take
    chooses a side: for the entries of these SLUGS, or for all.
    """
    if if_changed and not imported.changed():
        click.echo("content/ and models/ are as they were at the last import")
        return
    from models import registry  # noqa: PLC0415

    entries = _checked(_folder())
    if unknown := set(slugs) - {entry.slug for entry in entries}:
        raise click.BadParameter(f"there is no file of {', '.join(sorted(unknown))}", param_hint="SLUGS")
    steps = exchange.plan(entries, take, slugs)
    for step in steps:
        if step.what != "same":
            click.echo(step)
        if step.difference:
            click.echo(step.difference)
    if conflicts := [step for step in steps if step.what == "conflict"]:
        named = " ".join(step.entry.slug for step in conflicts)
        raise click.ClickException(
            f"nothing was imported: run `flask --app wsgi library import --take database {named}` to keep the "
            f"teachers' edits, or --take files to put the files in their place (the edits stay in the history)"
        )
    changed = [step.entry.slug for step in steps if step.what in {"new", "changed"}]
    if dry_run:
        click.echo(f"{len(changed)} of {len(entries)} entries would change")
        return
    queries.store_experiments(registry.describe(name) for name in registry.names())
    db.session.flush()
    for step in steps:
        exchange.bring_in(step)
    for slug in changed:
        log(queries.IMPORT, "published", slug, "from its content file")
    queries.store_not_covered(read_not_covered(_folder() / NOT_COVERED))
    db.session.commit()
    if fitting.stale():
        click.echo("learning the phrasings, which takes a while at the first time")
        fitting.refit(threads=os.cpu_count() or 1)
    for slug in changed:
        click.echo(f"imported {slug}")
    imported.remember()
    click.echo(f"{len(changed)} of {len(entries)} entries changed")


@library.command("verify")
@click.argument("slugs", nargs=-1, metavar="[ENTRY]...")
@click.option("--runs", type=click.IntRange(1, 1_000), default=20, show_default=True, help="runs of each experiment")
@click.option("--seed", type=click.IntRange(min=0), help="from which the runs' seeds are drawn; at random unless given")
def verify_command(slugs: tuple[str, ...], runs: int, seed: int | None) -> None:
    """Run the entries' experiments with fresh seeds, and count how often each claim holds.

    Leaves with status 1 when a claim holds in fewer than 95 % of the runs; of fewer than 20 runs, when two fail. A
    claim is narrow when its threshold stands less than three binomial standard deviations of one run from the share
    of all runs together.
    """
    from models import registry  # noqa: PLC0415
    from models.experiment import NETWORKS  # noqa: PLC0415
    from models.loading import load_engine  # noqa: PLC0415

    entries = _checked(_folder())
    known = {entry.slug: entry for entry in entries}
    if unknown := [slug for slug in slugs if slug not in known]:
        raise click.UsageError(f"there is no entry {unknown[0]!r}: one of {', '.join(known)}")
    drawn_from = secrets.randbits(32) if seed is None else seed
    seeds = [random.Random(f"{drawn_from}/{at}").getrandbits(48) for at in range(runs)]  # noqa: S311 - no secrets

    def execute(name: str, values: Mapping[str, Any], seed: int) -> dict[str, Any]:
        experiment = registry.find(name)
        result = experiment.execute(experiment.check(values, NETWORKS, seed), networks=NETWORKS, seed=seed)
        return {key: finding.model_dump() for key, finding in result.findings.items()}

    load_engine()
    claims, short, narrow = 0, 0, 0
    for entry, tallies in verify([known[slug] for slug in slugs] or entries, seeds, execute):
        click.echo(f"{entry.slug}: {runs} runs of {entry.experiment}\n{table(tallies)}\n")
        claims += len(tallies)
        short += sum(not each.enough for each in tallies)
        narrow += sum(each.narrow for each in tallies)
    click.echo(f"{claims} claims, {short} fall short, {narrow} narrow; --runs {runs} --seed {drawn_from} repeats this")
    if short:
        raise click.exceptions.Exit(1)


@library.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_command(folder: Path) -> None:
    """Write the published entries as content files into FOLDER, in their one form."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in queries.published():
        if row.published is not None and exchange.write(draft_of(row.slug, row.published), folder):
            click.echo(f"exported {row.slug}")
    own, known = folder / NOT_COVERED, _folder() / NOT_COVERED
    before = next((path.read_text(encoding="utf-8") for path in (own, known) if path.exists()), "")
    texts = [row.text for row in queries.not_covered()]
    own.write_text(not_covered_text(before, texts, NOT_COVERED_HEAD), encoding="utf-8")

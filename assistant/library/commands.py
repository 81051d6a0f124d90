"""``flask library``: check, import, verify and export the content files."""

import random
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml
from flask import current_app
from flask.cli import AppGroup

from assistant.database import db
from assistant.library import fitting, queries
from assistant.library.entries import ContentError, Entry, check, located, read
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
def check_command() -> None:
    """Find every mistake in the content files; each names file, key and line."""
    click.echo(f"{len(_checked(_folder()))} entries, no mistakes")


@library.command("import")
def import_command() -> None:
    """Bring new and changed content files in as revisions."""
    from models import registry  # noqa: PLC0415

    entries = _checked(_folder())
    queries.store_experiments(registry.describe(name) for name in registry.names())
    db.session.flush()
    changed = [entry.slug for entry in entries if queries.store_entry(entry, author="import", reason="content file")]
    queries.store_not_covered(read_not_covered(_folder() / NOT_COVERED))
    db.session.commit()
    if fitting.refit():
        click.echo("learned the phrasings")
    for slug in changed:
        click.echo(f"imported {slug}")
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
    """Write the published entries as content files into FOLDER."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in queries.published():
        revision = row.published
        if revision is None:
            continue
        keys = (
            "title",
            "theme",
            "order",
            "short",
            "phrasings",
            "experiment",
            "hyperparameters",
            "claims",
            "references",
        )
        front = yaml.safe_dump(
            {key: getattr(revision, key) for key in keys}, sort_keys=False, allow_unicode=True, width=116
        )
        text = f"---\n{front}---\n\n{revision.explanation}\n"
        (folder / f"{row.slug}.md").write_text(text, encoding="utf-8")
        click.echo(f"exported {row.slug}")
    lines = [f"# {NOT_COVERED_HEAD}", "", *(row.text for row in queries.not_covered())]
    (folder / NOT_COVERED).write_text("\n".join(lines) + "\n", encoding="utf-8")

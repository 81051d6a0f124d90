"""``flask library``: check, import and export the content files."""

from pathlib import Path

import click
import yaml
from flask import current_app
from flask.cli import AppGroup

from assistant.database import db
from assistant.library import fitting, queries
from assistant.library.entries import ContentError, Entry, check, located, read
from assistant.matching import read_not_covered

NOT_COVERED = "not-covered.txt"
NOT_COVERED_HEAD = 'Questions that no entry answers, one a line: what matching must say "I don\'t know" to.'

library = AppGroup("library", help="Check, import and export the content files.")


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

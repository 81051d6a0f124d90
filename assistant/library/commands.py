"""``flask library``: check, import and export the content files; `assistant.runs.commands` adds their verification."""

import os
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from assistant.audit.queries import record
from assistant.database import db, writing
from assistant.library import fitting, import_plan, import_stamp, queries
from assistant.library.canonical import not_covered_text
from assistant.library.entries import ContentError, Entry, check, located, read
from assistant.library.revisions import draft_of
from assistant.matching import read_not_covered

NOT_COVERED = "not-covered.txt"
NOT_COVERED_HEAD = 'Questions that no entry answers, one a line: what matching must say "I don\'t know" to.'

library = AppGroup("library", help="Check, import, export and verify the content files.")


def read_checked(folder: Path) -> list[Entry]:
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


def content_folder() -> Path:
    """Return the folder of the content files."""
    folder: Path = current_app.config["SETTINGS"].content_dir
    return folder


@library.command("check")
@click.option("--fix", is_flag=True, help="write the files in their one form first")
def check_command(*, fix: bool) -> None:
    """Find every mistake in the content files; each names file, key and line."""
    folder = content_folder()
    entries = read_checked(folder)
    if fix and (fixed := [entry.slug for entry in entries if import_plan.write(entry, folder)]):
        click.echo(f"wrote anew: {', '.join(fixed)}")
    if mistakes := import_plan.mistakes_of_form(entries, folder):
        raise click.ClickException("\n".join(str(mistake) for mistake in mistakes))
    click.echo(f"{len(entries)} entries, no mistakes")


@library.command("import")
@click.option("--dry-run", is_flag=True, help="only show what would happen")
@click.option("--if-changed", is_flag=True, help="do nothing where files and library are as the last import left them")
@click.option("--take", type=click.Choice(["files", "database"]), help="the side that wins where both changed")
@click.argument("slugs", nargs=-1)
def import_command(*, dry_run: bool, if_changed: bool, take: import_plan.Side | None, slugs: tuple[str, ...]) -> None:
    """Bring new and changed content files in as revisions, and never overwrite a teacher's edit.

    Where a file changed and a teacher edited the entry too, both are shown, and nothing is imported before --take
    chooses a side: for the entries of these SLUGS, or for all.
    """
    if if_changed and not import_stamp.changed():
        click.echo("content/ and models/ are as they were at the last import")
        return
    from models import registry  # noqa: PLC0415

    entries = read_checked(content_folder())
    if unknown := set(slugs) - {entry.slug for entry in entries}:
        raise click.BadParameter(f"there is no file of {', '.join(sorted(unknown))}", param_hint="SLUGS")
    experiments = [registry.describe(name) for name in registry.names()]
    with writing():
        steps = import_plan.plan(entries, take, slugs)
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
        queries.store_experiments(experiments)
        db.session.flush()
        for step in steps:
            import_plan.bring_in(step)
        for slug in changed:
            record(queries.IMPORT, "published", slug, "from its content file")
        queries.store_not_covered(read_not_covered(content_folder() / NOT_COVERED))
    if fitting.stale():
        click.echo("learning the phrasings, which takes a while at the first time")
        fitting.refit(threads=os.cpu_count() or 1)
    for slug in changed:
        click.echo(f"imported {slug}")
    import_stamp.remember()
    click.echo(f"{len(changed)} of {len(entries)} entries changed")


@library.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_command(folder: Path) -> None:
    """Write the published entries as content files into FOLDER, in their one form."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in queries.published():
        if row.published is not None and import_plan.write(draft_of(row.slug, row.published), folder):
            click.echo(f"exported {row.slug}")
    own, known = folder / NOT_COVERED, content_folder() / NOT_COVERED
    before = next((path.read_text(encoding="utf-8") for path in (own, known) if path.exists()), "")
    texts = [row.text for row in queries.not_covered()]
    own.write_text(not_covered_text(before, texts, NOT_COVERED_HEAD), encoding="utf-8")

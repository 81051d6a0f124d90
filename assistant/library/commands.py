"""``flask library``: check, import and export the content files; `assistant.runs.commands` adds their verification."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from assistant.audit.queries import record
from assistant.database import db, writing
from assistant.errors import NotFoundError
from assistant.library import phrasing_queries, queries
from assistant.library.content import content_files, import_plan, import_stamp
from assistant.library.content.content_files import locate, read, read_not_covered, write, write_not_covered
from assistant.library.content.mistakes import ContentError
from assistant.library.content.yaml_text import YAMLTextError
from assistant.library.entries import Entry, mistakes_in
from assistant.library.phrasings import NOT_COVERED, Phrasing
from assistant.library.revisions import draft_of

library = AppGroup("library", help="Check, import, export and verify the content files.")


Described = Mapping[str, Mapping[str, Any]]


def described() -> Described:
    """Return what `models.registry.describe` tells of each experiment, by name; loading them takes seconds."""
    from models import registry  # noqa: PLC0415 - only these commands and the worker may load the experiments

    return {name: registry.describe(name) for name in registry.names()}


@contextmanager
def described_aside() -> Iterator[Callable[[], Described]]:
    """Load the experiments in a process of their own, beside what this one does; give what waits for the same."""
    command = [sys.executable, "-m", "models", "list", "--json"]
    with subprocess.Popen(command, cwd=import_stamp.ROOT, stdout=subprocess.PIPE) as listing:  # noqa: S603 - our own

        def waited() -> Described:
            told, _ = listing.communicate()
            if listing.returncode:
                raise click.ClickException("the experiments cannot be loaded: see `python -m models list`")
            return {each["name"]: each for each in json.loads(told)}

        yield waited


def read_checked(folder: Path, described: Callable[[], Described] = described) -> list[Entry]:
    """Read the content files and check them against the experiments; leave with status 1 on a mistake."""
    try:
        entries = read(folder)
    except ContentError as error:
        raise click.ClickException(str(error)) from None
    mistakes = mistakes_in(entries, described())
    if mistakes:
        raise click.ClickException("\n".join(str(locate(mistake, folder)) for mistake in mistakes))
    return entries


def content_folder() -> Path:
    """Return the folder of the content files.

    Raises:
        NotFoundError: there is none, or no entry in it.
    """
    folder: Path = current_app.config["SETTINGS"].content_dir
    if not folder.is_dir():
        raise NotFoundError(f"setting CONTENT_DIR: there is no folder {folder}")
    if not content_files.paths_of(folder):  # or else an import would take what no entry answers out of the library
        raise NotFoundError(f"setting CONTENT_DIR: there are no entries in {folder}")
    return folder


@library.command("check")
@click.option("--fix", is_flag=True, help="write the files in their one form first")
def check_command(*, fix: bool) -> None:
    """Find every mistake in the content files; each names file, key and line."""
    folder = content_folder()
    entries = read_checked(folder)
    if fix and (fixed := content_files.fix(entries, folder)):
        click.echo(f"wrote anew: {', '.join(fixed)}")
    if mistakes := content_files.mistakes_of_form(entries, folder):
        raise click.ClickException("\n".join(str(mistake) for mistake in mistakes))
    click.echo(f"{len(entries)} entries, no mistakes")


class _OnlyShownError(Exception):
    """Ends the transaction of a dry run, so that nothing of it is kept."""


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
    if if_changed and not import_stamp.is_outdated():
        click.echo("content/ and models/ are as they were at the last import")
        return
    import_files(dry_run=dry_run, take=take, slugs=slugs)


def import_files(
    described: Callable[[], Described] = described,
    *,
    dry_run: bool = False,
    take: import_plan.Side | None = None,
    slugs: Sequence[str] = (),
) -> None:
    """Import the content files, as `import_command` says."""
    told = cache(described)
    entries = read_checked(content_folder(), told)
    if unknown := set(slugs) - {entry.slug for entry in entries}:
        raise click.BadParameter(f"there is no file of {', '.join(sorted(unknown))}", param_hint="SLUGS")
    own: dict[str | None, Sequence[Phrasing]] = {entry.slug: entry.all_phrasings for entry in entries}
    own[None] = read_not_covered(content_folder())
    with suppress(_OnlyShownError), writing():
        steps = _without_conflict(import_plan.plan(entries, take, slugs))
        changed = [step.entry.slug for step in steps if step.what in {"new", "changed"}]
        queries.store_experiments(told().values())
        db.session.flush()
        for step in steps:
            import_plan.bring_in(step)
        for slug in changed:
            record(queries.IMPORT, "published", slug, "from its content file")
        for step in steps:
            if step.what == "moved":
                del own[step.entry.slug]
        for name, changes in phrasing_queries.bring_in(own).items():
            for line in changes.lines(name or NOT_COVERED):
                click.echo(line)
        if dry_run:
            raise _OnlyShownError
    if dry_run:
        click.echo(f"{len(changed)} of {len(entries)} entries would change")
        return
    for slug in changed:
        click.echo(f"imported {slug}")
    import_stamp.write_stamp()
    click.echo(f"{len(changed)} of {len(entries)} entries changed")


def _without_conflict(steps: list[import_plan.Step]) -> list[import_plan.Step]:
    """Show what an import does, and leave with status 1 where it would overwrite a teacher's edit."""
    for step in steps:
        if step.what != "same":
            click.echo(step)
        if step.difference:
            click.echo(step.difference)
    if conflicts := [step.entry.slug for step in steps if step.what == "conflict"]:
        named = " ".join(conflicts)
        raise click.ClickException(
            f"nothing was imported: run `flask --app wsgi library import --take database {named}` to keep the "
            f"teachers' edits, or --take files to put the files in their place (the edits stay in the history)"
        )
    return steps


@library.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export_command(folder: Path) -> None:
    """Write the published entries as content files into FOLDER, in their one form."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for row in queries.published_entries():
            own = phrasing_queries.phrasings_of(row)
            if row.published is not None and write(draft_of(row.slug, row.published), own, folder, content_folder()):
                click.echo(f"exported {row.slug}")
        write_not_covered(phrasing_queries.phrasings_of(None), folder, content_folder())
    except (ContentError, YAMLTextError) as error:
        raise click.ClickException(
            f"a file that is there cannot be read, and so its remarks not kept: {error}"
        ) from None

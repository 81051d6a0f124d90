"""Content files in and out: one form, the same bytes, and never a teacher's edit lost."""

import shutil
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from assistant.audit.queries import latest
from assistant.database import db, writing
from assistant.library import phrasing_queries, queries, revisions
from assistant.library.configurations import Configuration
from assistant.library.content.canonical import text_of
from assistant.library.content.content_files import parse
from assistant.library.entries import Draft, Entry
from assistant.library.phrasings import NOT_COVERED, file_of
from assistant.library.tables import PhrasingRow
from tests.assistant.library.conftest import Run
from tests.conftest import ROOT, copy_entries, prepare

pytestmark = pytest.mark.slow

SLUG, OTHER = "why-neurons-differ", "two-neurons-one-line"
MORE = (ROOT / "content" / file_of(SLUG)).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two entries: an import of all takes seconds."""
    return copy_entries((SLUG, OTHER), tmp_path_factory.mktemp("few"))


@pytest.fixture(scope="session")
def prepared_few(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("prepared_few"), few)


@pytest.fixture
def content(few: Path, tmp_path: Path) -> Path:
    """A folder with the two entries, of the test's own."""
    return Path(shutil.copytree(few, tmp_path / "content"))


@pytest.fixture
def data_dir(prepared_few: Path, tmp_path: Path) -> Path:
    """A data folder with the two entries in it, of the test's own."""
    return Path(shutil.copytree(prepared_few, tmp_path / "data"))


def change_file(content: Path, title: str) -> None:
    path = content / f"{SLUG}.md"
    text = path.read_text(encoding="utf-8")
    old = next(line for line in text.splitlines() if line.startswith("title: "))
    path.write_text(text.replace(old, f"title: {title}", 1), encoding="utf-8")


def edit(site: Flask, title: str, *, publish: bool = True) -> None:
    """Save, and publish perhaps, as a teacher does."""
    with site.app_context():
        row = revisions.require_entry(SLUG)
        head = queries.head(row)
        assert head is not None
        draft = revisions.draft_of(SLUG, head).model_copy(update={"title": title})
        added = revisions.save(draft, base=head.number, author="Ada", reason="Better.")
        if publish:
            revisions.publish(SLUG, added.number, expected=row.published_number)
        db.session.commit()


def titles(site: Flask) -> list[str]:
    """Return what is published, and every revision's title, the newest first."""
    with site.app_context():
        row = revisions.require_entry(SLUG)
        assert row.published is not None
        return [row.published.title, *(each.title for each in queries.revisions(row))]


def contents(folder: Path) -> dict[str, bytes]:
    """Return what the content files of a folder hold, by their names."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "README.md"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_export_after_import_gives_the_same_bytes(run: Run, content: Path, tmp_path: Path) -> None:
    path = content / f"{SLUG}.md"
    path.write_text(path.read_text("utf-8").replace("order: ", "# A remark.\norder: ", 1), "utf-8")
    more = content / file_of(SLUG)
    lines = more.read_text("utf-8").splitlines(keepends=True)[2:]
    more.write_text("# Another head.\n" + "".join(sorted(lines)), "utf-8")
    assert run("import").exit_code == 0
    out = tmp_path / "out"
    assert run("export", out).exit_code == 0
    assert contents(out) == contents(content)
    assert run("export", content).output == ""
    assert contents(out) == contents(content)


def test_an_export_writes_nothing_over_a_file_that_it_cannot_read(run: Run, content: Path) -> None:
    path = content / f"{SLUG}.md"
    path.write_text("---\ntitle: [\n---\n", encoding="utf-8")
    refused = run("export", content)
    assert refused.exit_code == 1
    assert "cannot be read" in refused.output
    assert path.read_text(encoding="utf-8") == "---\ntitle: [\n---\n"


def test_what_teachers_did_with_phrasings_survives_import_and_export(run: Run, site: Flask, content: Path) -> None:
    more = content / file_of(SLUG)
    gone, left, *_, last = more.read_text("utf-8").splitlines()[2:]
    with site.app_context(), writing():
        entry = revisions.require_entry(SLUG)
        numbers = {row.text: row.id for row in db.session.scalars(select(PhrasingRow))}
        phrasing_queries.remove(numbers[gone], by="Ada")
        phrasing_queries.add(entry, "Did Ada add this?", by="Ada")
        phrasing_queries.add(entry, "Did a learner ask this?", by="Ada", origin="learner", held_out=True)
        phrasing_queries.add(None, "Does no entry answer this?", by="Ada")
    imported = run("import")
    assert imported.exit_code == 0, imported.output
    assert "phrasings:" not in imported.output
    assert run("export", content).output == f"exported {SLUG}\n"
    lines = more.read_text("utf-8").splitlines()
    assert gone not in lines
    assert lines[2] == left
    assert lines[-3:] == [last, "Did Ada add this?", "* Did a learner ask this?"]
    assert (content / NOT_COVERED).read_text("utf-8").endswith("\nDoes no entry answer this?\n")
    more.write_text(MORE, encoding="utf-8")  # as it was before
    assert f"{SLUG}: phrasings" not in run("import").output
    run("export", content)
    assert more.read_text("utf-8").splitlines() == lines


def test_phrasings_follow_their_files_and_a_dry_run_only_tells(run: Run, site: Flask, content: Path) -> None:
    more, other = content / file_of(SLUG), content / file_of(OTHER)
    first, second, *rest = MORE.splitlines()[2:]
    lines = [f"* {second}", *rest, "Is this new?"]
    more.write_text("\n".join([*MORE.splitlines()[:2], *lines, ""]), "utf-8")
    other.write_text(f"{other.read_text('utf-8')}{first}\n", "utf-8")
    for args in (["--dry-run"], []):
        told = run("import", *args)
        assert told.exit_code == 0, told.output
        assert f"{SLUG}: phrasings: 1 added, 1 removed, 1 marked anew\n" in told.output
        assert "two-neurons-one-line: phrasings: 1 added\n" in told.output
        assert "0 of " in told.output
    assert "phrasings" not in run("import").output
    with site.app_context():
        held = phrasing_queries.phrasings_of(revisions.require_entry(SLUG))
        assert [str(each) for each in held if each.model is None][-1] == "Is this new?"
        assert str(held[12]) == f"* {second}"
        assert first in phrasing_queries.texts_of(revisions.require_entry("two-neurons-one-line"))


def test_a_phrasing_that_a_teacher_gave_to_another_entry_stays_there(run: Run, site: Flask, content: Path) -> None:
    more = content / file_of(SLUG)
    with site.app_context(), writing():
        phrasing_queries.add(revisions.require_entry("two-neurons-one-line"), "Whose is this?", by="Ada")
    more.write_text(f"{MORE}whose is THIS?\n", encoding="utf-8")
    told = run("import")
    assert told.exit_code == 0, told.output
    assert f"{SLUG}: 'whose is THIS?' is another entry's in the database, and stays there" in told.output
    with site.app_context():
        assert "Whose is this?" in phrasing_queries.texts_of(revisions.require_entry("two-neurons-one-line"))


def test_a_teachers_edit_is_a_small_difference(run: Run, site: Flask, content: Path) -> None:
    before = (content / f"{SLUG}.md").read_text(encoding="utf-8").splitlines()
    edit(site, "A better title?")
    assert run("export", content).output == f"exported {SLUG}\n"
    after = (content / f"{SLUG}.md").read_text(encoding="utf-8").splitlines()
    assert [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]] == [
        (before[1], "title: A better title?")
    ]


def test_check_refuses_any_other_form_and_fix_writes_it(run: Run, content: Path) -> None:
    path = content / f"{SLUG}.md"
    wanted = path.read_bytes()
    assert run("check").exit_code == 0
    path.write_text(path.read_text(encoding="utf-8").replace("title: ", "title:   ", 1), encoding="utf-8")
    refused = run("check")
    assert refused.exit_code == 1
    assert f"{SLUG}.md:2: form: is not written in the one form" in refused.output
    fixed = run("check", "--fix")
    assert fixed.exit_code == 0, fixed.output
    assert f"wrote anew: {SLUG}" in fixed.output
    assert path.read_bytes() == wanted
    path.write_bytes(wanted.replace(b"\n", b"\r\n"))
    assert run("check").exit_code == 1


def test_a_dry_run_shows_what_would_happen_and_does_nothing(run: Run, site: Flask, content: Path) -> None:
    change_file(content, "From the file?")
    shown = run("import", "--dry-run")
    assert shown.exit_code == 0
    assert f"{SLUG}.md changed, and becomes a new revision" in shown.output
    assert "1 of 4 entries would change" in shown.output or "entries would change" in shown.output
    assert len(titles(site)) == 2
    done = run("import")
    assert f"{SLUG}.md changed, and becomes a new revision" in done.output
    assert titles(site)[0] == "From the file?"
    with site.app_context():
        assert latest()[0].subject == SLUG


def test_an_import_leaves_a_teachers_edit_alone(run: Run, site: Flask) -> None:
    edit(site, "From Ada?")
    done = run("import")
    assert done.exit_code == 0
    assert "0 of" in done.output
    assert titles(site)[0] == "From Ada?"


@pytest.mark.parametrize("publish", [True, False], ids=["published", "draft"])
def test_both_changed_is_a_conflict_that_is_shown(run: Run, site: Flask, content: Path, *, publish: bool) -> None:
    run("import")
    edit(site, "From Ada?", publish=publish)
    before = titles(site)
    change_file(content, "From the file?")
    for args in (["--dry-run"], []):
        stopped = run("import", *args)
        assert stopped.exit_code == 1
        assert "-title: From Ada?" in stopped.output
        assert "+title: From the file?" in stopped.output
        assert "by Ada" in stopped.output
        assert "nothing was imported" in stopped.output
    assert titles(site) == before


def test_taking_the_files_keeps_the_edit_in_the_history(run: Run, site: Flask, content: Path) -> None:
    edit(site, "From Ada?")
    change_file(content, "From the file?")
    taken = run("import", "--take", "files", SLUG)
    assert taken.exit_code == 0, taken.output
    assert titles(site)[:3] == ["From the file?", "From the file?", "From Ada?"]
    assert "0 of" in run("import").output


def test_taking_the_database_passes_the_file_over_for_good(run: Run, site: Flask, content: Path) -> None:
    edit(site, "From Ada?")
    change_file(content, "From the file?")
    assert run("import", "--take", "database", "two-neurons-one-line").exit_code == 1
    assert run("import", "--take", "database", SLUG).exit_code == 0
    assert run("import").exit_code == 0
    assert titles(site)[0] == "From Ada?"
    change_file(content, "From the file once more?")
    assert run("import").exit_code == 1
    assert run("import", "--take", "database", "none").exit_code == 2


def test_an_exported_file_is_no_conflict_when_the_entry_goes_on(run: Run, site: Flask, content: Path) -> None:
    edit(site, "Exported?")
    run("export", content)
    edit(site, "Edited since?")
    assert run("import").exit_code == 0
    assert titles(site)[0] == "Edited since?"
    change_file(content, "Then the file?")
    assert run("import").exit_code == 1


def test_a_file_that_goes_back_to_what_it_was_is_imported(run: Run, site: Flask, content: Path) -> None:
    first = titles(site)[0]
    change_file(content, "For a while?")
    run("import")
    change_file(content, first)
    assert run("import").exit_code == 0
    assert titles(site) == [first, first, "For a while?", first]


@cache
def sound() -> Entry:
    """Return an entry to change."""
    path = ROOT / "content" / f"{SLUG}.md"
    return parse(path.name, path.read_text(encoding="utf-8"), MORE)


lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(
    lambda text: text.strip()
)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=200)


@settings(max_examples=40, deadline=None)
@given(
    title=lines,
    short=texts,
    explanation=texts.filter(lambda text: text.strip()),
    phrasings=st.lists(lines, max_size=4, unique_by=lambda text: text.strip().casefold()),
    value=st.floats(allow_nan=False, allow_infinity=False),
    label=lines,
    theorem=st.booleans(),
    complement=st.booleans(),
)
def test_whatever_is_written_is_read_again(
    title: str,
    short: str,
    explanation: str,
    phrasings: list[str],
    value: float,
    label: str,
    *,
    theorem: bool,
    complement: bool,
) -> None:
    base = sound()
    more = {"theorem": theorem, "complement": complement, "experiment": label, "control": title}
    claims = [
        {"text": title, "finding": "a", "at_least": value},
        {"text": title, "finding": "a", "equals": label},
        {"text": title, "finding": label, "between": (-abs(value), abs(value)), **more},
        {"text": title, "finding": label, "equals": value, **more},
    ]
    experiments = [{"experiment": "a"}, {"experiment": label + "b", "hyperparameters": {"rate": value, "start": label}}]
    changed: dict[str, object] = {
        "title": title,
        "short": " ".join(short.split()[:60]) or "x",
        "explanation": explanation,
    }
    changed |= {"phrasings": [*base.phrasings[:5], *(f"unheard {each}" for each in phrasings)], "claims": claims}
    changed |= {"experiments": experiments}
    entry = Entry.model_validate(base.model_dump() | changed)
    text = text_of(entry, entry.phrasings)
    again = parse(f"{entry.slug}.md", text.encode().decode(), MORE)
    assert again == entry
    assert text_of(again, again.phrasings) == text


def test_a_draft_that_lacks_everything_can_be_written() -> None:
    short = Configuration(experiment="symmetry", hyperparameters={"steps": 5})
    text = text_of(Draft(slug="a", title="A?", order=1, experiments=(short,)))
    assert "experiments:\n  - experiment: symmetry\n    hyperparameters:\n      steps: 5\n" in text
    assert "phrasings" not in text
    assert "claims: []" in text

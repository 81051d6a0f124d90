"""Importing content files, and exporting them: what becomes of the entries."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from assistant.database import db
from assistant.library import queries
from assistant.library.content.content_files import read
from tests.assistant.library.conftest import with_changes
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

CONTENT = ROOT / "content"


def test_import_twice_changes_nothing_the_second_time(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["library", "import"])
    assert result.exit_code == 0
    assert "0 of" in result.output


def test_an_import_only_if_something_changed_looks_at_files_and_library(app: Flask, tmp_path: Path) -> None:
    content = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"content_dir": content})

    def told() -> str:
        result = app.test_cli_runner().invoke(args=["library", "import", "--if-changed"])
        assert result.exit_code == 0, result.output
        return result.output

    as_before = "content/ and models/ are as they were at the last import"
    assert "0 of" in told()  # it is another folder than that of the import before
    assert as_before in told()
    file = content / "why-neurons-differ.md"
    file.write_text(file.read_text(encoding="utf-8").replace("title: ", "title: Now, ", 1), encoding="utf-8")
    assert "1 of" in told()
    assert as_before in told()
    with app.app_context():
        row = queries.published_entry("why-neurons-differ")
        assert row is not None
        row.published_number = 1
        db.session.commit()
    assert "0 of" in told()  # it looks, and leaves what is published as it was chosen


def test_a_changed_file_becomes_a_new_revision(app: Flask) -> None:
    with app.app_context():
        row = queries.published_entry("why-neurons-differ")
        assert row is not None
        assert row.published_number == 1
        entry = next(each for each in read(CONTENT) if each.slug == row.slug)
        assert queries.store_entry(with_changes(entry, title="Another title?"), author="test", reason="to see")
        db.session.commit()
        row = queries.published_entry("why-neurons-differ")
        assert row is not None
        assert row.published is not None
        assert (row.published_number, row.published.title) == (2, "Another title?")


def test_exported_files_hold_the_same_entries(app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(args=["library", "export", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert read(tmp_path / "out") == read(CONTENT)

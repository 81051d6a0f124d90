"""``flask prepare``, with which `make serve` begins: the newest tables, and the library of the content files."""

import shutil
from pathlib import Path

import pytest
from flask import Flask

from assistant import create_app
from assistant.config import Settings
from assistant.library import queries
from assistant.library.commands import described, described_aside
from tests.assistant.conftest import runner_of
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def app_on(data_dir: Path, content_dir: Path) -> Flask:
    return create_app(Settings.model_validate({"data_dir": data_dir, "content_dir": content_dir}))


def titles(app: Flask) -> list[str]:
    with app.app_context():
        return [row.published.title for row in queries.published_entries() if row.published is not None]


def test_an_empty_folder_gets_tables_and_library_and_what_is_wrong_later_changes_nothing(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(ROOT / "content", content)
    (tmp_path / "data").mkdir()
    app = app_on(tmp_path / "data", content)
    first = runner_of(app)("prepare")
    assert first.exit_code == 0, first.output
    known = titles(app)
    assert len(known) == len([path for path in content.glob("*.md") if path.name != "README.md"])

    again = runner_of(app)("prepare")
    assert (again.exit_code, again.output) == (0, "")

    (content / "why-neurons-differ.md").write_text("---\ntitle: 7\n")
    wrong = runner_of(app)("prepare")
    assert wrong.exit_code == 0
    assert "why-neurons-differ.md" in wrong.output
    assert wrong.output.endswith("content/ was not imported; the library is as it was\n")
    assert titles(app) == known


def test_a_database_that_cannot_be_opened_ends_it(tmp_path: Path) -> None:
    (tmp_path / "askneuron.sqlite").write_bytes(b"no database at all" * 100)
    result = runner_of(app_on(tmp_path, ROOT / "content"))("prepare")
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


def test_a_process_aside_tells_the_same_of_the_experiments() -> None:
    with described_aside() as told:
        assert told() == {name: dict(each) for name, each in described().items()}

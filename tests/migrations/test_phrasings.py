"""Migration 0009: what stood in revisions becomes rows, with who and when, and nothing of a teacher's is lost."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text

from assistant import create_app
from assistant.database import MIGRATIONS, db
from assistant.library import phrasing_queries, queries
from assistant.library.phrasings import Phrasing
from assistant.library.tables import PhrasingRow
from tests.conftest import settings_in

pytestmark = pytest.mark.slow  # each migrates a database there and back

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MANY = [f"Question {number} of the files?" for number in range(20)]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The service on a database as it was before."""
    app = create_app(settings_in(tmp_path))
    with app.app_context():
        upgrade(str(MIGRATIONS), "0008")
        with db.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO experiments VALUES ('e', 'E', '', '{}', '{}', 'c', :at, NULL)"), {"at": BEGIN}
            )
        yield app


def entry(number: int, slug: str, published: int | None, *revisions: tuple[str, str, list[str]]) -> None:
    """Store an entry with revisions: author, reason and phrasings of each, one a day."""
    with db.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO entries (id, slug, published_number, imported_number, imported_digest, created_at) "
                 "VALUES (:id, :slug, :published, 1, 'old', :at)"),
            {"id": number, "slug": slug, "published": published, "at": BEGIN},
        )  # fmt: skip
        for at, (author, reason, phrasings) in enumerate(revisions, 1):
            values: dict[str, Any] = {
                "entry_id": number, "number": at, "title": f"Title of {slug}?", "theme": "T", "order": number,
                "short": "S", "explanation": "X", "html": "X", "phrasings": json.dumps(phrasings),
                "not_covered": "[]", "experiment": "e", "hyperparameters": "{}", "claims": "[]", "references": "[]",
                "author": author, "reason": reason, "created_at": BEGIN + timedelta(days=at), "further": "[]",
            }  # fmt: skip
            names = ", ".join(f'"{name}"' for name in values)
            places = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO revisions ({names}) VALUES ({places})"), values)  # noqa: S608


def not_covered(*rows: tuple[str, str, bool]) -> None:
    with db.engine.begin() as connection:
        for question, author, removed in rows:
            connection.execute(
                text("INSERT INTO not_covered (text, author, changed_at, removed) "
                     "VALUES (:text, :author, :at, :removed)"),
                {"text": question, "author": author, "at": BEGIN, "removed": removed},
            )  # fmt: skip


def rows(slug: str | None = None) -> list[PhrasingRow]:
    own = queries.entry(slug) if slug else None
    found = select(PhrasingRow).where(PhrasingRow.entry_id == (own.id if own else None)).order_by(PhrasingRow.id)
    return list(db.session.scalars(found))


def active(slug: str | None = None) -> list[str]:
    return [row.text for row in rows(slug) if row.removed_at is None]


@pytest.mark.usefixtures("app")
def test_phrasings_become_rows_with_their_history() -> None:
    entry(
        1, "a", 4,
        ("import", "content file", [*MANY, "Gone by Ada?", "Gone with the file?"]),
        ("Ada", "Tidied.", [*MANY, "By Ada?", "Gone with the file?"]),
        ("Bo", "A phrasing that a learner asked.", [*MANY, "By Ada?", "Gone with the file?", "By a learner?"]),
        ("import", "content file", [*MANY, "By Ada?", "By a learner?", "New in the file?"]),
    )  # fmt: skip
    upgrade(str(MIGRATIONS))
    assert active("a") == [*MANY, "By Ada?", "By a learner?", "New in the file?"]
    known = {row.text: row for row in rows("a")}
    assert {(known[each].origin, known[each].added_by) for each in MANY} == {("import", "import")}
    told = {each: (known[each].origin, known[each].added_by, known[each].added_at.day) for each in list(known)[-3:]}
    assert told == {
        "By Ada?": ("author", "Ada", 3),
        "By a learner?": ("learner", "Bo", 4),
        "New in the file?": ("import", "import", 5),
    }
    gone, other = known["Gone by Ada?"], known["Gone with the file?"]
    assert (gone.removed_by, other.removed_by) == ("Ada", "import")
    assert gone.removed_at == BEGIN + timedelta(days=2)
    # Of 24 with the title, the newest four were held out until now.
    assert [row.text for row in rows("a") if row.held_out] == [MANY[-1], "By Ada?", "By a learner?", "New in the file?"]


@pytest.mark.usefixtures("app")
def test_an_import_brings_back_nothing_that_a_teacher_had_removed() -> None:
    entry(1, "a", 2, ("import", "content file", [*MANY, "Gone?"]), ("Ada", "Tidied.", [*MANY, "By Ada?"]))
    upgrade(str(MIGRATIONS))
    held = [Phrasing(each) for each in (*MANY, "Gone?")]
    changes = phrasing_queries.bring_in({"a": held})["a"]
    assert (changes.added, changes.removed) == (0, 0)
    assert active("a") == [*MANY, "By Ada?"]


@pytest.mark.usefixtures("app")
def test_what_a_draft_adds_survives_and_what_it_takes_out_stays() -> None:
    entry(
        1, "a", 1, ("import", "content file", MANY), ("Ada", "Begun.", [*MANY, "Thrown away?"]),
        ("Ada", "Going on.", [*MANY[1:], "In the draft?"]),
    )  # fmt: skip
    entry(2, "b", None, ("Bo", "Begun.", ["Not yet published?"]))
    upgrade(str(MIGRATIONS))
    assert active("a") == [*MANY, "In the draft?"]
    assert active("b") == ["Not yet published?"]
    assert [row.text for row in rows("a") if row.held_out] == MANY[-3:]


@pytest.mark.usefixtures("app")
def test_a_text_that_stood_twice_stays_with_the_published_entry() -> None:
    entry(1, "draft", None, ("Ada", "Begun.", ["Whose is this?", "Mine?"]))
    entry(2, "a", 1, ("import", "content file", [*MANY, "WHOSE is this?"]))
    not_covered(("Whose is THIS?", "Ada", False), ("Is it covered?", "import", False))
    upgrade(str(MIGRATIONS))
    assert active("a")[-1] == "WHOSE is this?"
    assert active("draft") == ["Mine?"]
    assert active() == ["Is it covered?"]


@pytest.mark.usefixtures("app")
def test_what_no_entry_answers_keeps_who_added_and_removed_it() -> None:
    not_covered(
        *((f"Sky {number}?", "import", False) for number in range(18)), ("Gone?", "Ada", True), ("By Bo?", "Bo", False)
    )
    upgrade(str(MIGRATIONS))
    known = {row.text: row for row in rows()}
    assert (known["Gone?"].removed_by, known["Gone?"].removed_at) == ("Ada", BEGIN)
    assert (known["By Bo?"].origin, known["By Bo?"].added_by, known["By Bo?"].held_out) == ("author", "Bo", True)
    assert (known["Sky 0?"].origin, known["Sky 0?"].held_out) == ("import", False)
    assert sum(row.held_out for row in known.values()) == 3


@pytest.mark.usefixtures("app")
def test_a_text_that_files_cannot_hold_loses_its_first_signs() -> None:
    entry(1, "a", 1, ("import", "content file", [*MANY, "#hash tag?", "* bullet?"]))
    upgrade(str(MIGRATIONS))
    assert active("a")[-2:] == ["hash tag?", "bullet?"]


@pytest.mark.usefixtures("app")
def test_going_back_gives_every_revision_what_is_there_now() -> None:
    entry(1, "a", 1, ("import", "content file", MANY))
    not_covered(("Sky?", "import", False), ("Gone?", "Ada", True))
    upgrade(str(MIGRATIONS))
    db.session.remove()
    downgrade(str(MIGRATIONS), "0008")
    with db.engine.begin() as connection:
        assert json.loads(connection.execute(text("SELECT phrasings FROM revisions")).scalar() or "") == MANY
        kept = connection.execute(text("SELECT text, author, removed FROM not_covered ORDER BY id")).all()
    assert [tuple(each) for each in kept] == [("Sky?", "import", False), ("Gone?", "Ada", True)]

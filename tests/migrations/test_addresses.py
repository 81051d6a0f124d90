"""Migration 0018: entries that were there are neither withdrawn nor moved, and lose nothing on the way back."""

from pathlib import Path

from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from assistant import create_app
from assistant.database import MIGRATIONS, db
from assistant.library import addresses, queries
from tests.conftest import settings_in


def test_there_and_back(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path))
    with app.app_context():
        upgrade(str(MIGRATIONS), "0017")
        with db.engine.begin() as connection:
            connection.execute(text("INSERT INTO entries (id, slug, created_at) VALUES (1, 'a', '2026-01-01')"))
        upgrade(str(MIGRATIONS), "0018")
        row = queries.entry("a")
        assert row is not None
        assert (row.withdrawn_at, row.successor) == (None, None)
        addresses.move("a", "b")
        db.session.commit()
        assert queries.moved_entry("a") is not None
        db.session.remove()
        downgrade(str(MIGRATIONS), "0017")
        with db.engine.begin() as connection:
            assert connection.execute(text("SELECT slug FROM entries")).scalar() == "b"
        upgrade(str(MIGRATIONS))

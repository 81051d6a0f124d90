"""Migration 0016: revisions that were there hold no beliefs, and lose nothing on the way there and back."""

from pathlib import Path

from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from assistant import create_app
from assistant.database import MIGRATIONS, db
from assistant.library import queries
from tests.conftest import settings_in

INSERT = """
INSERT INTO experiments VALUES ('e', 'E', '', '{}', '{}', 'c', '2026-01-01', NULL);
INSERT INTO entries (id, slug, published_number, created_at) VALUES (1, 'a', 1, '2026-01-01');
INSERT INTO revisions (entry_id, number, title, theme, "order", short, explanation, html, not_covered, experiment,
  hyperparameters, further, claims, "references", author, reason, created_at)
VALUES (1, 1, 'Why?', 'T', 1, 'S', 'X', 'X', '[]', 'e', '{}', '[]', '[]', '[]', 'Ada', 'Begun.', '2026-01-01')
"""


def test_there_and_back(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path))
    with app.app_context():
        upgrade(str(MIGRATIONS), "0015")
        with db.engine.begin() as connection:
            for statement in INSERT.split(";"):
                connection.execute(text(statement))
        upgrade(str(MIGRATIONS))
        row = queries.published_entry("a")
        assert row is not None
        assert row.published is not None
        assert (row.published.title, row.published.beliefs) == ("Why?", ())
        db.session.remove()
        downgrade(str(MIGRATIONS), "0015")
        with db.engine.begin() as connection:
            assert connection.execute(text("SELECT title FROM revisions")).scalar() == "Why?"
            names = {column[1] for column in connection.execute(text("PRAGMA table_info(revisions)"))}
        assert "beliefs" not in names
        upgrade(str(MIGRATIONS))

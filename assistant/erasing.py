"""Deleted text is gone from SQLite's files too, and not only from its tables."""

import logging

from assistant.database import db

log = logging.getLogger(__name__)
PATIENCE = 2_000  # milliseconds for others to end what they read


def erase_from_log() -> None:
    """Bring all that was written into SQLite's file, and empty its log; call it after what deletes was stored.

    What is deleted is overwritten in the file as the database is set up (`secure_delete`); until this, the log holds
    the pages as they were. While others read, it is left to the next one.
    """
    if db.engine.dialect.name != "sqlite":
        return
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE}")
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.execute("PRAGMA busy_timeout=10000")
        if busy:
            log.info("others read: what was deleted is gone from the log of the database with the next deletion")
    finally:
        connection.close()

"""Whether the service is alive, and whether it is ready to answer."""

from datetime import timedelta

from flask import Blueprint, Response, jsonify
from sqlalchemy import func, select

from assistant.database import db, now
from assistant.library.tables import EntryRow
from assistant.runs.tables import WAITING, RunRow

health = Blueprint("health", __name__)
PATIENCE = timedelta(seconds=60)


@health.get("/healthz")
def alive() -> Response:
    """Say that this process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """Say whether questions can be answered: the database is there, holds entries, and runs do not pile up."""
    entries = db.session.scalar(select(func.count()).select_from(EntryRow)) or 0
    oldest = db.session.scalar(select(func.min(RunRow.created_at)).where(RunRow.state == WAITING))
    working = oldest is None or now() - oldest < PATIENCE
    told = {
        "entries": entries,
        "worker": "ok" if working else "runs wait, and no worker takes them",
        "matcher": "lexical",
    }
    return jsonify(told), 200 if entries and working else 503

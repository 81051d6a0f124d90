"""The page of the audit log, which owners alone see."""

from flask import render_template, request

from assistant.admin.blueprint import admin, owners_only
from assistant.audit.queries import latest


@admin.get("/audit")
@owners_only
def audit() -> str:
    """Show who changed what, the newest first."""
    before = request.args.get("before", type=int)
    rows = latest(before, limit=101)
    return render_template("admin/audit.html", rows=rows[:100], more=rows[99].id if len(rows) > 100 else None)

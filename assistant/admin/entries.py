"""The teachers' first page, an entry's history, and the difference between two of its revisions."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.admin.blueprint import admin, teacher
from assistant.audit.queries import record
from assistant.database import writing
from assistant.errors import InvalidInputError
from assistant.library import queries as library
from assistant.library import revisions
from assistant.library.addresses import successor_of
from assistant.library.differences import differences
from assistant.library.entries import problem_of_short
from assistant.questions import queries as questions
from assistant.runs.evidence.flags import flagged_claims
from assistant.runs.outcome import outcome_of
from assistant.runs.queries import latest_done


@admin.get("/")
def home() -> str:
    """Show all entries, and what needs a teacher."""
    flags = flagged_claims()
    return render_template(
        "admin/home.html",
        entries=library.entries(),
        heads=library.heads(),
        flags=flags,
        flagged={flag.entry.id for flag in flags},
        open=questions.counts()["open"],
    )


@admin.get("/entries/<slug>")
def entry(slug: str) -> str:
    """Show what is published of an entry, what is not yet, and every revision."""
    return show_entry(slug)


def show_entry(slug: str, *, problem: str = "", reason: str = "", moved_to: str = "", move_problem: str = "") -> str:
    """Return an entry's page, with what was wrong with a form on it."""
    row = revisions.require_entry(slug)
    return render_template(
        "admin/entry.html",
        entry=row,
        revisions=library.revisions(row),
        outcome=outcome_of(row, latest_done(row)),
        others=[each for each in library.published_entries() if each.slug != slug],
        successor=successor_of(row),
        too_long=problem_of_short(row.published.short) if row.published else None,
        problem=problem,
        reason=reason,
        moved_to=moved_to,
        move_problem=move_problem,
    )


@admin.get("/entries/<slug>/compare")
def compare(slug: str) -> str:
    """Show two revisions side by side."""
    row = revisions.require_entry(slug)
    numbers = [request.args.get(name, 0, type=int) for name in ("before", "after")]
    before, after = (revisions.require_revision(row, number) for number in numbers)
    changes = differences(library.content_of(before), library.content_of(after))
    return render_template("admin/compare.html", entry=row, before=before, after=after, differences=changes)


@admin.post("/entries/<slug>/restore")
def restore(slug: str) -> WSGIResponse:
    """Make an earlier revision the newest again, as a draft."""
    number, base = (request.form.get(name, 0, type=int) for name in ("number", "base"))
    try:
        with writing():
            restored = revisions.restore(slug, number, base=base, author=teacher().name).number
            record(teacher().name, "restored", slug, f"revision {number} as revision {restored}")
    except InvalidInputError:
        flash("The newest revision already has this content.", "message")
    else:
        flash(f"Revision {number} is restored as revision {restored}. Publish it to show it to learners.", "message")
    return redirect(url_for("admin.entry", slug=slug), 303)

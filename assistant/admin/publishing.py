"""Publishing: the draft's claims are tried, its effect on matching is shown, and what is amiss must be confirmed."""

from dataclasses import dataclass

from flask import flash, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.admin import forms
from assistant.admin.blueprint import Page, admin, teacher
from assistant.admin.effects import Move, concerns, digest, lost_questions, moves
from assistant.admin.explaining import beside_others
from assistant.audit.queries import record
from assistant.database import writing
from assistant.errors import InvalidInputError, wants_json
from assistant.library import queries as library
from assistant.library import revisions
from assistant.library.entries import Draft
from assistant.library.revisions import LONGEST_REASON, ConflictError
from assistant.library.tables import EntryRow, RevisionRow
from assistant.questions.settle import settle_open, settled_text
from assistant.questions.understanding.matcher import refresh
from assistant.runs import queries as runs
from assistant.runs.panel import panel
from assistant.runs.tables import DONE, FAILED, RunRow


@dataclass(frozen=True)
class Review:
    """A draft, and what speaks against publishing it."""

    draft: Draft
    gaps: dict[str, str]  # with one of these it cannot be published
    concerns: list[str]  # with one of these it can, by somebody who says why
    moves: list[Move] | None  # None where they were not looked for
    runs: list[RunRow | None]  # of each of its experiments

    @property
    def digest(self) -> str:
        """What stands for these very concerns: a confirmation of others is none."""
        return digest(self.concerns)


def review(slug: str, revision: RevisionRow, *, matched: bool = True) -> Review:
    """Look at a revision as it would be published.

    With ``matched``, all questions are matched with it, which takes seconds; what the page shows first does without.
    """
    draft = revisions.draft_of(slug, revision)
    gaps = forms.gaps(draft)
    tried = _trials(revision)
    moved = moves(draft) if matched else None
    against = [*_of_claims(tried, known=_claims_are_published(slug, draft)), *concerns(moved or ())]
    return Review(draft, gaps, against, moved, tried)


def _trials(revision: RevisionRow) -> list[RunRow | None]:
    return [runs.latest_trial(revision, each) for each in revision.experiments]


def _claims_are_published(slug: str, draft: Draft) -> bool:
    """Say whether learners see these very claims today, of the same experiments: then every run tries them."""
    row = library.published_entry(slug)
    if row is None or row.published is None:
        return False
    today, then = library.content_of(row.published), library.content(draft)
    return all(today[key] == then[key] for key in ("claims", "experiments"))


def _of_claims(tried: list[RunRow | None], *, known: bool) -> list[str]:
    found = []
    states = {run.state if run is not None else FAILED for run in tried}
    if states != {DONE} and not known:
        state = "have not been tried with fresh networks" if FAILED in states else "are still being tried"
        found.append(f"The claims {state}.")
    words = {False: "failed", None: "could not be judged"}
    verdicts = [verdict for run in tried if run is not None and run.state == DONE for verdict in run.verdicts or ()]
    return found + [
        f"The claim “{verdict.claim.text}” {words[verdict.held]} when it was tried."
        for verdict in verdicts
        if verdict.held is not True
    ]


@admin.get("/entries/<slug>/publish")
def publishing(slug: str) -> str:
    """Show the newest revision with its claims tried; what publishing it would move follows, or is there if asked."""
    row = revisions.require_entry(slug)
    return _page(row, checked=review(slug, _require_head(row), matched=request.args.get("effects") == "shown"))


@admin.get("/entries/<slug>/effects")
def effects(slug: str) -> str:
    """Return what publishing the newest revision would move, and the form that publishes it, as a fragment."""
    return _page(revisions.require_entry(slug), template="admin/_effects.html")


@admin.get("/entries/<slug>/trials")
def trials(slug: str) -> WSGIResponse:
    """Return the trials of the further experiments, as a fragment; when all are over, it says ``tried`` to the page."""
    row = revisions.require_entry(slug)
    head = _require_head(row)
    panels = [panel(None, run) for run in _trials(head) if run is not None]
    pending = any(each.pending for each in panels)
    page = render_template("admin/_further_trials.html", entry=row, panels=panels, pending=pending)
    return make_response(page, {} if pending else {"HX-Trigger": "tried"})


@admin.post("/entries/<slug>/try")
def try_claims(slug: str) -> WSGIResponse:
    """Train fresh networks for the newest revision's claims."""
    with writing():
        if (head := library.head(revisions.require_entry(slug))) is not None:
            for each in head.experiments:
                last = runs.latest_trial(head, each)
                if last is None or last.state in {DONE, FAILED}:
                    runs.add_trial(head, each)
    return redirect(url_for("admin.publishing", slug=slug, _anchor="trying"), 303)


@admin.post("/entries/<slug>/publish")
def publish(slug: str) -> Page:
    """Let learners see the newest revision, if whoever publishes has seen what speaks against it."""
    number = request.form.get("number", 0, type=int)
    expected = request.form.get("expected", None, type=int)
    reason = " ".join(request.form.get("reason", "").split())
    row = revisions.require_entry(slug)
    checked = review(slug, revisions.require_revision(row, number))
    problem = _problem(checked, reason)
    if problem:
        if wants_json():
            details = {"gaps": checked.gaps, "concerns": checked.concerns, "confirm": checked.digest}
            return jsonify(error=problem, status=422, **details), 422
        return _page(row, checked=checked, problem=problem, reason=reason), 422
    try:
        publish_revision(slug, number, expected=expected, reason=reason, concerns=checked.concerns)
    except ConflictError as error:
        if wants_json():
            return jsonify(error=str(error), status=error.status), error.status
        return _page(revisions.require_entry(slug), problem=str(error), reason=reason), error.status
    answered = settle_open()
    if wants_json():
        return jsonify(slug=slug, published=number, answered=answered)
    flash(f"Revision {number} is published. {settled_text(answered)}".strip(), "message")
    return redirect(url_for("admin.entry", slug=slug), 303)


def publish_revision(slug: str, number: int, *, expected: int | None, reason: str, concerns: list[str]) -> None:
    """Publish a revision, say so in the log, start its first runs, and let matching take it up."""
    detail = f"revision {number}" + (f": {reason}" if reason else "")
    if concerns:
        detail += f" (in spite of: {' '.join(concerns)})"
    with writing():
        published = revisions.publish(slug, number, expected=expected)
        record(teacher().name, "published", slug, detail[:2_000])
        if (shown := published.published) is not None:
            for each in shown.experiments:
                runs.enqueue(shown, each)
    refresh()


def _problem(checked: Review, reason: str) -> str:
    if checked.gaps:
        return "This revision cannot be published yet. The reasons are listed below."
    if len(reason) > LONGEST_REASON:
        return f"The reason has {len(reason):,} characters, and at most {LONGEST_REASON} are allowed."
    if not checked.concerns:
        return ""
    if request.form.get("confirm", "") != checked.digest:
        return "Something speaks against publishing this. Look at it below, and tick that you publish it all the same."
    return "" if reason else "Say why you publish this all the same."


def _require_head(row: EntryRow) -> RevisionRow:
    head = library.head(row)
    if head is None:
        raise InvalidInputError("There is nothing to publish yet.")
    return head


def _page(
    row: EntryRow,
    *,
    checked: Review | None = None,
    problem: str = "",
    reason: str = "",
    template: str = "admin/publish.html",
) -> str:
    head = _require_head(row)
    checked = checked or review(row.slug, head)
    panels = [panel(None, run) for run in checked.runs if run is not None]
    return render_template(
        template,
        entry=row,
        head=head,
        checked=checked,
        panels=panels,
        pending=any(each.pending for each in panels),
        problem=problem,
        reason=reason,
        stolen=lost_questions(checked.moves or ()),
    )


admin.add_app_template_global(beside_others, "beside_others")

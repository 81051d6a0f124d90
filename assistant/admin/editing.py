"""The editor: an entry's fields, what they will look like, and what happens when two save at once."""

from collections.abc import Mapping
from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from assistant.admin import forms
from assistant.admin.blueprint import Page, admin, teacher
from assistant.admin.explaining import beside_others
from assistant.admin.forms import Form
from assistant.admin.grouping import MOST_ASKED, near_questions
from assistant.audit.queries import record
from assistant.database import writing
from assistant.errors import InvalidInputError, wants_json
from assistant.library import phrasing_queries, revisions
from assistant.library import queries as library
from assistant.library.beliefs import ANSWERS
from assistant.library.claims import PREDICATES
from assistant.library.differences import Difference, differences
from assistant.library.entries import LONGEST_TEXT, SHORT_LENGTH, Draft
from assistant.library.field_names import name_of
from assistant.library.phrasing_queries import PhrasingError
from assistant.library.revisions import ConflictError
from assistant.library.tables import RevisionRow
from assistant.library.texts.markdown import render
from assistant.library.texts.markdown_checks import problems
from assistant.questions import queries as questions

NOT_SAVED = "Nothing is saved yet. What you typed is below, as you left it."
SHOW_ONLY = {"refresh", "show"}  # buttons that only show the form anew


@admin.route("/entries/new", methods=["GET", "POST"])
def new() -> Page:
    """Write a new entry; it stays a draft until it is published."""
    if request.method != "POST":
        asked = [questions.question(each) for each in request.args.getlist("question")[:MOST_ASKED]]
        texts = [row.text for row in asked if row is not None and row.redacted_at is None]
        form = forms.blank(phrasings=list(dict.fromkeys(texts)))
        forms.examine(form)
        # Nothing was typed yet, and so nothing is wrong; the slug follows from the title.
        form.gaps, form.mistakes = {**form.gaps, **form.mistakes}, {}
        form.gaps.pop("slug", None)
        return _page(form, slug=None)
    return _answer(None)


@admin.route("/entries/<slug>/edit", methods=["GET", "POST"])
def edit(slug: str) -> Page:
    """Edit an entry: save it as a new revision, or see the form anew."""
    row = revisions.require_entry(slug)
    if request.method != "POST":
        head = library.head(row)
        draft = revisions.draft_of(slug, head) if head is not None else None
        form = forms.of_draft(draft, head.number) if draft and head else forms.blank(slug)
        form.gaps = forms.gaps(draft) if draft is not None else {}
        return _page(form, slug=slug)
    return _answer(slug)


@admin.post("/preview")
def preview() -> str:
    """Show what is being typed as learners will see it."""
    form = forms.of_request(None, request.form)
    return render_template("admin/_preview.html", form=form, **_shown(form.texts))


def show_typed(slug: str | None, typed: MultiDict[str, str]) -> Page:
    """Show the editor with what was typed before a session ended; nothing was saved."""
    return _page(forms.of_request(slug, typed), slug=slug, notice=NOT_SAVED)


def _answer(slug: str | None) -> Page:
    form = forms.of_request(slug, request.form)
    action = request.form.get("action", "save")
    if action in SHOW_ONLY:
        forms.examine(form)
        form.mistakes = {}  # Nothing was to be saved.
        return _page(form, slug=slug, notice=NOT_SAVED if action == "show" else "")
    draft = forms.examine(form)
    if draft is None:
        return _show_mistakes(form, slug)
    try:
        number = _save(draft, form, new=slug is None)
    except ConflictError as error:
        return _conflict(form, draft, error)
    except InvalidInputError as error:
        of_text = "slug" if "slug" in str(error) else "reason"
        form.mistakes["phrasings" if isinstance(error, PhrasingError) else of_text] = str(error)
        return _show_mistakes(form, slug)
    if wants_json():
        return jsonify(slug=draft.slug, number=number, gaps=form.gaps), 201
    flash(f"{slug or ''} {form.base}", "kept-until-saved")
    flash(f"Saved as revision {number}. Learners do not see it before it is published.", "message")
    if form.gaps:
        lacking = " ".join(beside_others(key, told) for key, told in form.gaps.items())
        flash(f"Before it can be published: {lacking}", "message")
    return redirect(url_for("admin.entry", slug=draft.slug), 303)


def _save(draft: Draft, form: Form, *, new: bool) -> int:
    """Add a revision, with a new entry's first phrasings, say so in the log, and return its number."""
    who = teacher().name
    try:
        with writing():
            saved = (
                revisions.create(draft, author=who, reason=form.reason)
                if new
                else revisions.save(draft, base=form.base, author=who, reason=form.reason)
            )
            number = saved.number
            record(who, "saved", draft.slug, f"revision {number}: {saved.reason}")
            for text in forms.lines_of(form.texts["phrasings"]) if new else ():
                phrasing_queries.add(revisions.require_entry(draft.slug), text, by=who)
    except IntegrityError:  # another new entry took the slug in the same moment
        raise InvalidInputError(f"There is already an entry with the slug {draft.slug}.") from None
    return number


def _show_mistakes(form: Form, slug: str | None) -> Page:
    if wants_json():
        return jsonify(error="The entry has mistakes.", status=422, mistakes=form.mistakes), 422
    return _page(form, slug=slug), 422


def _conflict(form: Form, draft: Draft, error: ConflictError) -> Page:
    """Give the second of two who saved at once both texts and the difference; the form takes over what only one did.

    Fields that the second did not touch take the first one's text, and all others keep the second one's. The form then
    stands on the newer revision, so that saving it is a decision.
    """
    current, mine = error.current, library.content(draft)
    if current is None:
        raise error
    theirs = library.content_of(current)
    row = revisions.require_entry(draft.slug)
    base = library.revision(row, form.base)
    started = library.content_of(base) if base is not None else theirs
    merged = {key: theirs[key] if mine[key] == started[key] else mine[key] for key in mine}
    taken = [key for key in mine if merged[key] == theirs[key] != mine[key]]
    both = [key for key in mine if mine[key] != theirs[key] and key not in taken and theirs[key] != started[key]]
    if wants_json():
        answer: dict[str, Any] = {"error": str(error), "status": error.status}
        answer |= {"current": {"number": current.number, "author": current.author, "content": library.plain(theirs)}}
        own, merged = library.plain(mine), library.plain(merged)
        return jsonify(**answer, yours=own, merged=merged, changed_by_both=both), error.status
    again = forms.of_draft(Draft.model_validate({"slug": draft.slug, **merged}), current.number)
    again.reason = form.reason
    page = _page(
        again,
        slug=draft.slug,
        conflict=current,
        changes=differences(theirs, mine),
        taken=taken,
        both=both,
        theirs=theirs,
    )
    return page, error.status


def _page(
    form: Form,
    *,
    slug: str | None,
    notice: str = "",
    conflict: RevisionRow | None = None,
    changes: list[Difference] | None = None,
    taken: list[str] | None = None,
    both: list[str] | None = None,
    theirs: dict[str, Any] | None = None,
) -> str:
    published = library.published_entries()
    return render_template(
        "admin/edit.html",
        form=form,
        slug=slug,
        notice=notice,
        conflict=conflict,
        differences=changes or [],
        taken=taken or [],
        both=both or [],
        theirs=theirs,
        experiments=library.experiments(),
        predicates=PREDICATES,
        answers=ANSWERS,
        themes=sorted({row.published.theme for row in published if row.published}),
        others=[row for row in published if row.slug != slug],
        near=near_questions([form.texts["title"], *forms.lines_of(form.texts["phrasings"])]) if not slug else [],
        phrasings=phrasing_queries.count_of(revisions.require_entry(slug)) if slug else 0,
        **_shown(form.texts),
        longest=LONGEST_TEXT,
        longest_short=SHORT_LENGTH,
    )


def _shown(texts: Mapping[str, str]) -> dict[str, Any]:
    """Return the explanation as learners will see it, and what would not come through.

    One that is too long to be kept is not rendered at all.
    """
    text = texts.get("explanation", "")
    if len(text) > LONGEST_TEXT:
        return {"html": "", "problems": []}
    return {"html": render(text), "problems": problems(text)}


admin.add_app_template_filter(name_of, "field_name")

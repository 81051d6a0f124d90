"""The home page, where learners ask."""

from collections.abc import Iterable

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.errors import InvalidInputError, UnavailableError
from assistant.library import queries as library
from assistant.library.phrasing_queries import first_phrasings
from assistant.library.tables import EntryRow
from assistant.matching import LONGEST
from assistant.matching.posts.courtesy import asks_nothing
from assistant.matching.text import one_line, readable, visible
from assistant.pages.blueprint import pages
from assistant.questions.ask import ask, clean, in_order
from assistant.questions.understanding.other_languages import candidates_while_typing, note_for
from assistant.questions.understanding.understand import understand
from assistant.rate_limits import asks_limit, reads_limit
from assistant.runs.panel import showcase

EXAMPLES = 3  # of questions stand below the form


@pages.get("/")
@reads_limit
def home() -> Response:
    """Show the form; with ``?q=`` also what that question would be answered, without storing or training anything."""
    text = request.args.get("q", "")
    found, problem, note = None, None, None
    if text.strip():
        try:
            main = understand(clean(text)).main
            found, note = main.match, note_for(main.language, read=bool(main.match.candidates))
        except InvalidInputError as error:
            problem = str(error)
    candidates = in_order([each.slug for each in found.candidates]) if found else []
    entries = library.published_entries()
    page = render_template(
        "home.html",
        text=visible(text),
        found=found,
        candidates=candidates,
        note=note,
        problem=problem,
        asks_nothing=asks_nothing(readable(text)),
        cards=_by_theme(entries),
        examples=first_phrasings(entries[:EXAMPLES]) if not text.strip() else [],
        showcase=showcase(entries),
    )
    response = make_response(page)
    if text:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _by_theme(entries: Iterable[EntryRow]) -> list[EntryRow]:
    return [row for rows in library.by_theme(entries).values() for row in rows]


@pages.post("/questions")
@asks_limit
def ask_question() -> WSGIResponse | tuple[str, int]:
    """Store and match a question, start its run, and lead to its page."""
    text, figure = request.form.get("question", ""), request.form.get("figure", "")
    try:
        row = ask(text, request.form.get("entry", ""), request.form.get("follows", ""), figure)
    except (InvalidInputError, UnavailableError) as error:
        entries = library.published_entries()
        page = render_template(
            "home.html",
            text=visible(text),
            found=None,
            candidates=[],
            note=None,
            problem=str(error),
            figure=figure,
            cards=_by_theme(entries),
            showcase=showcase(entries),
        )
        return page, error.status
    return redirect(url_for("pages.question", question_id=row.id), 303)


@pages.get("/suggestions")
@reads_limit
def suggestions() -> str:
    """Return the entries nearest to what is being typed, as a fragment."""
    text = request.args.get("question", "")
    try:
        typed = one_line(readable(clean(text)))[:LONGEST]  # As a whole alone: it is matched anew with every pause.
        language, candidates = candidates_while_typing(typed) if len(text) >= 3 else (None, ())
    except InvalidInputError:
        language, candidates = None, ()
    near = [each.slug for each in candidates if each.score > 0.1]
    note = note_for(language, read=bool(candidates)) if candidates else None
    return render_template("_suggestions.html", candidates=in_order(near), typed=len(text) >= 12, note=note)

"""What readers guess before they see the result."""

from flask import Response, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WSGIResponse

from assistant.database import writing
from assistant.errors import InvalidInputError, NotFoundError, wants_json
from assistant.guesses import queries as guesses
from assistant.guesses.guesses import read_guess
from assistant.library.addresses import require_published
from assistant.library.tables import EntryRow
from assistant.pages.answer import shown_of
from assistant.pages.blueprint import pages
from assistant.rate_limits import asks_limit
from assistant.runs import queries as runs


@pages.post("/entries/<slug>/guesses")
@asks_limit
def guess(slug: str) -> WSGIResponse | tuple[Response | str, int]:
    """Keep a guess at what an entry asks, without anything about who made it."""
    entry, published = require_published(slug)
    if published.predict is None:
        raise NotFoundError("There is nothing to guess at this address.")
    typed = request.form.get("guess", "")
    try:
        number = read_guess(typed, runs.NETWORKS)
        run_id = _shown_run(entry, request.form.get("run", ""))
    except InvalidInputError as error:
        if wants_json():
            raise
        return render_template("entry.html", **shown_of(entry), guess=typed, problem=str(error)), error.status
    with writing():
        guesses.add(published, number, runs.NETWORKS, run_id)
    if wants_json():
        return jsonify(guess=number, of=runs.NETWORKS), 201
    return redirect(url_for("pages.entry", slug=slug), 303)


def _shown_run(entry: EntryRow, run_id: str) -> str | None:
    """Return the run that stood on the page, if one did.

    Raises:
        InvalidInputError: it is none of the entry's.
    """
    if not run_id:
        return None
    run = runs.find(run_id)
    if run is None or run.entry_id != entry.id:
        raise InvalidInputError(f"This entry has no run {run_id[:40]!r}.")
    return run.id

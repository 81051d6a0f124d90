"""What the page of an answer shows: of an entry, or of a question that it answers."""

from collections.abc import Mapping
from typing import Any

from assistant.forum.preview import entry_preview, run_preview
from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.runs.evidence.notes import notes_of
from assistant.runs.evidence.settled import settle
from assistant.runs.panel import further_sections, panel, placed_figures
from assistant.runs.tables import RunRow
from assistant.runs.vary import Asked, asked_by, controls, form_of, query_of


def shown_of(
    entry: EntryRow,
    run: RunRow | None = None,
    *,
    query: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    varied: RunRow | None = None,
) -> dict[str, Any]:
    """Return what a template shows of an entry's answer.

    Args:
        entry: what answers.
        run: the fresh run that was asked for; the latest stored one is shown until it is done, or where there is none.
        query: of the address, which may ask to vary the experiment.
        form: a form by which a learner meant to vary the experiment.
        problems: what was wrong with it.
        varied: the run that stands beside the entry's own, unless the address asks for another.
    """
    asked = asked_by(entry, query) if query is not None else Asked(form or {}, problems or {})
    if varied is not None and not asked.form:
        asked = Asked(form_of(varied), run=varied)
    shown, sections = panel(entry, run), further_sections(entry)
    before, after = library.neighbours(entry)
    return {
        "entry": entry,
        "panel": shown,
        "varied": panel(entry, asked.run) if asked.run is not None else None,
        "query": query_of(asked.run),
        "further": sections,
        "figures": placed_figures(shown, sections),
        "settled": settle(shown, sections),
        "notes": notes_of(entry),
        "varying": controls(entry, form=asked.form, problems=asked.problems),
        "untrained": bool(asked.form and not asked.run and not asked.problems),
        "preview": run_preview(asked.run) if asked.run is not None else entry_preview(entry, shown.shown),
        "before": before,
        "after": after,
    }

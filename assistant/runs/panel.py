"""What the experiment panel shows: the fresh run, or until it is there, the latest one that is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.library import queries as library
from assistant.library.tables import EntryRow
from assistant.runs import queries
from assistant.runs.tables import DONE, FAILED, RunRow
from assistant.runs.verdicts import Evidence, pool, wanted


@dataclass(frozen=True)
class Line:
    """One claim with its verdict in the shown run and its evidence to date."""

    text: str
    wanted: str
    finding: dict[str, Any] | None
    held: bool | None
    evidence: Evidence | None


@dataclass(frozen=True)
class Panel:
    """A panel; ``fresh`` is the run that was asked for, ``shown`` the finished run whose result stands below."""

    entry: EntryRow | None
    fresh: RunRow | None
    shown: RunRow | None
    ahead: int
    lines: Sequence[Line]

    @property
    def pending(self) -> bool:
        """Whether the fresh run is still under way."""
        return self.fresh is not None and self.fresh.state not in {DONE, FAILED}


def panel(entry: EntryRow | None, fresh: RunRow | None = None) -> Panel:
    """Return the panel of an entry, of a fresh run, or of both."""
    shown = fresh if fresh is not None and fresh.state == DONE else None
    if shown is None and entry is not None:
        shown = queries.latest_done(entry.id)
    ahead = queries.ahead(fresh) if fresh is not None and fresh.state == "waiting" else 0
    return Panel(entry, fresh, shown, ahead, _lines(entry, shown) if shown else ())


def _lines(entry: EntryRow | None, run: RunRow) -> list[Line]:
    alike = []
    if entry is not None and entry.published is not None:
        experiment = library.experiment(entry.published.experiment)
        alike = queries.alike(entry.published, experiment) if experiment else []
    found = []
    for verdict in run.verdicts or []:
        claim, finding = verdict["claim"], verdict["finding"]
        share = bool(finding) and finding["kind"] == "share"
        evidence = pool(alike, claim) if alike else None
        found.append(Line(claim["text"], wanted(claim, share=share), finding, verdict["held"], evidence))
    return found

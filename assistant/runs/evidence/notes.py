"""Notes on the measured numbers of an entry's texts: what the newest runs found of each."""

from dataclasses import dataclass

from assistant.library import queries as library
from assistant.library.entries import measured_of
from assistant.library.findings import label_of
from assistant.library.tables import EntryRow
from assistant.library.texts.measured import Measured, note_of
from assistant.runs.evidence.evidence_queries import recent_findings
from assistant.runs.evidence.pooled import Pooled

NEWEST = 50  # runs of each experiment that are pooled


@dataclass(frozen=True)
class Note:
    """The note on one finding, which every number of it opens."""

    id: str
    number: str  # as it is first written
    label: str
    result: str  # empty before there are runs


def notes_of(entry: EntryRow) -> list[Note]:
    """Return the notes on an entry's measured numbers, each finding once, in the order of the texts."""
    if entry.published is None:
        return []
    numbers: dict[str, Measured] = {}
    for number in measured_of(entry.published):
        numbers.setdefault(number.target, number)
    results: dict[str, tuple[str, str]] = {}
    for configuration in entry.published.experiments:
        known = library.experiment(configuration.experiment)
        own = {
            target: each.finding
            for target, each in numbers.items()
            if (each.experiment or entry.published.experiment) == configuration.experiment
        }
        if known is None or not own:
            continue
        found = recent_findings(entry.id, configuration, known, sorted(set(own.values())), NEWEST)
        for target, name in own.items():
            pooled = Pooled.of(run.get(name) for run in found)
            label = pooled.findings[0].label if pooled.findings else label_of(name, known.findings)
            rest = "; older runs are not counted here" if len(found) == NEWEST else ""
            results[target] = label, pooled.words + rest if pooled.findings else ""
    return [
        Note(note_of(target), number.words, *results[target]) for target, number in numbers.items() if target in results
    ]

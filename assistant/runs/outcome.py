"""What came of an entry's prediction in a run, beside what readers guessed."""

from dataclasses import dataclass

from assistant.guesses import queries as guesses
from assistant.guesses.guesses import Spread
from assistant.library.findings import Finding
from assistant.library.predictions import Prediction
from assistant.library.tables import EntryRow
from assistant.runs.evidence.verdicts import Verdict
from assistant.runs.queries import NETWORKS
from assistant.runs.tables import RunRow

FEWEST = 10  # guesses that are shown to readers; fewer could be told apart


@dataclass(frozen=True)
class Outcome:
    """A prediction, and what a run counted for it; no finding before a run is there, or where it did not count it."""

    prediction: Prediction
    run: RunRow | None
    finding: Finding | None
    guesses: Spread

    @property
    def of(self) -> int:
        """Of how many networks one guesses."""
        return NETWORKS

    @property
    def counted(self) -> Finding | None:
        """The finding, where there was anything to count."""
        return self.finding if self.finding is not None and self.finding.of else None

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on what a claim of the run says of the same networks; None where no claim does."""
        asked = self.prediction.finding, self.prediction.complement
        verdicts = self.run.verdicts or () if self.run is not None else ()
        return next((each for each in verdicts if (each.claim.finding, each.claim.complement) == asked), None)

    @property
    def held(self) -> bool | None:
        """Whether that is what is claimed of the same networks."""
        return self.verdict.held if self.verdict is not None else None

    @property
    def claimed(self) -> str:
        """What is claimed of the same networks, in few words: "at most 25"."""
        return (
            self.verdict.claim.counts(self.counted.of) if self.verdict is not None and self.counted is not None else ""
        )

    @property
    def x(self) -> float:
        """Where the counted networks end, on a width of 100."""
        return round(100 * self.counted.count / self.counted.of, 2) if self.counted is not None else 0.0

    @property
    def others(self) -> Spread | None:
        """The guesses, once there are enough to be shown."""
        return self.guesses if self.guesses.total >= FEWEST else None


def outcome_of(entry: EntryRow | None, run: RunRow | None) -> Outcome | None:
    """Return what a run, or none as yet, says to an entry's prediction; None where it has none, or none of this run."""
    published = entry.published if entry is not None else None
    if published is None or published.predict is None:
        return None
    if run is not None and (run.experiment != published.experiment or run.varied is not None):
        return None
    finding = published.predict.answered_by(run.measured) if run is not None else None
    spread = Spread(guesses.counts(published, NETWORKS), NETWORKS)
    return Outcome(published.predict, run, finding, spread)

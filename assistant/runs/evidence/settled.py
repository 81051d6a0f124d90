"""What runs say to an entry's beliefs: for each, what was counted for the claim that settles it."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.library.beliefs import Belief, settling
from assistant.library.claims import Claim
from assistant.runs.panel import ClaimLine, Panel, Section


@dataclass(frozen=True)
class Settled:
    """A belief at its place among an entry's, the claim that settles it, and the panel of that claim's experiment."""

    at: int
    belief: Belief
    claim: Claim
    panel: Panel

    @property
    def line(self) -> ClaimLine | None:
        """The claim in the shown run; None where there is no run, or where it did not test this very claim."""
        return next((line for line in self.panel.lines if line.claim == self.claim), None)


def settle(panel: Panel, sections: Sequence[Section] = ()) -> list[Settled]:
    """Return an entry's beliefs that are about the experiments of these panels, with what was counted.

    Args:
        panel: of an entry's main experiment, or of a further one alone. A varied run settles nothing: the claims were
            not made for it.
        sections: those of the further experiments, beside the main one.
    """
    published = panel.entry.published if panel.entry is not None else None
    if published is None or panel.sides:
        return []
    panels = {each.name: each.panel for each in sections} | {panel.experiment or published.experiment: panel}
    found = []
    for at, belief in enumerate(published.beliefs):
        claim = settling(belief, published.claims, published.experiment)
        if claim is not None and (about := panels.get(claim.experiment or published.experiment)) is not None:
            found.append(Settled(at, belief, claim, about))
    return found

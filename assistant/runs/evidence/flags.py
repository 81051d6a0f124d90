"""When evidence turns against a published claim.

Looked at are the newest 20 runs that count as evidence: of the entry, at its own parameters and today's code, and of
these the verdicts on the very claim that is published. With fewer than five of them nothing is said. A claim is flagged

- about a share, when the share pooled over them lies outside of what the claim says, and
- about anything, when it holds so seldom that the 95 % interval of how often it does lies below 19 in 20, which is
  what its author had to see before it was written (see content/README.md).
"""

from dataclasses import dataclass

from assistant.intervals import wilson
from assistant.library import queries as library
from assistant.library.claims import Claim
from assistant.library.tables import EntryRow
from assistant.runs.evidence import evidence_queries
from assistant.runs.evidence.verdicts import Evidence, pool

RECENT, FEWEST = 20, 5  # runs
OFTEN = 0.95


@dataclass(frozen=True)
class Flag:
    """A published claim that recent runs speak against."""

    entry: EntryRow
    text: str
    reason: str


def flagged_claims() -> list[Flag]:
    """Return the published claims that recent runs speak against."""
    flags, codes = [], library.experiment_codes()
    for entry in library.published_entries():
        for configuration in entry.published.experiments if entry.published is not None else ():
            code = codes.get(configuration.experiment)
            if entry.published is None or code is None:
                continue
            recent = evidence_queries.recent_verdicts(entry.id, configuration, code, RECENT)
            for claim in entry.published.claims_of(configuration.experiment):
                if reason := objection_to(claim, pool(recent, claim)):
                    flags.append(Flag(entry, claim.text, reason))
    return flags


def objection_to(claim: Claim, evidence: Evidence) -> str:
    """Say how recent runs speak against a claim; nothing where they do not."""
    if evidence.judged < FEWEST:
        return ""
    if evidence.count is not None and evidence.of and not claim.holds(evidence.count / evidence.of):
        share = f"{evidence.count:,} of {evidence.of:,} in the newest {evidence.judged} runs"
        return f"{share} ({100 * evidence.count / evidence.of:.1f} %), claimed: {claim.words('share')}."
    if wilson(evidence.held, evidence.judged)[1] < OFTEN:
        return f"It held in only {evidence.held} of the newest {evidence.judged} runs."
    return ""

"""Predictions: what readers guess before they see the result, a share of an entry's main experiment that can fail."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.library.claims import Claim
from assistant.library.findings import Finding, declaration_of
from assistant.library.strict import OneLine, Strict

OF_A_PART = "of the "  # begins the label of a share that is not one of all networks


class Prediction(Strict):
    """A question such as "Of 64 networks, how many ...?", and the finding that answers it.

    With ``complement``, the networks are counted of which the finding is *not* true, as with claims.
    """

    question: OneLine
    finding: OneLine
    complement: bool = False

    def answered_by(self, findings: Mapping[str, Finding]) -> Finding | None:
        """Return what a run counted for the question; None where it did not."""
        finding = findings.get(self.finding)
        return finding.complement() if finding is not None and self.complement else finding


def misfits(
    prediction: Prediction, declared: Mapping[str, Mapping[str, Any]], claims: Sequence[Claim]
) -> Iterator[tuple[str, str]]:
    """Yield the fields of a prediction that cannot be guessed, each with what would be right.

    Args:
        prediction: what is asked.
        declared: the findings that the main experiment reports, by name or by family.
        claims: those about the main experiment; what one of them calls a theorem cannot fail.
    """
    finding = declaration_of(prediction.finding, declared)
    if finding is None:
        yield "finding", f"the main experiment reports no {prediction.finding!r}: choose one of {', '.join(declared)}"
    elif finding["kind"] != "share":
        yield "finding", f"only a share can be guessed, and {prediction.finding} is a {finding['kind']}"
    elif finding.get("label", "").startswith(OF_A_PART):
        yield "finding", f"{prediction.finding} is a share of some networks, and the guess is one of all"
    elif any(claim.theorem and claim.finding == prediction.finding for claim in claims):
        yield "finding", f"a claim calls {prediction.finding} a theorem, and so there is nothing to guess"

"""Whether a score is a probability: of the questions whose nearest entry has a score, how many it answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.matching import Match
from assistant.matching.measuring.evaluation import Proportion

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BINS = 10


@dataclass(frozen=True)
class Bin:
    """The questions whose score lies from ``low`` to below ``high``, and how many the nearest entry answers."""

    low: float
    high: float
    mean: float  # of their scores
    right: Proportion

    def __str__(self) -> str:
        return f"{self.low:.1f} to {self.high:.1f}, {self.mean:.3f} on average: {self.right}"


def reliability(found: Sequence[tuple[Collection[str], Match]], bins: int = BINS) -> list[Bin]:
    """Return the bins that hold questions, of (entries that are right, what the question was taken for)."""
    scored = [(match.score, match.nearest in right) for right, match in found]
    binned = []
    for at in range(bins):
        own = [each for each in scored if min(int(each[0] * bins), bins - 1) == at]
        if own:
            mean = sum(score for score, _ in own) / len(own)
            right = Proportion(sum(is_right for _, is_right in own), len(own))
            binned.append(Bin(at / bins, (at + 1) / bins, mean, right))
    return binned


def draw(bins: Sequence[Bin], file: Path) -> None:
    """Draw the reliability diagram into an SVG, PNG or PDF file, by its name; of the same bins, an SVG is the same."""
    from matplotlib import rc_context  # noqa: PLC0415 - no web process loads it

    with rc_context({"svg.hashsalt": "askneuron"}):
        figure_of(bins).savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def figure_of(bins: Sequence[Bin]) -> "Figure":
    """Draw a reliability diagram: shares with their intervals of 95 % over scores, and the counts below."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - no web process loads it

    figure = Figure(figsize=(5.2, 6.2), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    means, shares = [each.mean for each in bins], [each.right.value or 0.0 for each in bins]
    lower = [share - each.right.interval[0] for share, each in zip(shares, bins, strict=True)]
    upper = [each.right.interval[1] - share for share, each in zip(shares, bins, strict=True)]
    above.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="as it should be")
    above.errorbar(means, shares, yerr=(lower, upper), fmt="o", capsize=3, label="measured, with 95 % intervals")
    above.set(ylabel="share that the nearest entry answers", xlim=(0, 1), ylim=(0, 1))
    above.legend(loc="upper left", frameon=False)
    bars = below.bar([each.low for each in bins], [each.right.of for each in bins], width=1 / BINS, align="edge")
    below.bar_label(bars)
    below.set(xlabel="score of the nearest entry", ylabel="questions")
    below.margins(y=0.25)
    return figure

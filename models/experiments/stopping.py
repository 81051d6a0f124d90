"""Ask after how many epochs training should stop, what patience is worth, and what bringing back the best weights is.

Networks learn 100 points of two clouds that overlap, for more epochs than are good for them, and their loss on 200
held-back points is measured after each. Where it is least differs from network to network. Every way to stop is then
read off the same training: the epoch at which a patience ends it, and the weights of that epoch or of the best one so
far. What they are worth is told by 200 further points, since those that chose an epoch flatter it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import final

import numpy as np
from pydantic import Field

from models.curve_readings import curves, least_loss
from models.datasets import overlapping
from models.early_stopping import Which, at, lost, stop, too_soon
from models.ensemble import Optimizer
from models.experiment import Experiment, Hyperparameters, RandomStart, Rate, Result
from models.experiments.overfitting import OTHERS, loss_on_others, same
from models.figures import Figure
from models.figures.stopping import curves_figure, epochs_figure, new_points_figure, patience_figure
from models.labs.overlapping import OVERLAPPING
from models.measures import Cohorts, Measure, median, of, quantity, share, whole
from models.plans import RECORDED, Cohort, Plan, Start
from models.readings import Booleans, Floats, Strings
from models.replay import Moment, Replay
from models.samples import Examples, Integers, Sampler
from models.streams import Purpose
from models.wordings import STEP_NAMES, called

LEARNED, HELD_BACK, FEW = 100, 200, 20  # points
BATCH = 20
EPOCH = LEARNED // BATCH  # steps
PATIENCES = (1, 3, 10, 30)  # epochs
USUAL = "best.10"  # the rule that others are compared with
CLEAR = 0.02  # nats; a smaller loss by stopping is called none
SLOWER = 10  # times
LAST = 5  # epochs
GOOD = 0.41  # nats, on points that no network learns
EDGES = (4, 10)  # epochs that the groups of the replay end with

OWN = Sampler.each(f"{LEARNED} points of {overlapping.WORDS}, each network's own", LEARNED, overlapping.sample)
KEPT = Sampler.each(f"{HELD_BACK} others of each network's own", HELD_BACK, overlapping.sample, Purpose.HELD_BACK)
NEW = Sampler.each(f"{HELD_BACK} further ones", HELD_BACK, overlapping.sample, Purpose.NOISE)

# What is compared, in words, by the cohort's name.
SPREADS = {
    "main": "each network learns points of its own",
    "same": "all learn the same points",
    "slow": f"points of its own, a rate {SLOWER} times smaller",
}
# Which weights are kept, what ends the names of their findings, and words.
WEIGHTS: tuple[tuple[Which, str, str], ...] = (
    ("best", "", "best weights brought back"),
    ("ended", "_last", "last weights kept"),
)
# By rule, what chooses the epoch.
RULES = {
    **{f"best.{n}": f"patience {n}, best weights brought back" for n in PATIENCES},
    **{f"last.{n}": f"patience {n}, last weights kept" for n in PATIENCES},
    **{f"few.{n}": f"patience {n}, best weights by {FEW} validation points" for n in PATIENCES},
    "one_number": "the median best epoch, for all networks",
    "all_epochs": "all epochs",
}
DRAWN = ("best.1", "best.10", "best.30", "few.30", "last.10", "last.30", "one_number", "all_epochs")


class Parameters(Hyperparameters):
    """What can be varied."""

    steps: int = Field(
        100 * EPOCH,
        ge=1,
        le=2_000,
        description=f"training steps; {EPOCH} mini-batches are an epoch",
        json_schema_extra=called(*STEP_NAMES, epoch=(LEARNED, BATCH)),
    )
    rate: Rate = 0.03
    initializer: RandomStart = "glorot_uniform"


def few() -> Sampler:
    """Return the sampler that holds back `FEW` points of each network, as often as fill the rows of `KEPT`."""

    def draw(seed: int, members: Integers) -> Examples:
        drawn, times = KEPT.draw(seed, members), HELD_BACK // FEW
        return Examples(*(np.concatenate([rows[:FEW]] * times) for rows in (drawn.x, drawn.targets, drawn.weights)))

    return Sampler(f"{FEW} others of each network's own", HELD_BACK, draw)


def losses(cohort: Cohort) -> Floats:
    """Return the loss on what is held back (epochs + 1, networks)."""
    return curves(cohort).held_back_loss


def best_epoch(cohort: Cohort) -> Floats:
    """Return after which epoch the loss on what is held back is least; NaN where it is never finite."""
    return np.where(np.isfinite(least_loss(cohort)), curves(cohort).least.astype(float), np.nan)


def tenth(cohort: Cohort, per_cent: float) -> float | None:
    """Return the best epoch before or at which so many per cent of the networks have theirs."""
    found = best_epoch(cohort)
    known = found[np.isfinite(found)]
    return float(np.percentile(known, per_cent)) if known.size else None


def unfinished(cohort: Cohort) -> Booleans:
    """Say which networks are at their best in one of the last `LAST` epochs."""
    return np.asarray(best_epoch(cohort) > len(losses(cohort)) - 1 - LAST)


def costly(cohort: Cohort, patience: int, which: Which) -> Booleans:
    """Say whose held-back loss is `CLEAR` or more above its least one, with the weights that a patience leaves."""
    return np.asarray(~(lost(losses(cohort), patience, which) < CLEAR))


def mean_lost(cohort: Cohort, patience: int, which: Which) -> float | None:
    """Return how much it is above that on average; None if a network diverged."""
    found = lost(losses(cohort), patience, which)
    return float(found.mean()) if np.isfinite(found).all() else None


def new_loss(cohorts: Cohorts, rule: str) -> Floats:
    """Return each network's loss on new points after the epoch that a rule of `RULES` chooses."""
    found, (way, _, patience) = losses(cohorts["judged"]), rule.partition(".")
    if way == "all_epochs":
        return np.asarray(found[-1])
    if way == "one_number":
        return np.asarray(found[round(tenth(cohorts["main"], 50) or 0)])
    where = stop(losses(cohorts["few" if way == "few" else "main"]), int(patience))
    return at(where.ended if way == "last" else where.best, found)


def worse(cohorts: Cohorts, rule: str) -> Booleans:
    """Say which networks a rule leaves with a loss on new points that is `CLEAR` or more above that by `USUAL`."""
    with np.errstate(invalid="ignore"):
        return np.asarray(~(new_loss(cohorts, rule) - new_loss(cohorts, USUAL) < CLEAR))


def spread(cohort: str) -> tuple[Measure, ...]:
    """Return how widely the best epochs of a cohort are spread."""
    ending, words = "" if cohort == "main" else f".{cohort}", SPREADS[cohort]
    best = "epoch after which the loss on held-back points is least"
    ends = (("low", 10, "that a tenth of the networks have reached"), ("high", 90, "that a tenth have not reached"))
    return of(
        cohort,
        median(f"minimum_step.median{ending}", f"{best} (median); {words}", "epochs", best_epoch),
        *(
            quantity(f"minimum_step.{name}{ending}", f"{best}, {which}; {words}", "epochs", partial(tenth, per_cent=at))
            for name, at, which in ends
        ),
        share(
            f"unfinished_share{ending}",
            f"networks whose loss on held-back points is least in one of the last {LAST} epochs; {words}",
            unfinished,
        ),
    )


def by_patience(patience: int) -> tuple[Measure, ...]:
    """Return where a patience ends training, and what that loses."""
    words, above = f"patience {patience}", "held-back loss above the least of all epochs"
    measures = [
        median(
            f"stopped.{patience}",
            f"epoch after which training ends (median); {words}",
            "epochs",
            lambda cohort: stop(losses(cohort), patience).ended,
        ),
        share(
            f"too_soon_share.{patience}",
            f"networks whose training ends before their best epoch; {words}",
            lambda cohort: too_soon(losses(cohort), patience),
        ),
    ]
    for which, ending, kept in WEIGHTS:
        measures += [
            quantity(
                f"lost{ending}.{patience}",
                f"{above} (mean); {words}, {kept}",
                "nats",
                partial(mean_lost, patience=patience, which=which),
            ),
            share(
                f"costly{ending}_share.{patience}",
                f"networks with a {above} by {CLEAR:g} or more; {words}, {kept}",
                partial(costly, patience=patience, which=which),
            ),
        ]
    return tuple(measures)


def by_rule(rule: str) -> tuple[Measure, ...]:
    """Return what the weights that a rule chooses are worth on new points."""
    words = RULES[rule]
    return whole(
        median(f"new_loss.{rule}", f"loss on new points (median); {words}", "nats", partial(new_loss, rule=rule)),
        share(
            f"worse_share.{rule}",
            f"networks whose loss on new points is {CLEAR:g} or more above that by {RULES[USUAL]}; {words}",
            partial(worse, rule=rule),
        ),
    )


def good(cohort: Cohort) -> Booleans:
    """Say which networks' loss on other points is below `GOOD`."""
    return np.asarray(loss_on_others(cohort) < GOOD)


def outcome(cohort: Cohort) -> Strings:
    """Say of each network (networks,) when it was at its best."""
    best, (first, second) = best_epoch(cohort)[: cohort.loss.size], EDGES  # of those that are recorded
    return np.select(
        [best < 1, best <= first, best <= second],
        ["not trained yet", f"at its best by epoch {first}", f"at its best in epochs {first + 1} to {second}"],
        f"at its best after epoch {second}",
    )


@final
class Stopping(Experiment[Parameters]):
    """Train longer than is good, and read off the same training where each way to stop would have ended it."""

    title = "When to stop training"
    summary = (
        "Trains networks on 100 points of two overlapping clouds for 100 epochs, measures the loss on held-back points "
        "after each, and compares ways to stop: a patience, with and without the best weights, and fixed numbers of "
        "epochs."
    )
    parameters = Parameters
    figure_names = ("curves", "epochs", "patience", "new")

    def plans(self, hyperparameters: Parameters) -> Iterator[Plan]:
        """Plan the same training held back by three sets of points, a slower one, and two that can be watched."""
        h = hyperparameters
        main = Plan(
            "main",
            OVERLAPPING,
            Start.by(h.initializer),
            h.steps,
            Optimizer(rate=h.rate),
            batch=BATCH,
            learned=OWN,
            held_back=KEPT,
            curve_every=EPOCH,
            recorded=0,
        )
        yield main
        yield replace(main, name="judged", held_back=NEW)
        yield replace(main, name="few", held_back=few())
        slow = Optimizer(rate=h.rate / SLOWER)
        yield replace(main, name="slow", optimizer=slow)
        lab, sampler = same(LEARNED)
        shown = replace(main, name="same", lab=lab, learned=sampler, recorded=RECORDED, aside=True)
        yield shown
        yield replace(shown, name="same.slow", optimizer=slow)

    def notes(self, hyperparameters: Parameters) -> dict[str, str]:
        """Say what is held back, and how long an epoch is."""
        epochs = hyperparameters.steps / EPOCH
        return {
            "data": f"{LEARNED} points of {overlapping.WORDS}, each network's own",
            "held back": f"{HELD_BACK} other points of each network's own, measured after each epoch of {EPOCH} steps; "
            f"{HELD_BACK} further ones tell what the weights are worth",
            "epochs": f"{epochs:g}",
        }

    measures = (
        *(measure for cohort in SPREADS for measure in spread(cohort)),
        *(measure for patience in PATIENCES for measure in by_patience(patience)),
        *(measure for rule in RULES for measure in by_rule(rule)),
    )

    replay = Replay(
        {
            "same": "all learn the same 100 points",
            "same.slow": f"a rate {SLOWER} times smaller",
        },
        groups=outcome,
        counts={"good": (f"have a loss below {GOOD:g} on {OTHERS} other points", good)},
        own_first=True,
        moment=Moment(f"At least half of the networks have a loss below {GOOD:g} on points that none has seen.", good),
    )

    def figures(self, result: Result) -> Iterable[Figure]:
        """Show single losses and where they are least, what each patience loses, and what rules are worth."""
        loss = losses(result.cohorts["main"])
        yield curves_figure(loss)
        yield epochs_figure({words: best_epoch(result.cohorts[name]) for name, words in SPREADS.items()})
        yield patience_figure(
            {n: (lost(loss, n, "best"), lost(loss, n, "ended"), too_soon(loss, n)) for n in PATIENCES}
        )
        yield new_points_figure({RULES[rule]: new_loss(result.cohorts, rule) for rule in DRAWN})

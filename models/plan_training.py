"""How plans are trained: those that can as one ensemble, several ensembles side by side.

Plans that run the same program on the same data, or on as many examples of each network's own, for as many steps and
with the same dropout, are trained as one ensemble; a network's bits do not depend on its company. A plan that continues
another one is trained after it, from where its networks ended.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from models.ensemble import Optimizer, Progress, train
from models.history import Recording, Trained, log_spaced
from models.padding import activations, padded, places, trainable
from models.plans import Cohort, Floats, Integers, Plan, Start, untrained
from models.samples import Examples, OwnData, Sampler
from models.widths import without_masked

BESIDE = 3  # ensembles that are trained side by side


def train_plans(plans: Sequence[Plan], *, networks: int, seed: int, progress: Progress) -> dict[str, Cohort]:
    """Train plans, those that can as one ensemble and up to `BESIDE` ensembles side by side; return cohorts by name.

    Raises:
        ValueError: a plan continues one that is not there, or one of other networks.
    """
    memory = {plan.start: plan.start.once() for plan in plans}
    cohorts: dict[str, Cohort] = {}
    while ahead := [plan for plan in plans if plan.name not in cohorts]:
        now = [plan for plan in ahead if plan.continues is None or plan.continues in cohorts]
        if not now:
            raise ValueError(f"{ahead[0].name} continues {ahead[0].continues!r}, which is no plan of the run")
        starts = {
            plan.name: memory[plan.start] if plan.continues is None else _end(plan, cohorts[plan.continues], networks)
            for plan in now
        }
        cohorts |= _train_side_by_side(now, starts, networks, seed, progress)
    return {plan.name: cohorts[plan.name] for plan in plans}


def _end(plan: Plan, before: Cohort, networks: int) -> Start:
    """Return the start of a plan that continues another one: the end of that one's networks."""
    same = np.array_equal(plan.indices(networks), before.plan.indices(networks))
    if (plan.lab.network, plan.width) != (before.network, before.plan.width) or not same:
        raise ValueError(f"{plan.name} cannot continue {plan.continues}, whose networks are others")

    def draw(*_: object) -> Floats:
        ended = before.parameters
        return ended if plan.width is None else without_masked(before.network, ended, plan.width).astype(np.float32)

    return Start(plan.start.words, draw)


def _train_side_by_side(
    plans: Sequence[Plan], starts: Mapping[str, Start], networks: int, seed: int, progress: Progress
) -> dict[str, Cohort]:
    ensembles: dict[Any, list[Plan]] = {}
    for plan in plans:
        ensembles.setdefault(plan.program, []).append(plan)
    longest_first = sorted(ensembles.values(), key=lambda group: -sum(plan.cost(networks) for plan in group))
    with ThreadPoolExecutor(BESIDE) as pool:
        done = pool.map(lambda group: _train_together(group, starts, networks, seed, progress), longest_first)
        return {cohort.plan.name: cohort for group in done for cohort in group}


def _train_together(
    plans: Sequence[Plan], starts: Mapping[str, Start], networks: int, seed: int, progress: Progress
) -> list[Cohort]:
    first = plans[0]
    members = [plan.indices(networks) for plan in plans]
    begun = [
        replace(plan, start=starts[plan.name]).begin(seed, each) for plan, each in zip(plans, members, strict=True)
    ]
    if not first.steps and first.learned is None:
        return [untrained(plan, drawn) for plan, (drawn, _) in zip(plans, begun, strict=True)]
    sizes = [each.size for each in members]
    spans = [slice(end - size, end) for end, size in zip(np.cumsum(sizes).tolist(), sizes, strict=True)]
    recorded = [
        at for plan, span in zip(plans, spans, strict=True) for at in range(span.start, span.stop)[: plan.recorded]
    ]
    shape = first.padded_to or first.lab.network

    def each(values: Sequence[Any]) -> npt.NDArray[Any]:
        """Return one value, or one column (..., 1), of each plan as those of its networks, the last axis."""
        columns = [np.repeat(np.atleast_1d(value), size, axis=-1) for value, size in zip(values, sizes, strict=True)]
        return np.concatenate(columns, axis=-1)

    trained = train(
        shape,
        np.concatenate([_begun(plan, drawn) for plan, (drawn, _) in zip(plans, begun, strict=True)], axis=1),
        first.lab.data if first.learned is None else _own_data(plans, members, spans, seed),
        Optimizer(
            first.optimizer.name,
            each([plan.optimizer.rate for plan in plans]).astype(np.float32),
            each([plan.optimizer.momentum for plan in plans]).astype(np.float32),
        ),
        steps=first.steps,
        batch_size=first.mini_batch,
        dropout=first.dropout,
        seed=seed,
        members=np.concatenate(members),
        trainable=np.concatenate([_factors(plan, free) for plan, (_, free) in zip(plans, begun, strict=True)], axis=1),
        l2=each([_factors(plan, plan.penalty) for plan in plans]),
        activations=each([activations(plan.lab.network, shape)[:, None] for plan in plans])
        if first.padded_to
        else None,
        recording=Recording(log_spaced(first.steps) if recorded else (), tuple(recorded), first.curve_steps),
        progress=progress,
    )
    return [_cohort(plan, trained.part(span)) for plan, span in zip(plans, spans, strict=True)]


def _begun(plan: Plan, drawn: Floats) -> Floats:
    """Return a start (p, networks) as one of the program's network."""
    return drawn if plan.padded_to is None else padded(plan.lab.network, plan.padded_to, drawn)


def _factors(plan: Plan, factors: Floats) -> Floats:
    """Return a factor of each parameter (p, ...) as one of each of the program's network, 0 for padding."""
    return factors if plan.padded_to is None else trainable(plan.lab.network, plan.padded_to, factors)


def _cohort(plan: Plan, trained: Trained) -> Cohort:
    """Return a plan's part of an ensemble; what was padded is read back."""
    cohort = Cohort(**vars(trained), plan=plan)
    if plan.padded_to is None:
        return cohort
    own = places(plan.lab.network, plan.padded_to)
    history = replace(cohort.history, parameters=cohort.history.parameters[:, own])
    start, ended = cohort.start[own], cohort.parameters[own]
    return replace(cohort, network=plan.lab.network, start=start, parameters=ended, history=history)


def _own_data(plans: Sequence[Plan], members: Sequence[Integers], spans: Sequence[slice], seed: int) -> OwnData:
    """Return what draws the examples of an ensemble's networks, each plan's by its own sampler."""

    def drawing(samplers: Sequence[Sampler | None]) -> Callable[[Integers], Examples]:
        def draw(positions: Integers) -> Examples:
            parts = []
            for sampler, each, span in zip(samplers, members, spans, strict=True):
                inside = positions[(positions >= span.start) & (positions < span.stop)]
                if sampler is not None and inside.size:
                    parts.append(sampler.draw(seed, each[inside - span.start]))
            return Examples.beside(parts)  # in their order, since the positions of a block ascend

        return draw

    learned, held_back = [plan.learned for plan in plans], [plan.held_back for plan in plans]
    if held_back[0] is None:
        return OwnData(plans[0].examples, drawing(learned))
    return OwnData(plans[0].examples, drawing(learned), held_back[0].rows, drawing(held_back))

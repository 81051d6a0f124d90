"""``flask library verify``: the entries' claims, tried in many runs."""

import random
import secrets
from collections.abc import Mapping
from typing import Any

import click
from flask import current_app

from assistant.library.commands import content_folder, read_checked
from assistant.runs.evidence.verify import Run, numbers_table, to_table, verify


@click.command("verify")
@click.argument("slugs", nargs=-1, metavar="[ENTRY]...")
@click.option("--runs", type=click.IntRange(1, 1_000), default=20, show_default=True, help="runs of each experiment")
@click.option("--seed", type=click.IntRange(min=0), help="from which the runs' seeds are drawn; at random unless given")
def verify_command(slugs: tuple[str, ...], runs: int, seed: int | None) -> None:
    """Run the entries' experiments with fresh seeds, and count how often each claim holds and its control refutes it.

    Leaves with status 1 when a claim holds, or is refuted by its control, in fewer than 95 % of the runs; of fewer
    than 20 runs, when two fail. A theorem needs no control. A claim is narrow when its threshold stands less than three
    binomial standard deviations of one run from the share of all runs together.

    Also with status 1 when a measured number of a text has drifted: when, as precisely as it is written, it lies
    outside the 99.9 % interval of all runs together, or of a quantity, outside the range of 15 runs or more.
    """
    from models import registry  # noqa: PLC0415
    from models.experiment import NETWORKS  # noqa: PLC0415
    from models.loading import load_engine  # noqa: PLC0415

    entries = read_checked(content_folder())
    known = {entry.slug: entry for entry in entries}
    if unknown := [slug for slug in slugs if slug not in known]:
        raise click.UsageError(f"there is no entry {unknown[0]!r}: one of {', '.join(known)}")
    drawn_from = secrets.randbits(32) if seed is None else seed
    seeds = [random.Random(f"{drawn_from}/{at}").getrandbits(48) for at in range(runs)]  # noqa: S311 - no secrets

    def execute(name: str, values: Mapping[str, Any], seed: int, before: frozenset[str]) -> Run:
        experiment = registry.find(name)
        result = experiment.execute(experiment.validate(values, NETWORKS, seed), networks=NETWORKS, seed=seed)
        untrained = experiment.measure_untrained(result.cohorts, before)
        return Run(*({key: each.model_dump() for key, each in found.items()} for found in (result.findings, untrained)))

    load_engine(current_app.config["SETTINGS"].compiled_dir)
    claims, short, narrow, idle, written, drifted = 0, 0, 0, 0, 0, 0
    for entry, tallies, numbers in verify([known[slug] for slug in slugs] or entries, seeds, execute):
        names = ", ".join(each.experiment for each in entry.experiments)
        click.echo(f"{entry.slug}: {runs} runs of {names}\n{to_table(tallies)}\n")
        if numbers:
            click.echo(f"{entry.slug}: numbers of its texts\n{numbers_table(numbers)}\n")
        claims += len(tallies)
        short += sum(not each.enough for each in tallies)
        narrow += sum(each.narrow for each in tallies)
        idle += sum(each.idle for each in tallies)
        written += len(numbers)
        drifted += sum(each.drifted for each in numbers)
    click.echo(
        f"{claims} claims, {short} fall short, {narrow} narrow, {idle} not refuted by a control; "
        f"{written} measured numbers, {drifted} drifted; --runs {runs} --seed {drawn_from} repeats this"
    )
    if short or idle or drifted:
        raise click.exceptions.Exit(1)

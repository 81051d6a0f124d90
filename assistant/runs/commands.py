"""``flask library verify``: the entries' claims, tried in many runs."""

import random
import secrets
from collections.abc import Mapping
from typing import Any

import click

from assistant.library.commands import content_folder, read_checked
from assistant.runs.verify import to_table, verify


@click.command("verify")
@click.argument("slugs", nargs=-1, metavar="[ENTRY]...")
@click.option("--runs", type=click.IntRange(1, 1_000), default=20, show_default=True, help="runs of each experiment")
@click.option("--seed", type=click.IntRange(min=0), help="from which the runs' seeds are drawn; at random unless given")
def verify_command(slugs: tuple[str, ...], runs: int, seed: int | None) -> None:
    """Run the entries' experiments with fresh seeds, and count how often each claim holds.

    Leaves with status 1 when a claim holds in fewer than 95 % of the runs; of fewer than 20 runs, when two fail. A
    claim is narrow when its threshold stands less than three binomial standard deviations of one run from the share
    of all runs together.
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

    def execute(name: str, values: Mapping[str, Any], seed: int) -> dict[str, Any]:
        experiment = registry.find(name)
        result = experiment.execute(experiment.check(values, NETWORKS, seed), networks=NETWORKS, seed=seed)
        return {key: finding.model_dump() for key, finding in result.findings.items()}

    load_engine()
    claims, short, narrow = 0, 0, 0
    for entry, tallies in verify([known[slug] for slug in slugs] or entries, seeds, execute):
        names = ", ".join(each.experiment for each in entry.experiments)
        click.echo(f"{entry.slug}: {runs} runs of {names}\n{to_table(tallies)}\n")
        claims += len(tallies)
        short += sum(not each.enough for each in tallies)
        narrow += sum(each.narrow for each in tallies)
    click.echo(f"{claims} claims, {short} fall short, {narrow} narrow; --runs {runs} --seed {drawn_from} repeats this")
    if short:
        raise click.exceptions.Exit(1)

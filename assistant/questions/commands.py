"""``flask matching``: how well questions find their entries."""

from pathlib import Path

import click
from flask.cli import AppGroup

from assistant.errors import UnavailableError
from assistant.library import fitting
from assistant.library import queries as library
from assistant.matching.evaluation import BadQuestionsError, Report, evaluate, read_labelled, report
from assistant.questions.ask import matcher

matching = AppGroup("matching", help="Measure how well questions find their entries.")


@matching.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pairs", default=10, show_default=True, help="How many pairs of entries that are confused are shown.")
def evaluate_command(file: Path, pairs: int) -> None:
    """Ask the labelled questions of FILE, and print shares with their intervals of 95 %.

    FILE holds one JSON object a line: question, entry (slug, or null where nothing answers it), also (slugs that are
    right too), may_abstain (whether not to answer is right too).
    """
    try:
        questions = read_labelled(file.read_text(encoding="utf-8").splitlines())
    except (BadQuestionsError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}") from None
    using = matcher()
    slugs = [row.slug for row in library.published()]
    unknown = {slug for each in questions for slug in each.entries} - set(slugs)
    _tell(using.name, evaluate(questions, using.match, slugs, pairs=pairs))
    if unknown:
        click.echo(f"counted as off topic, since the library has no such entries: {', '.join(sorted(unknown))}")


@matching.command("cross-validate")
@click.option("--pairs", default=10, show_default=True, help="How many pairs of entries that are confused are shown.")
def cross_validate_command(pairs: int) -> None:
    """Ask the library its own phrasings, each left out in its turn: at random, and with those like it."""
    from assistant.matching.learning import cross_validated  # noqa: PLC0415 - loads scikit-learn

    fitting.refit()
    fitted = fitting.stored_fit()
    if fitted is None:
        raise UnavailableError("nothing has been learned: questions are matched by words")
    for groups, title in ((False, "left out at random"), (True, "left out with those like them")):
        found = cross_validated(fitted, groups=groups)
        _tell(title, report([({slug} if slug else set(), False, match) for slug, match in found], pairs=pairs))


def _tell(title: str, told: Report) -> None:
    click.echo(title)
    for line in told.lines():
        click.echo(f"  {line}")

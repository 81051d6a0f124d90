"""``flask matching``: how well questions find their entries."""

from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from assistant.database import reading
from assistant.errors import UnavailableError
from assistant.library import fitting
from assistant.library import queries as library
from assistant.matching.adapter import FILE, Adapter
from assistant.matching.encoder import Encoder, EncoderUnavailableError, weights_folder
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
    with reading():
        using = matcher()
        slugs = [row.slug for row in library.published()]
    unknown = {slug for each in questions for slug in each.entries} - set(slugs)
    _tell(using.name, evaluate(questions, using.match, slugs, pairs=pairs))
    if unknown:
        click.echo(f"counted as off topic, since the library has no such entries: {', '.join(sorted(unknown))}")


@matching.command("cross-validate")
@click.option("--pairs", default=10, show_default=True, help="How many pairs of entries that are confused are shown.")
def cross_validate_command(pairs: int) -> None:
    """Ask the library its own newest phrasings, which nothing that decides on them was learned from."""
    from assistant.matching.learning import cross_validated  # noqa: PLC0415 - loads scikit-learn

    fitting.refit()
    with reading():
        fitted, encoder = fitting.stored_fit(), fitting.encoder()
    if fitted is None or encoder is None:
        raise UnavailableError("nothing has been learned: questions are matched by words")
    found = cross_validated(fitted, encoder)
    _tell(
        "phrasings that were kept out",
        report([({slug} if slug else set(), False, match) for slug, match in found], pairs=pairs),
    )


@matching.command("tune")
@click.option("--starts", default=3, show_default=True, type=click.IntRange(1), help="How many adapters are averaged.")
@click.option(
    "--to",
    "path",
    default=FILE,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The file to write.",
)
def tune_command(starts: int, path: Path) -> None:
    """Learn the encoder's adapter anew from the library; takes some twenty minutes for each start.

    This is for who changes the project. Each entry's newest phrasings are kept out. Afterwards stop web and worker,
    import the library, and start them again: a process keeps the adapter that it began with.
    """
    from assistant.matching.tuning import lessons_of, tune  # noqa: PLC0415 - loads TensorFlow

    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}", param_hint="--to")
    with reading():
        lessons = lessons_of(*fitting.texts())
    if len({each.owner for each in lessons}) < 2:
        raise UnavailableError("the library is empty: run `flask --app wsgi library import`")
    try:
        plain = Encoder(weights_folder())
    except EncoderUnavailableError as error:
        raise UnavailableError(str(error)) from None
    adapters = []
    for seed in range(starts):
        with click.progressbar(length=1_000, label=f"{len(lessons)} texts, start {seed + 1} of {starts}") as bar:

            def progress(done: float, _loss: float, bar: Any = bar) -> None:  # noqa: ANN401
                bar.update(round(1_000 * done) - bar.pos)

            adapters.append(tune(plain, lessons, seed=seed, progress=progress))
    adapter = Adapter.mean(adapters)
    adapter.write(path)
    click.echo(f"adapter {adapter.name}: {path}")


def _tell(title: str, told: Report) -> None:
    click.echo(title)
    for line in told.lines():
        click.echo(f"  {line}")

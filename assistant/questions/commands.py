"""``flask matching``: fitting the matcher, and how well questions find their entries."""

import os
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from assistant.database import reading
from assistant.errors import UnavailableError
from assistant.languages import FIT
from assistant.languages.encoder import MultilingualEncoder, is_installed
from assistant.library import queries as library
from assistant.library.commands import content_folder
from assistant.library.content.content_files import content_corpus
from assistant.library.phrasing_queries import corpus
from assistant.matching import Match
from assistant.matching.meaning import vectors
from assistant.matching.meaning.adapter import FILE, Adapter
from assistant.matching.meaning.encoder import Encoder, EncoderUnavailableError, weights_folder
from assistant.matching.measuring.evaluation import Report, evaluate, report
from assistant.matching.measuring.labelled import BadQuestionsError, read_labelled, read_posts
from assistant.matching.measuring.post_evaluation import answers_of, report_on_posts
from assistant.matching.measuring.reliability import draw, reliability
from assistant.matching.posts.parts import Matched
from assistant.matching.text import visible
from assistant.questions.understanding.matcher import (
    available_encoder,
    is_stale,
    matcher,
    refit,
    stored_fit,
    vectors_of_library,
)
from assistant.questions.understanding.understand import understand

FIGURES = (".svg", ".png", ".pdf")
STARTING = 120  # seconds that the process of other languages may take to start, on a busy machine

matching = AppGroup("matching", help="Fit the matcher, and measure how well questions find their entries.")


@matching.command("evaluate")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--pairs", default=10, show_default=True, help="How many pairs of entries that are confused are shown.")
@click.option(
    "--figure",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Draw there whether scores are probabilities, as SVG, PNG or PDF by the file's ending.",
)
def evaluate_command(file: Path, pairs: int, figure: Path | None) -> None:
    """Ask the labelled questions of FILE, and print shares with their intervals of 95 %.

    FILE holds one JSON object a line: question, entry (slug, or null where nothing answers it), also (slugs that are
    right too), may_abstain (whether not to answer is right too).
    """
    try:
        questions = read_labelled(file.read_text(encoding="utf-8").splitlines())
    except (BadQuestionsError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}") from None
    if figure is not None and (figure.suffix not in FIGURES or not figure.parent.is_dir()):
        raise click.BadParameter(
            f"must be a file in a folder that is there, named {', '.join(FIGURES)}", param_hint="--figure"
        )
    refit(threads=os.cpu_count() or 1)
    with reading():
        using = matcher()
        slugs = [row.slug for row in library.published_entries()]
        matches = {each.question: _main_match(each.question) for each in questions}
        found = evaluate(questions, matches.__getitem__, slugs, pairs=pairs)
    unknown = {slug for each in questions for slug in each.entries} - set(slugs)
    _tell(using.name, found)
    bins = reliability([(each.entries, matches[each.question]) for each in questions])
    click.echo("of the questions whose nearest entry has a score, those that it answers")
    for each in bins:
        click.echo(f"  {each}")
    if figure is not None:
        draw(bins, figure)
    if unknown:
        click.echo(f"counted as off topic, since the library has no such entries: {', '.join(sorted(unknown))}")


@matching.command("evaluate-posts")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def evaluate_posts_command(file: Path) -> None:
    """Ask the labelled posts of FILE, each part of them, and print shares with their intervals of 95 %.

    FILE holds one JSON object a line: question (the post), entries (for each question in it, a list of the slugs that
    are right; an empty one where nothing answers it).
    """
    try:
        posts = read_posts(file.read_text(encoding="utf-8").splitlines())
    except (BadQuestionsError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}") from None
    refit(threads=os.cpu_count() or 1)
    with reading():
        click.echo(matcher().name)
        found = [answers_of(each, _matched(each.post)) for each in posts]
    for line in report_on_posts(found):
        click.echo(f"  {line}")


def _main_match(text: str) -> Match:
    """Return what a question is taken for, of a post its main part."""
    return _matched(text).main.match


def _matched(text: str) -> Matched:
    """Return what a post is taken for, part by part."""
    return understand(visible(text))


@matching.command("cross-validate")
@click.option("--pairs", default=10, show_default=True, help="How many pairs of entries that are confused are shown.")
def cross_validate_command(pairs: int) -> None:
    """Ask the library its own phrasings that are held out, which nothing that decides on them has learned."""
    from assistant.matching.meaning.fitting import cross_validate  # noqa: PLC0415 - loads scikit-learn

    refit(threads=os.cpu_count() or 1)
    with reading():
        fit, using, texts = stored_fit(), available_encoder(), corpus()
    if fit is None or using is None:
        raise UnavailableError("nothing has been fitted: questions are matched by words")
    found = cross_validate(fit, texts, using)
    _tell(
        "phrasings that were held out",
        report([({slug} if slug else set(), False, match) for slug, match in found], pairs=pairs),
    )


@matching.command("fit")
def fit_command() -> None:
    """Fit the matcher to the library where that changed; the worker does the same when no run waits."""
    if available_encoder() is None:
        raise UnavailableError("the sentence vectors are not installed: questions are matched by words")
    if not is_stale():
        click.echo("the matcher is fitted to the library as it is")
    elif not refit(threads=os.cpu_count() or 1):
        raise UnavailableError(
            "nothing can be fitted: the library needs entries, and phrasings that are held out of learning, of entries "
            "and of what no entry answers"
        )


@matching.command("vectors")
@click.option(
    "--to",
    "path",
    default=vectors.FILE,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The file to write.",
)
def vectors_command(path: Path) -> None:
    """Write the vectors of all texts of the content files, so that a first start need not compute them.

    This is for who changes the project: after phrasings were added, or the adapter was trained anew. What only the
    database holds is left out.
    """
    using = available_encoder()
    if using is None:
        raise UnavailableError("the sentence vectors are not installed")
    own = vectors_of_library(content_corpus(content_folder()), using, threads=os.cpu_count() or 1)
    vectors.write(path, using.name, own)
    click.echo(f"{len(own):,} vectors of {using.name}: {path}, {path.stat().st_size / 1e6:.1f} MB")


@matching.command("languages")
@click.option(
    "--to",
    "path",
    default=FIT,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The file to write.",
)
def languages_command(path: Path) -> None:
    """Fit what matches questions in other languages than English to the content files, and write it.

    This is for who changes the project, after phrasings were added: a text that the file lacks is encoded when the
    first such question comes, which takes 3 ms.
    """
    from assistant.matching.meaning.fitting import fit  # noqa: PLC0415 - loads scikit-learn

    if not is_installed():
        raise UnavailableError("the encoder of other languages is not installed: pip install '.[languages]'")
    using = MultilingualEncoder(current_app.config["SETTINGS"].data_dir, patience=STARTING)
    found = fit(content_corpus(content_folder()), using, by_words=False)
    path.write_bytes(found.to_bytes())
    click.echo(f"{len(found.digests):,} vectors of {using.name}: {path}, {path.stat().st_size / 1e6:.1f} MB")


@matching.command("train")
@click.option("--starts", default=3, show_default=True, type=click.IntRange(1), help="How many adapters are averaged.")
@click.option(
    "--to",
    "path",
    default=FILE,
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="The file to write.",
)
def train_command(starts: int, path: Path) -> None:
    """Train the encoder's adapter anew on the library; takes some 16 minutes of two cores for each start.

    This is for who changes the project. The phrasings that are held out teach it nothing. What each start has learned
    is kept in DATA_DIR until all have: interrupted, the command goes on with the start that it had not ended.
    Afterwards run `flask matching vectors`, and start web and worker again: a process keeps the adapter that it began
    with.
    """
    from assistant.matching.meaning.training import stored_start, train, training_set  # noqa: PLC0415 - loads TensorFlow

    if not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}", param_hint="--to")
    with reading():
        examples = training_set(corpus())
    if len({each.owner for each in examples}) < 2:
        raise UnavailableError("the library is empty: run `flask --app wsgi library import`")
    try:
        plain = Encoder(weights_folder())
    except EncoderUnavailableError as error:
        raise UnavailableError(str(error)) from None
    files = [stored_start(current_app.config["SETTINGS"].data_dir, examples, seed) for seed in range(starts)]
    for seed, file in enumerate(files):
        if file.is_file():
            click.echo(f"start {seed + 1} of {starts}: {file}")
            continue
        with click.progressbar(length=1_000, label=f"{len(examples)} texts, start {seed + 1} of {starts}") as bar:

            def progress(done: float, _loss: float, bar: Any = bar) -> None:  # noqa: ANN401
                bar.update(round(1_000 * done) - bar.pos)

            train(plain, examples, seed=seed, progress=progress).write(file)
    adapter = Adapter.mean([Adapter.read(file) for file in files])
    adapter.write(path)
    for file in files:
        file.unlink()
    click.echo(f"adapter {adapter.name}: {path}")


def _tell(title: str, told: Report) -> None:
    click.echo(title)
    for line in told.lines():
        click.echo(f"  {line}")

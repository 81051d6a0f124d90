"""``flask match`` and ``flask matching``: their contract, and what they print."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from flask import Flask
from flask_migrate import upgrade

from assistant import create_app
from assistant.database import db, reading, writing
from assistant.library import phrasing_queries
from assistant.library.content.content_files import content_corpus
from assistant.matching import digest_of
from assistant.matching.meaning import vectors
from assistant.matching.meaning.adapter import FILE, Adapter
from assistant.matching.meaning.encoder import EncoderUnavailableError
from assistant.matching.meaning.training import stored_start, training_set
from assistant.questions.tables import FitRow
from assistant.questions.understanding import matcher
from tests.assistant.conftest import TITLE
from tests.conftest import ROOT, settings_in

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
KEYS = {"question", "outcome", "entry", "score", "suggestions", "parts", "language"}
LINES = [
    TITLE.encode(),
    b"Where is the nearest petrol station?",
    b"",
    b"   ",
    b"?!",
    b"a",
    b"\x00\x07\x1b[0m",
    b"\xff\xfe not utf-8",
    "🤖🔥".encode(),
    "为什么神经元不同？".encode(),
    b"word " * 2_000,
    b"x" * 10_000,
]


@pytest.fixture
def data_dir(few: Path) -> Path:
    """Few of the entries, to which the matcher is fitted in no time."""
    return few


@pytest.fixture
def run(app: Flask) -> Run:
    def run(*args: str | Path, text: bytes | None = None) -> Result:
        return app.test_cli_runner().invoke(args=[str(arg) for arg in args], input=text)

    return run


@pytest.fixture
def without_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which the sentence vectors are not installed."""

    def absent() -> None:
        raise EncoderUnavailableError("the package of weights is not installed")

    monkeypatch.setattr(matcher, "installed_encoder", absent)


@pytest.fixture(autouse=True)
def forget_the_encoder() -> Iterator[None]:
    """Look anew, in these tests and after them, whether there are sentence vectors."""
    matcher._current.cache_clear()
    matcher.available_encoder.cache_clear()
    yield
    matcher._current.cache_clear()
    matcher.available_encoder.cache_clear()


def matched(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def keeps_the_contract(found: list[dict[str, object]]) -> None:
    assert len(found) == len(LINES)
    for each in found:
        assert set(each) == KEYS
        assert each["outcome"] in {"answer", "suggest", "unknown"}
        assert isinstance(each["suggestions"], list)
        assert len(set(each["suggestions"])) == 3
        assert isinstance(each["score"], float)
        assert 0 <= each["score"] <= 1
        assert each["entry"] == (each["suggestions"][0] if each["outcome"] == "answer" else None)


def test_any_line_has_one_object_with_the_nearest_three(run: Run) -> None:
    found = matched(run("match", text=b"\n".join(LINES) + b"\n"))
    keeps_the_contract(found)
    assert found[0]["entry"] == "why-neurons-differ"
    assert all(each["outcome"] != "answer" for each in found[1:9])
    assert [each["outcome"] for each in found[2:5]] == ["unknown"] * 3


@pytest.mark.usefixtures("without_vectors")
def test_without_vectors_the_contract_holds_too_and_the_log_says_so_once(
    run: Run, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    found = matched(run("match", text=b"\n".join(LINES) + b"\n"))
    keeps_the_contract(found)
    assert found[0]["entry"] == "why-neurons-differ"
    assert found[1]["outcome"] == "unknown"
    assert app.test_client().get("/readyz").get_json()["matcher"] == "lexical-2"
    told = [each.getMessage() for each in caplog.records if "matched by words" in each.getMessage()]
    assert told == ["questions are matched by words: the package of weights is not installed"]


def test_evaluation_prints_shares_with_intervals_and_confused_pairs(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    questions = [
        {"question": TITLE, "entry": "why-neurons-differ"},
        {"question": TITLE, "entry": "two-neurons-one-line", "also": []},
        {"question": "Where is the nearest petrol station?", "entry": None, "may_abstain": True},
        {"question": "What is a foreign thing?", "entry": "no-such-entry"},
    ]
    path.write_text("\n".join(json.dumps(each) for each in questions), encoding="utf-8")
    drawn = tmp_path / "reliability.svg"
    result = run("matching", "evaluate", path, "--figure", drawn)
    assert result.exit_code == 0, result.output
    assert "0.9 to 1.0, 1.000 on average: 1 of 2: 50.0% (9.5% to 90.5%)" in result.output
    assert drawn.read_text(encoding="utf-8").count("<svg") == 1
    assert "right, of covered              1 of 2: 50.0% (9.5% to 90.5%)" in result.output
    assert "wrong answers, of all          1 of 4: 25.0%" in result.output
    assert "off topic, answered            0 of 2: 0.0%" in result.output
    assert "confused   1 times: two-neurons-one-line -> why-neurons-differ" in result.output
    assert result.output.endswith("since the library has no such entries: no-such-entry\n")


def test_a_file_that_cannot_be_evaluated_is_one_clear_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"question": "why", "entry": null}\n{"question": 3}\n', encoding="utf-8")
    result = run("matching", "evaluate", path)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {path}: line 2: ")
    assert run("matching", "evaluate", tmp_path / "none").exit_code == 2
    path.write_text('{"question": "why", "entry": null}\n', encoding="utf-8")
    for figure in ("reliability.txt", "no-folder/reliability.svg"):
        result = run("matching", "evaluate", path, "--figure", tmp_path / figure)
        assert result.exit_code == 2
        assert "--figure" in result.output


def test_posts_are_evaluated_question_by_question(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    posts = [
        {"question": TITLE, "entries": [["why-neurons-differ"]]},
        {"question": TITLE, "entries": [["two-neurons-one-line"], ["why-neurons-differ"]]},
        {"question": TITLE, "entries": [["two-neurons-one-line"], []]},
        {"question": TITLE, "entries": [[]]},
        {"question": "Where is the nearest petrol station?", "entries": [[]]},
    ]
    path.write_text("\n".join(json.dumps(each) for each in posts), encoding="utf-8")
    result = run("matching", "evaluate-posts", path)
    assert result.exit_code == 0, result.output
    assert [" ".join(line.split()).partition(" (")[0] for line in result.output.splitlines()[-12:]] == [
        "one covered question",
        "found 1 of 1: 100.0%",
        "something else answered 0 of 1: 0.0%",
        "several covered questions",
        "all of them found 0 of 1: 0.0%",
        "one at least found 1 of 1: 100.0%",
        "something else answered 0 of 1: 0.0%",
        "one covered question of several",
        "found 0 of 1: 0.0%",
        "something else answered 1 of 1: 100.0%",
        "nothing covered",
        "answered 1 of 2: 50.0%",
    ]
    for line in (
        '{"question": "why", "entries": ["a"]}',
        '{"question": 3, "entries": [[]]}',
        '{"question": "why"}',
        "no",
    ):
        path.write_text(line, encoding="utf-8")
        result = run("matching", "evaluate-posts", path)
        assert result.exit_code == 1
        assert result.output.startswith(f"Error: {path}: line 1: ")


def test_the_library_can_be_asked_its_own_phrasings(run: Run) -> None:
    result = run("matching", "cross-validate", "--pairs", "3")
    if "matched by words" in result.output:
        pytest.skip("no sentence vectors")
    assert result.exit_code == 0, result.output
    assert "phrasings that were held out" in result.output
    assert "right among three, of covered" in result.output


def test_training_says_at_once_what_it_cannot_do(run: Run, tmp_path: Path) -> None:
    result = run("matching", "train", "--to", tmp_path / "nowhere" / "adapter.npz")
    assert result.exit_code == 2
    assert f"there is no folder {tmp_path / 'nowhere'}" in result.output


def test_starts_that_were_learned_before_an_interruption_are_not_learned_again(
    run: Run, app: Flask, tmp_path: Path
) -> None:
    with app.app_context(), reading():
        examples = training_set(phrasing_queries.corpus())
    shipped = Adapter.read(FILE)
    files = [stored_start(app.config["SETTINGS"].data_dir, examples, seed) for seed in (0, 1)]
    assert len({*files, stored_start(tmp_path, examples, 0), stored_start(tmp_path, examples[1:], 0)}) == 4
    try:
        for times, file in enumerate(files):
            changes = {layer: (down, times * up) for layer, (down, up) in shipped.changes.items()}
            Adapter(changes, frozenset({digest_of(file.name)})).write(file)
        result = run("matching", "train", "--starts", "2", "--to", tmp_path / "adapter.npz")
    finally:
        left = [file for file in files if file.exists()]
        for file in left:
            file.unlink()
    assert result.exit_code == 0, result.output
    assert not left
    assert f"start 1 of 2: {files[0]}" in result.output
    mean = Adapter.read(tmp_path / "adapter.npz")
    assert mean.name in result.output
    assert mean.seen == {digest_of(file.name) for file in files}
    for layer, (down, up) in mean.changes.items():
        np.testing.assert_allclose(up @ down, shipped.changes[layer][1] @ shipped.changes[layer][0] / 2, atol=1e-2)


def test_an_empty_library_is_nothing_to_train_with(tmp_path: Path) -> None:
    app = create_app(settings_in(tmp_path))
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
    result = app.test_cli_runner().invoke(args=["matching", "train", "--to", str(tmp_path / "adapter.npz")])
    assert result.exit_code == 1
    assert "the library is empty" in result.output
    assert not (tmp_path / "adapter.npz").exists()
    fitted = app.test_cli_runner().invoke(args=["matching", "fit"])
    if "not installed" not in fitted.output:
        assert fitted.exit_code == 1
        assert "nothing can be fitted: the library needs entries" in fitted.output


def test_a_fit_is_made_by_a_command_and_where_none_is_by_match(run: Run, app: Flask) -> None:
    with app.app_context():
        if matcher.available_encoder() is None:
            pytest.skip("no sentence vectors")
        with writing():
            db.session.delete(db.session.get_one(FitRow, 1))
    assert matched(run("match", text=TITLE.encode()))[0]["entry"] == "why-neurons-differ"
    with app.app_context():
        assert matcher.matcher().name.startswith("semantic")
    assert "the matcher is fitted to the library as it is" in run("matching", "fit").output
    with app.app_context(), writing():
        phrasing_queries.add(None, "Is this a new question?", by="Ada")
    assert run("matching", "fit").exit_code == 0
    with app.app_context():
        assert not matcher.is_stale()


@pytest.mark.usefixtures("without_vectors")
def test_without_vectors_nothing_is_fitted(run: Run, tmp_path: Path) -> None:
    for args in (("fit",), ("vectors", "--to", tmp_path / "v.npz")):
        result = run("matching", *args)
        assert result.exit_code == 1
        assert "the sentence vectors are not installed" in result.output


def test_the_vectors_of_the_content_files_are_written(run: Run, app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        using = matcher.available_encoder()
        if using is None:
            pytest.skip("no sentence vectors")
        with writing():
            phrasing_queries.add(None, "Is this of the database alone?", by="Ada")
        result = run("matching", "vectors", "--to", tmp_path / "v.npz")
        assert result.exit_code == 0, result.output
        written = vectors.read(tmp_path / "v.npz", using.name)
        texts = content_corpus(ROOT / "content").texts
    assert set(written) == {digest_of(text) for text in texts}
    assert f"{len(written):,} vectors of {using.name}" in result.output

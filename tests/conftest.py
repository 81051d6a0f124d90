"""Fixtures for all tests; they load TensorFlow only when called for, so that tests without it start at once."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import numpy as np
import numpy.typing as npt
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule as Route
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from assistant import create_app, logs
from assistant.accounts import passwords
from assistant.config import Settings
from assistant.database import db
from assistant.library.content import content_files
from assistant.library.phrasings import NOT_COVERED, file_of
from assistant.questions.understanding.matcher import refit
from models.compilation_cache import FLAG, FLAGS
from models.datasets import Dataset, blobs, coffee
from models.network import Network
from models.orders import Orders
from models.program import BLOCK, Program, Rule
from tests.trained import made_once, shared, trained

__all__ = ["shared", "trained"]

ROOT = Path(__file__).parents[1]

hypothesis.settings.register_profile("project", deadline=None)  # How long an example takes hangs on the machine.
hypothesis.settings.load_profile("project")


def pytest_configure(config: pytest.Config) -> None:
    """Parse each text of a content file once, and hash passwords in no time: most tests do both, many times.

    What one process of the tests has compiled, or a worker that they start, no other compiles again.
    """
    if FLAG not in os.environ.get(FLAGS, ""):
        folder = TemporaryDirectory(prefix="askneuron-compiled-", ignore_cleanup_errors=True)
        os.environ[FLAGS] = f'{os.environ.get(FLAGS, "")} {FLAG}="{folder.name}"'.strip()
        config.add_cleanup(folder.cleanup)
    patch = pytest.MonkeyPatch()
    patch.setattr(content_files, "parse", cache(content_files.parse))
    patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    config.add_cleanup(patch.undo)


FEW = (  # entries, for tests that fit the matcher again and again
    "do-biases-break-symmetry",
    "how-many-hidden-neurons",
    "same-features-different-neurons",
    "two-neurons-one-line",
    "what-the-learning-rate-changes",
    "why-a-neuron-splits-the-blobs-in-two",
    "why-neurons-differ",
    "why-validation-loss-rises",
)

# Questions to *why-neurons-differ* that no phrasing resembles; those that are answered all the same are passed over.
CLUMSY = (
    "dice for w, why roll them",
    "twins in the layer, how do they ever part?",
    "need for luck when it begins?",
    "shake the w a bit first, what does it give",
    "is the chaos at the start any good",
    "copies of one and the same unit, a pity or fine?",
    "clones all the way, is it bad",
)

# A test that uses one of these fixtures carries the marker, so that nobody has to think of it.
MARKERS = {"browser": {"chromium"}, "worker": {"service", "small_library"}}


TRAINING = ("tests/models/experiments/", "tests/models/figures/")  # each file trains an experiment at its defaults
SLOW = re.compile(r"^pytestmark = .*\bslow\b", re.MULTILINE)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import a file of slow tests where these are left out; most import TensorFlow, which takes seconds."""
    if "not slow" not in config.option.markexpr or collection_path.suffix != ".py":
        return None
    slow = collection_path.relative_to(ROOT).as_posix().startswith(TRAINING)
    return True if slow or SLOW.search(collection_path.read_text(encoding="utf-8")) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a browser or a worker, by the fixtures that they use, and those of all experiments.

    The experiments come first: the browser's tests show what theirs have trained and drawn. Then comes what one process
    must do alone, and last what fits in beside it, so that no process is left alone with a long folder at the end.
    """
    order = ("tests/models/", *SHARED, "tests/test_", "")
    items.sort(key=lambda item: order.index(next(filter(item.nodeid.startswith, order))))
    for item in items:
        if item.nodeid.startswith(TRAINING):
            item.add_marker("slow")
        for marker, fixtures in MARKERS.items():
            if fixtures & set(getattr(item, "fixturenames", ())):
                item.add_marker(marker)


EXPERIMENTS = sorted(path.stem.replace("_", "-") for path in (ROOT / "models" / "experiments").glob("[a-z]*.py"))
# Folders whose tests share a service or a worker: each runs in one process, and one browser is enough for two cores.
SHARED = ("tests/browser/", "tests/assistant/runs/")


def scope_of(nodeid: str) -> str:
    """Return what a test shares with others: a service, a worker, an experiment's runs, or what its file trains."""
    path, _, test = nodeid.partition("::")
    if path.startswith(SHARED):
        return next(folder for folder in SHARED if path.startswith(folder))
    if path.startswith("tests/models/"):
        words = [Path(path).stem.removeprefix("test_").replace("_", "-"), test.partition("[")[2].removesuffix("]")]
        named = [name for name in EXPERIMENTS for word in words if f"-{name}-" in f"-{word}-"]
        return max(named, key=len, default=path)
    return path


class SharedProcesses(LoadScopeScheduling):  # type: ignore[misc]
    """Tests that share something that takes long to make run in one process, in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharedProcesses:
    """Say which tests of several processes run together."""
    config.option.loadscopereorder = False
    return SharedProcesses(config, log)


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compile each template once for all services of the tests, and not once for each."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": cache}


@pytest.fixture(scope="session", autouse=True)
def compiled_routes() -> Iterator[None]:
    """Compile each route once for all services of the tests, and not once for each: seventy routes take 30 ms.

    What werkzeug compiles, a function that writes addresses, depends on the route alone.
    """
    compiled: dict[Any, Any] = {}
    compile_route = Route._compile_builder

    def once(route: Route, append_unknown: bool = True) -> Any:
        key = route.rule, *route._trace, repr(route.defaults), append_unknown
        if key not in compiled:
            compiled[key] = compile_route(route, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Route, "_compile_builder", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_late_lines() -> Iterator[None]:
    """Let no test find in its own output what another one's warnings come to a minute later."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "MINUTE", 86_400.0)
        yield


def settings_in(folder: Path, **values: object) -> Settings:
    """Return settings whose data lie in a folder of the test's own."""
    folder.mkdir(parents=True, exist_ok=True)
    return Settings.model_validate({"data_dir": folder, "content_dir": ROOT / "content", **values})


def prepare(folder: Path, content: Path) -> Path:
    """Make a data folder with a migrated database that holds a folder of content, and the matcher fitted to it."""
    app = create_app(settings_in(folder, content_dir=content))
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
    result = app.test_cli_runner().invoke(args=["library", "import"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        refit()
        db.engine.dispose()  # An open database has files beside it that come and go while the folder is copied.
    return folder


def copy_entries(slugs: Sequence[str], folder: Path) -> Path:
    """Copy some of the library's entries with their phrasings, and a few questions that none covers, to a folder.

    A link to another entry leads to the linking one instead.
    """
    content = ROOT / "content"
    (folder / "phrasings").mkdir(parents=True)
    for slug in slugs:
        shutil.copy(content / file_of(slug), folder / file_of(slug))
        text = (content / f"{slug}.md").read_text(encoding="utf-8")
        linked = re.sub(rf"\]\((?!(?:{'|'.join(slugs)})\))[a-z-]+\)", f"]({slug})", text)
        (folder / f"{slug}.md").write_text(linked, encoding="utf-8")
    not_covered = (content / NOT_COVERED).read_text(encoding="utf-8").splitlines(keepends=True)
    held_out = [line for line in not_covered[50:] if line.startswith("* ")]
    (folder / NOT_COVERED).write_text("".join([*not_covered[:50], *held_out[:20]]), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def prepared(shared: Path) -> Path:
    """A data folder with a migrated database that holds the library; tests work on copies of it."""
    folder = shared / "prepared"
    with made_once(folder) as new:
        return prepare(folder, ROOT / "content") if new else folder


@pytest.fixture(scope="session")
def prepared_few(shared: Path) -> Path:
    """A data folder as `prepared`, with few of the entries, for tests that fit the matcher again and again."""
    folder = shared / "few"
    with made_once(folder) as new:
        return prepare(folder, copy_entries(FEW, shared / "few-content")) if new else folder


@pytest.fixture(scope="session")
def examples() -> dict[str, Dataset]:
    """Return 100 examples for each loss, with normalised features.

    A hundred, so that batches of 32 leave a short last batch of 4. Normalised, because raw blobs saturate tanh: there
    1 - tanh² loses most of its digits, differently in XLA and in Eigen, and Adam makes real steps of the difference.
    """
    roasts, points = coffee.load(), blobs.load()
    roasts = replace(roasts, x=roasts.x[:100], targets=roasts.targets[:100], labels=roasts.labels[:100])
    points = replace(points, x=(points.x - points.x.mean(axis=0)) / points.x.std(axis=0))
    first, second = roasts.x.T
    curved = np.stack((np.sin(2 * first) * second, first - second), axis=1)  # (rows, 2)
    return {
        "binary_crossentropy": roasts,
        "softmax_crossentropy": points,
        "softmax_twice": points,
        "raw_crossentropy": points,
        "squared_error": replace(roasts, targets=curved.astype(np.float32)),
    }


@pytest.fixture(scope="session")
def visited_rows() -> Callable[..., npt.NDArray[np.int32]]:
    """Return a function for the rows (epochs, examples, members) in the order in which the engine visits them.

    No other place in the tests knows how the engine lays out its chunks of orders.
    """

    def visited(*, examples: int, batch: int, epochs: int, seed: int, members: int) -> npt.NDArray[np.int32]:
        network = Network((1, 1), "linear", "squared_error")  # Orders do not depend on the network.
        program = Program(network, Rule(), examples, batch, dropout=False)
        orders = Orders(program, seed, np.arange(BLOCK))
        steps = epochs * program.batches
        chunks = [orders.containing(step, steps)[0].copy() for step in range(0, steps, orders.every)]
        return np.concatenate(chunks, axis=1)[:members, :epochs].transpose(1, 2, 0)

    return visited

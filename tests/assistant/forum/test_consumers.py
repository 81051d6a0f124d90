"""Real consumers before a real server: each has to show the right thing for an entry and a run.

They are skipped where they are not installed: `npm ci` in tests/forum-consumers, and on Debian
`apt-get install ruby-oembed ruby-open-graph-reader`.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import micawber
import pytest
from pyoembed import oEmbed

from assistant import create_app
from assistant.forum import cards
from tests.assistant.forum.conftest import SLUG, TITLE, store_run
from tests.conftest import ROOT, settings_in
from tests.ports import reserved_port

pytestmark = pytest.mark.slow

CONSUMERS = ROOT / "tests" / "forum-consumers"
VERDICT = "3 of 3 claims held when 64 networks were trained, 1 March 2024. Because they do not start the same."


@dataclass(frozen=True)
class Shown:
    """What a consumer should show of one page."""

    address: str
    frame: str
    picture: str

    @property
    def html(self) -> str:
        return f'<iframe src="{self.frame}" width="690" height="520" title="{TITLE}" frameborder="0"></iframe>'


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """The server's port."""
    with reserved_port() as kept:
        yield kept


@pytest.fixture(scope="session")
def server(prepared: Path, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server with a finished run and its card."""
    data = Path(shutil.copytree(prepared, tmp_path_factory.mktemp("served") / "data"))
    address = f"http://127.0.0.1:{port}"
    app = create_app(settings_in(data, public_url=address))
    with app.app_context():
        store_run("finished")
        while cards.draw_next():
            pass
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"DATA_DIR": str(data), "PUBLIC_URL": address}
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket"]
    with (data / "web.log").open("wb") as log:
        process = subprocess.Popen([*command, "wsgi:app"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 120
        while not answers(address):
            assert time.monotonic() < end, (data / "web.log").read_text()
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz", timeout=5) as response:  # noqa: S310 - the tests' own server
            return bool(response.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(params=["entry", "run"])
def shown(request: pytest.FixtureRequest, server: str) -> Shown:
    """What should be shown of an entry, and of a run."""
    path, frame = ("entries", f"embed/{SLUG}") if request.param == "entry" else ("runs", "embed/runs/finished")
    name = SLUG if request.param == "entry" else "finished"
    return Shown(f"{server}/{path}/{name}", f"{server}/{frame}", f"{server}/runs/finished/card-1200.png")


def node(script: str, *args: str) -> Any:
    if shutil.which("node") is None or not (CONSUMERS / "node_modules").is_dir():
        pytest.skip("run `npm ci` in tests/forum-consumers")
    return printed(["node", str(CONSUMERS / script), *args])


def ruby(script: str, library: str, *args: str) -> Any:
    there = ["ruby", "-e", f"require '{library}'"]
    if shutil.which("ruby") is None or subprocess.run(there, capture_output=True, check=False).returncode:
        pytest.skip("on Debian: apt-get install ruby-oembed ruby-open-graph-reader")
    return printed(["ruby", "-W0", str(CONSUMERS / script), *args])


def printed(command: list[str]) -> Any:
    """Return the JSON that a consumer prints; it reaches this machine alone."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def expect_oembed(told: dict[str, Any], shown: Shown) -> None:
    assert told["type"] == "rich"
    assert told["title"] == TITLE
    assert told["html"] == shown.html
    assert told["provider_name"] == "Askneuron"
    assert [int(told[name]) for name in ("width", "height")] == [690, 520]
    assert told["thumbnail_url"] == shown.picture
    assert [int(told[f"thumbnail_{name}"]) for name in ("width", "height")] == [1200, 630]


def test_micawber(shown: Shown, server: str) -> None:
    providers = micawber.ProviderRegistry()
    providers.register(rf"{server}/(entries|runs)/\S+", micawber.Provider(f"{server}/oembed"))
    expect_oembed(providers.request(shown.address), shown)
    narrow = providers.request(shown.address, maxwidth=300, maxheight=200)
    assert (narrow["width"], narrow["height"], narrow["thumbnail_width"]) == (300, 200, 240)
    assert micawber.parse_text(f"Look here:\n{shown.address}", providers) == f"Look here:\n{shown.html}"
    with pytest.raises(micawber.ProviderException):
        providers.request(f"{server}/entries/none")


@pytest.mark.filterwarnings("default")  # its own ways with its libraries are not ours to mend
def test_pyoembed(shown: Shown) -> None:
    expect_oembed(oEmbed(shown.address), shown)
    narrow = oEmbed(shown.address, maxwidth=300)
    assert (narrow["width"], narrow["thumbnail_width"]) == (300, 240)


def test_oembed_extractor(shown: Shown) -> None:
    expect_oembed(node("oembed-extractor.mjs", shown.address), shown)
    narrow = node("oembed-extractor.mjs", shown.address, "300")
    assert (narrow["width"], narrow["thumbnail_width"]) == (300, 240)


def test_unfurl(shown: Shown) -> None:
    told = node("unfurl.mjs", shown.address)
    expect_oembed({**told["oEmbed"], **thumbnail(told["oEmbed"])}, shown)
    assert told["canonical_url"] == told["open_graph"]["url"] == shown.address
    assert told["open_graph"]["type"] == "website"
    for kind in ("open_graph", "twitter_card"):
        assert told[kind]["title"] == TITLE
        assert told[kind]["description"].startswith(VERDICT)
        assert told[kind]["images"][0]["url"] == shown.picture


def thumbnail(told: dict[str, Any]) -> dict[str, Any]:
    """Return unfurl's thumbnail under the names of the specification."""
    (picture,) = told["thumbnails"]
    return {f"thumbnail_{name}": value for name, value in picture.items()}


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_ruby_oembed(shown: Shown, kind: str) -> None:
    told = ruby("ruby-oembed.rb", "oembed", shown.address, kind)
    assert told["class"] == "OEmbed::Response::Rich"
    assert told["html"] == shown.html
    expect_oembed(told["fields"], shown)


def test_ruby_open_graph_reader(shown: Shown) -> None:
    told = ruby("open-graph-reader.rb", "open_graph_reader", shown.address)
    assert told["title"] == TITLE
    assert told["type"] == "website"
    assert told["url"] == shown.address
    assert told["description"].startswith(VERDICT)
    assert told["image"] == {"url": shown.picture, "width": 1200, "height": 630}

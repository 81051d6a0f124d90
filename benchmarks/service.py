"""How long a learner waits: the real server and worker on two cores, beside Keras' ``fit`` in the same run.

``python -m benchmarks.service`` starts both on a free loopback port with a data folder of its own, waits until the
worker is warm, and measures the time from the ask to the explanation, from the ask to the stored result with its
figures, and the fresh runs a second when fifty people ask at once, of each entry in turn. Where there is Chromium, also
the time from the submit to the verdict in the document, and the frames a second while a replay's slider is dragged.
"""

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.replay import chromium, measure, seconds_to_verdict

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
ASKS = 20
CROWD = 50
LAB_EPOCHS, LAB_BATCH, NETWORKS = 200, 32, 64
SHORT_EPOCHS = 20
LONG_QUESTION = (
    "I built the network of the lab twice with the same code and the same data, and now the two hidden neurons have "
    "changed their roles, so how can it be that they learn the same?"
)


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Service:
    """The web processes and the worker, running."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        environment = os.environ | {"DATA_DIR": str(folder), "ASKS_PER_MINUTE": "100000"}
        flask = [str(BIN / "flask"), "--app", "wsgi"]
        for command in (["db", "upgrade"], ["library", "import"]):
            subprocess.run([*flask, *command], cwd=ROOT, env=environment, check=True, capture_output=True)
        web = [str(BIN / "gunicorn"), "--bind", f"127.0.0.1:{self.port}", "--workers", "2", "--threads", "8"]
        quiet: dict[str, Any] = {
            "cwd": ROOT,
            "env": environment,
            "stderr": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
        }
        self.processes = [
            subprocess.Popen([*web, "--no-control-socket", "wsgi:app"], **quiet),
            subprocess.Popen([*flask, "worker"], **quiet),
        ]

    def stop(self) -> None:
        """End both."""
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(20)

    def call(self, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401
        """Send one request; return its JSON, or its text."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        if response.status >= 500:
            raise RuntimeError(f"{method} {path}: {response.status} {text[:200]}")
        return json.loads(text) if response.headers.get_content_type() == "application/json" else text

    def ask(self, question: str) -> dict[str, Any]:
        """Ask, and return the API's answer."""
        told: dict[str, Any] = self.call("POST", "/api/questions", {"question": question})
        return told

    def wait_for(self, run_url: str, limit: float = 120.0) -> dict[str, Any]:
        """Wait until a run is stored."""
        path, end = urlsplit(run_url).path, monotonic() + limit
        while monotonic() < end:
            run: dict[str, Any] = self.call("GET", path)
            if run["status"] in {"done", "failed"}:
                return run
            sleep(0.03)
        raise TimeoutError(f"no result after {limit} s: {run_url}")


@cache
def titles() -> list[str]:
    """Return the entries' titles, each of them a question that has an answer; reading them takes half a second."""
    from assistant.library.content.content_files import read  # noqa: PLC0415

    return [entry.title for entry in read(ROOT / "content")]


def warmed(service: Service) -> None:
    """Wait until every program has been compiled and every figure been drawn once."""
    end = monotonic() + 180
    while monotonic() < end:
        try:
            for _ in range(2):
                for title in titles():
                    service.wait_for(service.ask(title)["run_url"])
        except (ConnectionError, OSError):
            sleep(0.5)
        else:
            return
    raise TimeoutError("the service did not start")


def median_seconds(service: Service, path: str) -> float:
    """Return the median of the seconds that a page takes."""
    seconds = []
    for _ in range(ASKS):
        began = perf_counter()
        service.call("GET", path)
        seconds.append(perf_counter() - began)
    return statistics.median(seconds)


def in_a_browser(service: Service) -> str:
    """Tell what a reader's browser sees: the verdict after the submit, and frames while the slider is dragged."""
    address = f"http://127.0.0.1:{service.port}"
    verdicts = seconds_to_verdict(address, titles())
    entry = urlsplit(service.ask(titles()[0])["question_url"]).path
    frames = measure(f"{address}{entry}")
    return (
        f"submit to verdict in the document, median    {statistics.median(verdicts) * 1000:8.0f} ms   aim: 300 ms; "
        f"from {min(verdicts) * 1000:.0f} to {max(verdicts) * 1000:.0f}\n"
        f"frames a second while the slider is dragged  {frames['frames_per_second']:8.1f}      aim: 60; "
        f"{frames['networks']} networks; script of a frame {json.dumps(frames['script_ms'])}"
    )


def keras_seconds() -> float:
    """Return the seconds that Keras' ``fit`` takes for 64 networks of the lab, extrapolated from a part of one."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from tensorflow import keras  # noqa: PLC0415

    from models.datasets import blobs  # noqa: PLC0415

    data = blobs.load()
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, activation="relu"), keras.layers.Dense(4)])
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(data.x, data.labels, epochs=2, batch_size=LAB_BATCH, verbose=0)
    began = perf_counter()
    model.fit(data.x, data.labels, epochs=SHORT_EPOCHS, batch_size=LAB_BATCH, verbose=0)
    return (perf_counter() - began) * LAB_EPOCHS / SHORT_EPOCHS * NETWORKS


def main() -> None:
    """Measure, and print the figures."""
    folder = Path(tempfile.mkdtemp())
    service = Service(folder)
    try:
        warmed(service)
        explained, stored, by_title = [], [], {}
        for title in titles():
            seconds = []
            for _ in range(ASKS // 4):
                began = perf_counter()
                told = service.ask(title)
                service.call("GET", urlsplit(told["question_url"]).path)
                explained.append(perf_counter() - began)
                service.wait_for(told["run_url"])
                seconds.append(perf_counter() - began)
            stored += seconds
            by_title[title] = statistics.median(seconds)
        seen = in_a_browser(service) if chromium() else "no Chromium here: nothing is measured in a browser"
        matching = median_seconds(service, "/suggestions?" + urlencode({"question": LONG_QUESTION}))
        nothing = median_seconds(service, "/healthz")
        with ThreadPoolExecutor(CROWD) as people:
            began = perf_counter()
            crowd = list(people.map(lambda at: service.ask(titles()[at % len(titles())]), range(CROWD)))
            answered = perf_counter() - began
            addresses = {told["run_url"] for told in crowd}
            for address in addresses:
                service.wait_for(address)
            finished = perf_counter() - began
    finally:
        service.stop()
        shutil.rmtree(folder, ignore_errors=True)
    learner = keras_seconds()
    print(seen)
    print(
        f"ask to explanation (two requests), median    {statistics.median(explained) * 1000:8.0f} ms   aim: 30 ms each"
    )
    words = len(LONG_QUESTION.split())
    print(f"matching {words} words, median                   {matching * 1000:8.0f} ms   ", end="")
    print(f"{matching / nothing:.0f} times as long as a page that does nothing; aim: 60 ms")
    print(f"ask to stored result, figures still to come  {statistics.median(stored) * 1000:8.0f} ms   aim: 700 ms")
    for title, middle in by_title.items():
        print(f"    {middle * 1000:5.0f} ms  {title}")
    print(f"{CROWD} people at once: all answered in {answered:.2f} s; {len(addresses)} fresh runs, ", end="")
    print(f"shared, in {finished:.2f} s: {len(addresses) / finished:.2f} runs a second   aim: 4")
    print(f"Keras' fit for the same {NETWORKS} networks, extrapolated  {learner:8.0f} s   ", end="")
    print(f"{learner / statistics.median(stored):,.0f} times as long as the stored result")


if __name__ == "__main__":
    main()

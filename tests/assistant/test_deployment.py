"""What docs/deploy.md says, done: PostgreSQL, two workers, two web processes, and nginx before them."""

import json
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.assistant.conftest import TITLE
from tests.assistant.postgresql import Cluster
from tests.assistant.test_deploy_page import BLOCKS, PAGE, UNITS
from tests.conftest import ROOT
from tests.ports import reserved_port

pytestmark = [pytest.mark.slow, pytest.mark.worker]

SITE, BELOW = [text for language, text in BLOCKS if language == "nginx"]
SITE_URL, PATH_URL = re.findall(r"`PUBLIC_URL=(https://\S+)`", PAGE)
COMMANDS = {
    re.findall(r"askneuron-(\w+)\.service", unit)[0]: re.findall(r"^ExecStart=(.*)$", unit, re.M)[0] for unit in UNITS
}

# What surrounds the page's blocks in Debian's own configuration, with all files in one folder.
NGINX = """
daemon off;
pid {folder}/nginx.pid;
{user}
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name uni.example;
        ssl_certificate {folder}/askneuron.pem;
        ssl_certificate_key {folder}/askneuron.key;
        {below}
    }}
}}
"""


@dataclass
class Deployment:
    """All that runs, and how a browser reaches it through nginx."""

    folder: Path
    port: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, command: list[str], environment: dict[str, str]) -> None:
        with (self.folder / "log").open("ab") as log:
            self.processes.append(
                subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log)
            )

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def send(self, address: str, body: object = None, *, source: str = "127.0.0.1") -> tuple[int, dict[str, str], str]:
        """Send a request to a public address from an address of this machine; return status, headers and text."""
        parts = urlsplit(address)
        unchecked = ssl._create_unverified_context()  # noqa: S323 - the test's own certificate
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=30, context=unchecked, source_address=(source, 0))
        headers = {"Host": parts.hostname or "", "Content-Type": "application/json"}
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("GET" if body is None else "POST", path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        told = answer.status, dict(answer.headers), answer.read().decode()
        connection.close()
        return told

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + 300
        while not true():
            assert time.monotonic() < end, f"{what}\n{self.log}"
            ended = [(process.args, process.returncode) for process in self.processes if process.poll() is not None]
            assert ended == [], self.log
            time.sleep(0.1)


@pytest.fixture(scope="module")
def ports() -> Iterator[list[int]]:
    """Ports of nginx, of the web process, and of the one below a path."""
    with ExitStack() as kept:
        yield [kept.enter_context(reserved_port()) for _ in range(3)]


def at_port(text: str, port: int) -> str:
    """Return a command or a block of the page with another port of the web processes."""
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace("/srv/askneuron", str(ROOT))


def nginx_configuration(folder: Path, port: int, web: int, web_below: int) -> Path:
    """Write the page's two blocks into a whole configuration, with a certificate, and return its file."""
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    certificate += ["-keyout", f"{folder}/askneuron.key", "-out", f"{folder}/askneuron.pem"]
    subprocess.run(certificate, check=True, capture_output=True)
    site = at_port(SITE, web).replace("/etc/ssl/", f"{folder}/").replace("listen 443", f"listen 127.0.0.1:{port}")
    user = "user root root;" if os.geteuid() == 0 else ""  # others may not enter the tests' folder
    file = folder / "nginx.conf"
    text = NGINX.format(folder=folder, user=user, port=port, site=site, below=at_port(BELOW, web_below))
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def deployment(
    cluster: Cluster, ports: list[int], postgresql_with_an_entry: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """The service as the page says; one web more, for the address below a path."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl is not installed: apt-get install nginx-light openssl")
    folder = tmp_path_factory.mktemp("deployment")
    port, web, web_below = ports
    here = Deployment(folder, port)
    database = cluster.create("deployed", postgresql_with_an_entry)
    environment = {"DATA_DIR": str(folder / "data"), "DATABASE_URL": database, "TRUSTED_PROXIES": "1"}
    try:
        here.start(shlex.split(at_port(COMMANDS["web"], web)), environment | {"PUBLIC_URL": SITE_URL})
        here.start(shlex.split(at_port(COMMANDS["web"], web_below)), environment | {"PUBLIC_URL": PATH_URL})
        for _ in range(2):
            here.start(shlex.split(at_port(COMMANDS["worker"], web)), environment | {"PUBLIC_URL": SITE_URL})
        configuration = nginx_configuration(folder, here.port, web, web_below)
        here.start([nginx, "-p", str(folder), "-e", "stderr", "-c", str(configuration)], {})
        here.wait_until(lambda: answers(here), "nginx and both webs to answer")
        yield here
    finally:
        for process in here.processes:
            process.send_signal(signal.SIGTERM)
        for process in here.processes:
            process.wait(60)


def answers(here: Deployment) -> bool:
    try:
        return [here.send(f"{url}/healthz")[0] for url in (SITE_URL, PATH_URL)] == [200, 200]
    except OSError:
        return False


def ready(here: Deployment, url: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(here.send(f"{url}/readyz")[2])
    return report


def test_the_page_has_what_is_tried() -> None:
    assert set(COMMANDS) == {"web", "worker"}
    assert (urlsplit(SITE_URL).hostname or "") in SITE
    assert f"location {urlsplit(PATH_URL).path}/ " in BELOW


@pytest.mark.parametrize("url", [SITE_URL, PATH_URL])
def test_pages_behind_nginx_lead_to_the_public_address(deployment: Deployment, url: str) -> None:
    status, headers, page = deployment.send(f"{url}/entries")
    assert status == 200
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-ID"])  # nginx's own
    path = urlsplit(url).path
    local = re.findall(r'\b(?:href|src|action)="(/[^"]*)"', page)
    assert local
    assert all(each.startswith(f"{path}/") for each in local)
    origin = url.removesuffix(path)
    for each in dict.fromkeys(local[:20]):
        assert deployment.send(f"{origin}{each}")[0] == 200, each


@pytest.mark.parametrize("url", [SITE_URL, PATH_URL])
def test_readiness_is_told_to_this_machine_alone(deployment: Deployment, url: str) -> None:
    assert deployment.send(f"{url}/readyz", source="127.0.0.2")[0] == 403
    deployment.wait_until(lambda: len(ready(deployment, url)["workers"]) == 2, "both workers to be there")
    deployment.wait_until(lambda: ready(deployment, url)["status"] == "ready", "the service to be ready")


@pytest.mark.parametrize("url", [SITE_URL, PATH_URL])
def test_what_is_asked_through_nginx_is_trained(deployment: Deployment, url: str) -> None:
    status, _, text = deployment.send(f"{url}/api/questions", {"question": TITLE})
    told = json.loads(text)
    assert (status, told["outcome"]) == (201, "answer")
    assert told["question_url"].startswith(f"{url}/questions/")

    def is_done() -> bool:
        run = json.loads(deployment.send(told["run_url"])[2])
        assert run["status"] != "failed", run
        return bool(run["status"] == "done")

    deployment.wait_until(is_done, "the run to be done")
    assert deployment.send(told["question_url"])[0] == 200
    shown = f"{url}/oembed?url={url}/runs/{urlsplit(told['run_url']).path.rpartition('/')[2]}"
    assert json.loads(deployment.send(shown)[2])["provider_url"] == f"{url}/"


def test_a_form_as_large_as_a_teachers_gets_through(deployment: Deployment) -> None:
    status, _, text = deployment.send(f"{SITE_URL}/api/questions", {"question": "why? " * 12_000})
    assert (status, "nginx" in text) == (422, False)  # said by the service, not 413 by the proxy

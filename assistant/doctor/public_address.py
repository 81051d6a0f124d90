"""Whether the service answers under its public address, and whether the proxies in front of it are known.

The doctor asks as anybody on the web would, and pretends to come from an address that nobody has; the service tells, to
a token that only this installation can sign, what arrived of that.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from flask import Request as FlaskRequest
from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from pydantic import TypeAdapter, ValidationError

from assistant.clients import client
from assistant.config import Settings
from assistant.doctor.diagnosis import Diagnosis, failed, ok, warning

HEADER = "X-Askneuron-Doctor"
NOBODY = "192.0.2.77"  # RFC 5737: an address for documentation alone
PATIENCE = 10  # seconds
FRESH = 60  # seconds for which a token is good
LONGEST = 64 * 1024  # bytes of an answer that are looked at


@dataclass(frozen=True)
class Arrived:
    """What of a request arrived at the service: whom it was counted for, and what the proxies wrote into it."""

    client: str
    forwarded: tuple[str, ...]
    scheme: str


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="doctor")


def describe_arrival(request: FlaskRequest) -> dict[str, Any] | None:
    """Return what arrived of a request of the doctor's; None to anybody else."""
    try:
        _signer().loads(request.headers.get(HEADER, ""), max_age=FRESH)
    except BadSignature:
        return None
    forwarded = [part.strip() for part in ",".join(request.headers.getlist("X-Forwarded-For")).split(",")]
    return {"client": client(), "forwarded": forwarded, "scheme": request.scheme}


def public_diagnoses(settings: Settings) -> Iterator[Diagnosis]:
    """Ask the service under its public address, and judge what arrived."""
    address = f"{settings.public_url}/healthz"
    headers = {HEADER: _signer().dumps("doctor"), "X-Forwarded-For": NOBODY, "User-Agent": "askneuron-doctor"}
    try:
        with urlopen(Request(address, headers=headers), timeout=PATIENCE) as answer:  # noqa: S310 - http or https
            told = json.loads(answer.read(LONGEST))
    except HTTPError as error:
        yield failed("address", f"{address} answers {error.code}", "let the proxy lead PUBLIC_URL to the web process")
        return
    except (OSError, ValueError, HTTPException, RecursionError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(error, HTTPException | RecursionError):
            reason = "what answers there is no HTTP or JSON"
        do = "start the web process, and see PUBLIC_URL, the proxy, its certificate and the firewall"
        yield failed("address", f"{address} cannot be read ({reason})", do)
        return
    seen = _arrived(told)
    if seen is None:
        do = "let PUBLIC_URL lead to it, and all its processes have the same SECRET_KEY, DATA_DIR and clock"
        yield failed("address", f"another service than this installation answers at {address}", do)
        return
    yield ok("address", f"{settings.public_url} leads to this installation")
    yield _proxies(seen, settings)


def _arrived(told: object) -> Arrived | None:
    """Return what the service told of the doctor's request; None of an answer that another service gave."""
    try:
        return TypeAdapter(Arrived).validate_python(told["arrived"]) if isinstance(told, Mapping) else None
    except (KeyError, ValidationError):
        return None


def _proxies(seen: Arrived, settings: Settings) -> Diagnosis:
    """Judge how many proxies there are, and what they tell."""
    trusted = settings.trusted_proxies
    pretended = NOBODY in seen.forwarded
    added = len(seen.forwarded) - (seen.forwarded.index(NOBODY) + 1 if pretended else 0)
    if seen.client == NOBODY:
        said = f"anybody can pretend an address: TRUSTED_PROXIES is {trusted}, and {added} add to X-Forwarded-For"
        return failed("proxies", said, f"set TRUSTED_PROXIES={added}")
    if added > trusted:
        said = f"all learners share one limit: TRUSTED_PROXIES is {trusted}, and {added} add to X-Forwarded-For"
        return failed("proxies", said, f"set TRUSTED_PROXIES={added}")
    if trusted and seen.scheme != settings.public_url.scheme:
        do = "let the proxy set X-Forwarded-Proto"
        return warning("proxies", f"requests arrive as {seen.scheme}, and not as {settings.public_url.scheme}", do)
    return ok("proxies", f"{added} add to X-Forwarded-For, as TRUSTED_PROXIES says")

"""What a forum would show of an address, found out as a forum does it; the forum's rules are Discourse's.

Every request stays inside this process, and only addresses of this service are looked at: nothing is fetched from
anywhere.
"""

import json
import re
import struct
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import current_app
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from assistant.clients import read_address
from assistant.config import ORIGIN
from assistant.errors import InvalidInputError, NotFoundError
from assistant.forum.addresses import own_path, preview_of
from assistant.forum.preview import LONGEST_DESCRIPTION, LONGEST_TITLE, Preview

WIDEST = 695  # pixels; a forum scales wider frames down
LARGEST = 2_000_000  # bytes of a page; a forum reads no further
FRAME, CARD, LINK = "frame", "card", "link"


@dataclass(frozen=True)
class Observation:
    """One thing that was looked at: what it is, how it is, and whether it is as it should be."""

    what: str
    detail: str
    good: bool


@dataclass
class Inspection:
    """What was observed of one address."""

    address: str
    preview: Preview
    observations: list[Observation] = field(default_factory=list)

    def note(self, what: str, detail: str, *, good: bool) -> None:
        """Add an observation."""
        self.observations.append(Observation(what, detail, good))

    def _good(self, *names: str) -> bool:
        return all(each.good for each in self.observations if each.what in names)

    @property
    def appearance(self) -> str:
        """What the forum shows: a frame, a card, or a plain link."""
        if not self._good("Reachable", "HEAD", "Page", "Title"):
            return LINK
        return FRAME if self._good(*(each.what for each in self.observations)) else CARD

    @property
    def obstacles(self) -> str:
        """What is in the way of more."""
        return " ".join(each.detail for each in self.observations if not each.good)


class _Tags(HTMLParser):
    """The tags that a forum reads: meta and link elements, or an iframe."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.iframe: dict[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a tag; of several of a kind, the first counts."""
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            self.meta.setdefault(given.get("property") or given.get("name", ""), given.get("content", ""))
        elif tag == "link":
            kind = given.get("type", "") if given.get("rel") == "alternate" else given.get("rel", "")
            self.links.setdefault(kind, given.get("href", ""))
        elif tag == "iframe" and self.iframe is None:
            self.iframe = given


def inspect_address(address: str, forum: str = "") -> Inspection:
    """Look at an address as a forum would; ``forum`` is the forum's origin, where it is to be looked at too.

    Raises:
        AssistantError: the address is not one of an entry or a run of this service, or the forum's is no origin.
    """
    forum = forum.rstrip("/").lower()
    if forum and "://" not in forum:
        forum = f"https://{forum}"
    if forum and (not ORIGIN.fullmatch(forum) or "*" in forum):
        raise InvalidInputError(f"Give the forum's address as https:// and its host, not {forum[:100]!r}.")
    inspection = Inspection(address, preview_of(address))
    _inspect_host(inspection)
    tags = _inspect_page(inspection, own_path(address))
    _inspect_picture(inspection, tags)
    answer = _inspect_oembed(inspection, tags)
    _inspect_frame(inspection, answer, forum)
    return inspection


def _request(address: str, method: str = "GET") -> TestResponse | None:
    """Ask this very process for one of its own addresses; None where it is another's.

    In a context of its own, and so with a database session of its own, as a request from outside has.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    public = app.config["SETTINGS"].public_url
    try:
        own_path(address)
    except NotFoundError:
        return None
    # What follows the host; it begins with the prefix, which the service takes off itself.
    path = "/" + address.split("/", 3)[3].partition("#")[0]
    with app.app_context():
        response: TestResponse = app.test_client(use_cookies=False).open(path, method=method, base_url=public.origin)
        response.get_data()
    return response


def _inspect_host(inspection: Inspection) -> None:
    public = current_app.config["SETTINGS"].public_url
    host, port = public.host, public.port
    if read_address(host) is not None or "." not in host:
        inspection.note("Reachable", f"Forums ask no host such as {host}: PUBLIC_URL needs a public name.", good=False)
    elif port not in {None, 80, 443}:
        inspection.note("Reachable", f"Forums ask ports 80 and 443 alone, and PUBLIC_URL has {port}.", good=False)
    else:
        inspection.note("Reachable", f"{host}, at a usual port.", good=True)


def _inspect_page(inspection: Inspection, path: str) -> _Tags:
    address = f"{current_app.config['SETTINGS'].public_url}{path}"
    head, page = _request(address, "HEAD"), _request(address)
    status = head.status_code if head is not None else 0
    inspection.note("HEAD", f"HEAD answers {status}.", good=status == 200)
    status, size = (page.status_code, len(page.data)) if page is not None else (0, 0)
    html = page is not None and page.mimetype == "text/html"
    whole = status == 200 and html and size <= LARGEST
    inspection.note("Page", f"GET answers {status} with {size:,} bytes.", good=whole)
    tags = _Tags(page.text if page is not None and html else "")
    canonical = tags.links.get("canonical", address)
    if canonical != address:
        # The forum goes on with the page that is named there.
        inspection.note("Canonical", f"The page names {canonical} as its own address; that one is shown.", good=True)
        inspection.preview = preview_of(canonical)
        other = _request(canonical)
        tags = _Tags(other.text if other is not None else "")
    for what, longest in (("Title", LONGEST_TITLE), ("Description", LONGEST_DESCRIPTION)):
        text = tags.meta.get(f"og:{what.lower()}", "")
        length = f"{len(text)} characters; {longest} are shown." if text else f"There is no {what.lower()}."
        inspection.note(what, length, good=0 < len(text) <= longest)
    kind = tags.meta.get("og:type", "website")
    inspection.note("Kind", f"og:type is {kind}; frames are only for website.", good=kind == "website")
    height = tags.meta.get("og:height", "")
    detail = (
        f"og:height is {height}; the forum shows no frame whose height it does not know." if height else "No og:height."
    )
    inspection.note("Height", detail, good=height.isdecimal())
    return tags


def _inspect_picture(inspection: Inspection, tags: _Tags) -> None:
    picture = _request(tags.meta.get("og:image", ""))
    data = picture.data if picture is not None and picture.status_code == 200 else b""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        inspection.note("Picture", "There is no picture at the address of og:image.", good=False)
        return
    width, height = struct.unpack(">II", data[16:24])
    named = (tags.meta.get("og:image:width"), tags.meta.get("og:image:height"))
    good = named == (f"{width}", f"{height}")
    inspection.note("Picture", f"A PNG of {width} by {height}, {len(data) / 1e3:.0f} KB.", good=good)


def _inspect_oembed(inspection: Inspection, tags: _Tags) -> dict[str, Any]:
    """Return the answer in JSON, which gives the frame; an empty one where there is none."""
    answer: dict[str, Any] = {}
    answers = {kind: _request(tags.links.get(f"{kind}+oembed", "")) for kind in ("application/json", "text/xml")}
    response = answers["application/json"]
    if response is not None and response.status_code == 200 and response.mimetype == "application/json":
        answer = json.loads(response.data)
    rich = answer.get("type") == "rich" and "<iframe" in answer.get("html", "")
    size = f"{answer.get('width')} by {answer.get('height')}"
    inspection.note(
        "oEmbed",
        f"JSON of the type rich, with a frame of {size}." if rich else "The oEmbed answer holds no frame.",
        good=rich and isinstance(answer.get("height"), int),
    )
    response = answers["text/xml"]
    good = response is not None and response.status_code == 200 and response.mimetype == "text/xml"
    inspection.note("XML", "The same as XML." if good else "The oEmbed answer is not to be had as XML.", good=good)
    return answer


def _inspect_frame(inspection: Inspection, answer: dict[str, Any], forum: str) -> None:
    settings = current_app.config["SETTINGS"]
    iframe = _Tags(answer.get("html", "")).iframe or {}
    source = iframe.get("src", "")
    prefix = f"{settings.public_url}/embed/"
    inspection.note("Prefix", f"The frame's address begins with {prefix}", good=source.startswith(prefix))
    width = int(answer.get("width") or 0)
    detail = f"{width} pixels wide; what is wider than {WIDEST} is scaled down."
    inspection.note("Width", detail, good=0 < width <= WIDEST)
    page = _request(source)
    headers = page.headers if page is not None else Headers()
    policy = headers.get("Content-Security-Policy", "")
    match = re.search(r"frame-ancestors ([^;]*)", policy)
    allowed = [each for each in (match[1].split() if match else []) if each != "'self'"]
    good = page is not None and page.status_code == 200 and "X-Frame-Options" not in headers
    inspection.note("Frame", f"The frame answers {page.status_code if page else 0}.", good=good)
    inspection.note("Cookies", "The frame sets no cookie.", good="Set-Cookie" not in headers)
    if not allowed:
        detail = "No forum may show frames: EMBED_ORIGINS is not set. One that allows them would show an empty box."
        inspection.note("Framing", detail, good=False)
    elif forum:
        good = any(_covers(origin, forum) for origin in allowed)
        detail = f"{forum} may show the frame." if good else f"EMBED_ORIGINS does not name {forum}."
        inspection.note("Framing", detail, good=good)
    else:
        inspection.note("Framing", f"May be shown by {' and '.join(allowed)}.", good=True)


def _covers(origin: str, forum: str) -> bool:
    """Say whether an allowed origin, in which a star stands for names before a host, covers a forum's."""
    return re.fullmatch(re.escape(origin).replace(r"\*", r"[a-z0-9.-]+"), forum) is not None

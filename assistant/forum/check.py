"""What a forum would show of an address, found out as a forum does it; the forum's rules are Discourse's.

Every request stays inside this process, and only addresses of this service are looked at: nothing is fetched from
anywhere.
"""

import json
import re
import struct
from dataclasses import dataclass, field
from html.parser import HTMLParser
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from werkzeug.datastructures import Headers
from werkzeug.test import TestResponse

from assistant.config import ORIGIN
from assistant.errors import InvalidInputError, NotFoundError
from assistant.forum.addresses import own_path, preview_of
from assistant.forum.preview import LONGEST_DESCRIPTION, LONGEST_TITLE, Preview

WIDEST = 695  # pixels; a forum scales wider frames down
LARGEST = 2_000_000  # bytes of a page; a forum reads no further
FRAME, CARD, LINK = "frame", "card", "link"


@dataclass(frozen=True)
class Step:
    """One thing that was looked at: what it is, what was found, and whether it is as it should be."""

    what: str
    found: str
    good: bool


@dataclass
class Checked:
    """What was found out about one address."""

    address: str
    preview: Preview
    steps: list[Step] = field(default_factory=list)

    def note(self, what: str, found: str, *, good: bool) -> bool:
        """Take note of one thing, and return whether it is as it should be."""
        self.steps.append(Step(what, found, good))
        return good

    def _good(self, *names: str) -> bool:
        return all(step.good for step in self.steps if step.what in names)

    @property
    def shown(self) -> str:
        """What the forum shows: a frame, a card, or a plain link."""
        if not self._good("Reachable", "HEAD", "Page", "Title"):
            return LINK
        return FRAME if self._good(*(step.what for step in self.steps)) else CARD

    @property
    def why(self) -> str:
        """What is in the way of more."""
        return " ".join(step.found for step in self.steps if not step.good)


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


def check(address: str, forum: str = "") -> Checked:
    """Check an address as a forum would; ``forum`` is the forum's origin, where it is to be looked at too.

    Raises:
        AssistantError: the address is not one of an entry or a run of this service, or the forum's is no origin.
    """
    forum = forum.rstrip("/").lower()
    if forum and (not ORIGIN.fullmatch(forum) or "*" in forum):
        raise InvalidInputError(f"Give the forum's address as https:// and its host, not {forum[:100]!r}.")
    checked = Checked(address, preview_of(address))
    _look_at_host(checked)
    tags = _look_at_page(checked, own_path(address))
    _look_at_picture(checked, tags)
    told = _look_at_oembed(checked, tags)
    _look_at_frame(checked, told, forum)
    return checked


def _asked(address: str, method: str = "GET") -> TestResponse | None:
    """Ask this very process for one of its own addresses; None where it is another's.

    In a context of its own, and so with a database session of its own, as a request from outside has.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    public = app.config["SETTINGS"].public_url
    try:
        own_path(address)
    except NotFoundError:
        return None
    path = address[len(public) :].partition("#")[0]
    with app.app_context():
        response: TestResponse = app.test_client(use_cookies=False).open(path, method=method, base_url=public)
        response.get_data()
    return response


def _look_at_host(checked: Checked) -> None:
    parts = urlsplit(current_app.config["SETTINGS"].public_url)
    host, port = parts.hostname or "", parts.port
    try:
        number = bool(ip_address(host))
    except ValueError:
        number = False
    if number or "." not in host:
        checked.note("Reachable", f"Forums ask no host such as {host}: PUBLIC_URL needs a public name.", good=False)
    elif port not in {None, 80, 443}:
        checked.note("Reachable", f"Forums ask ports 80 and 443 alone, and PUBLIC_URL has {port}.", good=False)
    else:
        checked.note("Reachable", f"{host}, at a usual port.", good=True)


def _look_at_page(checked: Checked, path: str) -> _Tags:
    address = current_app.config["SETTINGS"].public_url + path
    head, page = _asked(address, "HEAD"), _asked(address)
    status = head.status_code if head is not None else 0
    checked.note("HEAD", f"HEAD answers {status}.", good=status == 200)
    status, size = (page.status_code, len(page.data)) if page is not None else (0, 0)
    html = page is not None and page.mimetype == "text/html"
    checked.note("Page", f"GET answers {status} with {size:,} bytes.", good=status == 200 and html and size <= LARGEST)
    tags = _Tags(page.text if page is not None and html else "")
    canonical = tags.links.get("canonical", address)
    if canonical != address:
        # The forum goes on with the page that is named there.
        checked.note("Canonical", f"The page names {canonical} as its own address; that one is shown.", good=True)
        checked.preview = preview_of(canonical)
        other = _asked(canonical)
        tags = _Tags(other.text if other is not None else "")
    for what, longest in (("Title", LONGEST_TITLE), ("Description", LONGEST_DESCRIPTION)):
        text = tags.meta.get(f"og:{what.lower()}", "")
        said = f"{len(text)} characters; {longest} are shown." if text else f"There is no {what.lower()}."
        checked.note(what, said, good=0 < len(text) <= longest)
    kind = tags.meta.get("og:type", "website")
    checked.note("Kind", f"og:type is {kind}; frames are only for website.", good=kind == "website")
    return tags


def _look_at_picture(checked: Checked, tags: _Tags) -> None:
    picture = _asked(tags.meta.get("og:image", ""))
    data = picture.data if picture is not None and picture.status_code == 200 else b""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        checked.note("Picture", "There is no picture at the address of og:image.", good=False)
        return
    width, height = struct.unpack(">II", data[16:24])
    named = (tags.meta.get("og:image:width"), tags.meta.get("og:image:height"))
    good = named == (f"{width}", f"{height}")
    checked.note("Picture", f"A PNG of {width} by {height}, {len(data) / 1e3:.0f} KB.", good=good)


def _look_at_oembed(checked: Checked, tags: _Tags) -> dict[str, Any]:
    told: dict[str, Any] = {}
    answers = {kind: _asked(tags.links.get(f"{kind}+oembed", "")) for kind in ("application/json", "text/xml")}
    response = answers["application/json"]
    if response is not None and response.status_code == 200 and response.mimetype == "application/json":
        told = json.loads(response.data)
    rich = told.get("type") == "rich" and "<iframe" in told.get("html", "")
    size = f"{told.get('width')} by {told.get('height')}"
    checked.note(
        "oEmbed",
        f"JSON of the type rich, with a frame of {size}." if rich else "The oEmbed answer holds no frame.",
        good=rich and isinstance(told.get("height"), int),
    )
    response = answers["text/xml"]
    good = response is not None and response.status_code == 200 and response.mimetype == "text/xml"
    checked.note("XML", "The same as XML." if good else "The oEmbed answer is not to be had as XML.", good=good)
    return told


def _look_at_frame(checked: Checked, told: dict[str, Any], forum: str) -> None:
    settings = current_app.config["SETTINGS"]
    iframe = _Tags(told.get("html", "")).iframe or {}
    source = iframe.get("src", "")
    prefix = f"{settings.public_url}/embed/"
    checked.note("Prefix", f"The frame's address begins with {prefix}", good=source.startswith(prefix))
    width = int(told.get("width") or 0)
    said = f"{width} pixels wide; what is wider than {WIDEST} is scaled down."
    checked.note("Width", said, good=0 < width <= WIDEST)
    page = _asked(source)
    headers = page.headers if page is not None else Headers()
    policy = headers.get("Content-Security-Policy", "")
    match = re.search(r"frame-ancestors ([^;]*)", policy)
    allowed = [each for each in (match[1].split() if match else []) if each != "'self'"]
    good = page is not None and page.status_code == 200 and "X-Frame-Options" not in headers
    checked.note("Frame", f"The frame answers {page.status_code if page else 0}.", good=good)
    checked.note("Cookies", "The frame sets no cookie.", good="Set-Cookie" not in headers)
    if not allowed:
        found = "No forum may show frames: EMBED_ORIGINS is not set. One that allows them would show an empty box."
        checked.note("Framing", found, good=False)
    elif forum:
        good = any(_covers(origin, forum) for origin in allowed)
        found = f"{forum} may show the frame." if good else f"EMBED_ORIGINS does not name {forum}."
        checked.note("Framing", found, good=good)
    else:
        checked.note("Framing", f"May be shown by {' and '.join(allowed)}.", good=True)


def _covers(origin: str, forum: str) -> bool:
    """Say whether an allowed origin, in which a star stands for names before a host, covers a forum's."""
    return re.fullmatch(re.escape(origin).replace(r"\*", r"[a-z0-9.-]+"), forum) is not None

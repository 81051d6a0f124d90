"""The oEmbed answer (oembed.com, version 1.0), as JSON and as XML."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from flask import current_app

from assistant.errors import UnreadableError, UnsupportedError
from assistant.forum.preview import FRAME, SIZES, Preview
from assistant.forum.snippets import frame_code
from assistant.public_url import PublicURL

FORMATS = {"json": "application/json", "xml": "text/xml"}
CACHE_AGE = 3_600  # seconds; an entry's latest run changes

Answer = dict[str, str | int]


def mime_type(given: str | None) -> str:
    """Return the type of a format that was asked for.

    Raises:
        UnsupportedError: the service does not speak it.
    """
    mime = FORMATS.get(given or "json")
    if mime is None:
        raise UnsupportedError(f"The format is json or xml, not {given!r:.50}.")
    return mime


def pixel_limit(name: str, given: str | None) -> int | None:
    """Return the greatest width or height that was asked for, or None for no limit.

    Raises:
        UnreadableError: it is not a whole number of at least 1.
    """
    if given is None:
        return None
    match = re.fullmatch(r"0*([1-9][0-9]*)", given)
    if match is None:
        raise UnreadableError(f"{name} is a whole number of pixels of at least 1, not {given[:50]!r}.")
    return int(match[1][:20])  # As good as no limit long before that; Python refuses numbers of thousands of digits.


def oembed_answer(preview: Preview, max_width: int | None = None, max_height: int | None = None) -> Answer:
    """Return the oEmbed answer for a preview; neither frame nor thumbnail is larger than asked for."""
    public: PublicURL = current_app.config["SETTINGS"].public_url
    width, height = min(FRAME[0], max_width or FRAME[0]), min(FRAME[1], max_height or FRAME[1])
    answer: Answer = {
        "version": "1.0",
        "type": "rich",
        "title": preview.title,
        "provider_name": "Askneuron",
        "provider_url": f"{public}/",
        "cache_age": CACHE_AGE,
        "html": frame_code(preview, width, height),
        "width": width,
        "height": height,
    }
    for wide, tall in SIZES:
        if wide <= (max_width or wide) and tall <= (max_height or tall):
            answer |= {"thumbnail_url": preview.card(wide), "thumbnail_width": wide, "thumbnail_height": tall}
            break
    return answer


def to_xml(answer: Mapping[str, str | int]) -> bytes:
    """Return an answer as XML."""
    root = ET.Element("oembed")
    for key, value in answer.items():
        ET.SubElement(root, key).text = f"{value}"
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text

"""What a mentor pastes: the frame's code, and a Markdown text for a forum post."""

import json
import re
from dataclasses import dataclass
from html import escape

from flask import request, url_for

from assistant.forum.preview import FRAME, Preview, by_importance, public_address, strip_controls
from assistant.library.texts.markdown import render
from assistant.runs.panel import finding_text

MOST = 3  # verdicts in a post
VERDICTS = {True: "held", False: "failed", None: "not judged"}


@dataclass(frozen=True)
class Snippets:
    """What may be copied from a page, and what a forum makes of the post."""

    preview: Preview
    post: str
    post_html: str
    frame: str
    element: str


def snippets_of(preview: Preview) -> Snippets:
    """Return what may be copied of an entry or a run."""
    text = forum_post(preview)
    # The preview's picture is asked for where the reader is, which may be another name of this service.
    html = render(text.replace(public_address(f"{request.script_root}/"), f"{request.script_root}/"), pictures=True)
    return Snippets(preview, text, html, frame_code(preview), element_code(preview))


def frame_code(preview: Preview, width: int = FRAME[0], height: int = FRAME[1]) -> str:
    """Return the HTML of a frame, as forums and pages take it."""
    return (
        f'<iframe src="{escape(preview.frame)}" width="{width}" height="{height}" title="{escape(preview.title)}" '
        'frameborder="0"></iframe>'
    )


def element_code(preview: Preview) -> str:
    """Return the HTML of an element that grows to its content, for pages of one's own; without its script, a link."""
    name = preview.frame_path.removeprefix(url_for("forum.entry_frame", slug=""))
    return (
        f'<div data-askneuron="{escape(name)}"><a href="{escape(preview.address)}">{escape(preview.name)}</a></div>\n'
        f'<script src="{escape(public_address(url_for("static", filename="embed.js")))}" async></script>'
    )


def forum_post(preview: Preview) -> str:
    """Return a Markdown text: the short answer, the verdict with its numbers, the picture, and the link back."""
    parts = [f"**{escape_markdown(preview.name)}**", escape_markdown(preview.variation), escape_markdown(preview.short)]
    if preview.run is not None and preview.verdict:
        parts.append(escape_markdown(preview.verdict))
        lines = [
            f"- {escape_markdown(verdict.claim.text)} "
            f"**{escape_markdown(finding_text(verdict.finding))}: {VERDICTS[verdict.held]}**"
            for verdict in by_importance(preview.run.verdicts or ())[:MOST]
        ]
        parts.append("\n".join(lines))
    if preview.run is not None:
        parts.append(f"[![{escape_markdown(preview.alternative)}]({preview.card()})]({preview.address})")
    parts.append(f"[All of it, and a button that trains new networks]({preview.address})")
    return "\n\n".join(part for part in parts if part) + "\n"


def bookmarklet() -> str:
    """Return the address of a bookmark that opens what would be answered to the text selected on any page."""
    home = json.dumps(public_address(url_for("pages.home") + "?q="))
    script = f"open({home}+encodeURIComponent(String(getSelection()).trim().slice(0,1000)),'_blank','noopener')"
    return f"javascript:void({script})"


def escape_markdown(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    text = re.sub(r"([\\`*_\[\]<>#|~$&@])", r"\\\1", strip_controls(" ".join(text.split())))
    text = re.sub(r"^([-+=])", r"\\\1", text)
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", text)

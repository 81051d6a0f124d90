"""What an address that somebody gives leads to; only this service's own are known, and none is ever fetched."""

import re

from flask import current_app

from assistant.errors import NotFoundError, PrivateError, UnreadableError
from assistant.forum.preview import Preview, entry_preview, run_preview
from assistant.library import queries as library
from assistant.public_url import PublicURL
from assistant.runs import queries as runs

ENTRY = re.compile(r"/(?:entries|embed)/(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)/?")
RUN = re.compile(r"/(?:embed/)?runs/(?P<run_id>[A-Za-z0-9_-]{1,16})/?")
PRIVATE = re.compile(r"/questions/[A-Za-z0-9_-]+/?")


def preview_of(address: str) -> Preview:
    """Return the preview of the entry or run that an address leads to.

    Raises:
        UnreadableError: no address was given.
        PrivateError: it is that of a learner's question, whether or not there is one.
        NotFoundError: it is not an address of an entry or a run of this service.
    """
    if not address.strip():
        raise UnreadableError(f"Give an address: url={_public()}/entries/NAME, with its special characters encoded.")
    path = own_path(address)
    if match := ENTRY.fullmatch(path):
        entry = library.published_entry(match["slug"])
        if entry is not None:
            return entry_preview(entry)
    if match := RUN.fullmatch(path):
        run = runs.find(match["run_id"])
        if run is not None:
            return run_preview(run)
    if PRIVATE.fullmatch(path):
        raise PrivateError("A learner's question is private; give the address of its entry or its run.")
    raise NotFoundError("There is no entry and no run of this service at this address.")


def own_path(address: str) -> str:
    """Return the path of an address of this service below PUBLIC_URL, without query and fragment.

    Raises:
        NotFoundError: it is another one's address.
    """
    path = _public().own_path(address)
    if path is None:
        raise NotFoundError(f"That is no address of this service: its addresses begin with {_public()}/")
    return path


def _public() -> PublicURL:
    public: PublicURL = current_app.config["SETTINGS"].public_url
    return public

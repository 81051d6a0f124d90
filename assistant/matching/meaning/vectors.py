"""The vectors of the library's own texts, which are part of the project, so that a first start need not compute them.

The file holds half-precision vectors by the digests of their texts, and the name of the encoder, adapter included, that
made them; with another encoder it is of no use, and texts that it lacks are computed. ``flask matching vectors`` makes
it anew.
"""

import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from assistant.matching import DIGEST
from assistant.matching.meaning.arrays import DAMAGE
from assistant.matching.meaning.examples import Vectors

FILE = Path(__file__).with_name("vectors.npz")

log = logging.getLogger(__name__)


def read(path: Path, encoder: str) -> dict[str, Vectors]:
    """Return vectors, each (width,), by the digests of their texts; none where there are none of this encoder."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            if str(file["encoder"]) != encoder:
                return {}
            digests, vectors = file["digests"].tobytes().hex(), file["vectors"].astype(np.float32)
    except FileNotFoundError:
        return {}
    except DAMAGE as error:
        log.warning("%s is damaged, and so all vectors are computed: %s", path.name, error)
        return {}
    return {digests[at * DIGEST : (at + 1) * DIGEST]: vector for at, vector in enumerate(vectors)}


def write(path: Path, encoder: str, vectors: Mapping[str, Vectors]) -> None:
    """Write the file that `read` reads; a process that reads it meanwhile sees the old one or the new one."""
    digests = sorted(vectors)
    stacked = np.stack([vectors[digest] for digest in digests]).astype(np.float16)
    unfinished = path.with_name(f"{path.name}.new")
    with unfinished.open("wb") as file:
        digest_bytes = np.frombuffer(bytes.fromhex("".join(digests)), np.uint8)
        np.savez_compressed(file, encoder=np.array(encoder), digests=digest_bytes, vectors=stacked)
    unfinished.replace(path)

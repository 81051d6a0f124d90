"""The adapter: a small change to the encoder's dense layers, trained on the library's phrasings.

Each dense layer y = W x + b becomes y = W x + b + U (D x), with D (rank, inputs) and U (outputs, rank): low-rank
adaptation. The encoder's own weights stay as they are. `assistant.matching.meaning.training` makes the file, which is
part of the project; it also says which texts it has seen, since a matcher seems surer of those than of any learner's
question.

Sources:
    Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang and Chen (2022). LoRA: low-rank adaptation of large language models. In:
    ICLR. arXiv:2106.09685.
    Wortsman et al. (2022). Model soups: averaging weights of multiple fine-tuned models improves accuracy without
    increasing inference time. ICML. arXiv:2203.05482.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from assistant.matching import DIGEST
from assistant.matching.meaning.arrays import DAMAGE

FILE = Path(__file__).with_name("adapter.npz")

Array = npt.NDArray[np.float32]


class UnusableAdapterError(Exception):
    """A file that is no adapter."""


@dataclass(frozen=True)
class Adapter:
    """What is added to the encoder's dense layers, by their names in its weights' file."""

    changes: Mapping[str, tuple[Array, Array]]  # D (rank, inputs) and U (outputs, rank)
    seen: frozenset[str] = frozenset()  # digests of the texts that it was trained on

    @property
    def name(self) -> str:
        """What tells this adapter from others."""
        digest = hashlib.sha256()
        for layer, pair in sorted(self.changes.items()):
            digest.update(layer.encode())
            for matrix in pair:
                digest.update(matrix.astype(np.float16).tobytes())
        return digest.hexdigest()[:8]

    @classmethod
    def mean(cls, adapters: Sequence[Self]) -> Self:
        """Return the adapter whose changes are the means of others', which were trained from other starts."""
        changes = {
            layer: (
                np.concatenate([each.changes[layer][0] for each in adapters]),
                np.concatenate([each.changes[layer][1] / len(adapters) for each in adapters], axis=1),
            )
            for layer in adapters[0].changes
        }
        return cls(changes, frozenset().union(*(each.seen for each in adapters)))

    def write(self, path: Path) -> None:
        """Write the file that `read` reads: half-precision matrices, and the digests of the texts that it has seen.

        A process that reads it meanwhile sees the old one or the new one.
        """
        arrays: dict[str, Any] = {"seen": np.frombuffer(bytes.fromhex("".join(sorted(self.seen))), np.uint8)}
        for layer, (down, up) in self.changes.items():
            arrays |= {f"{layer}.D": down.astype(np.float16), f"{layer}.U": up.astype(np.float16)}
        unfinished = path.with_name(f"{path.name}.new")
        with unfinished.open("wb") as file:
            np.savez_compressed(file, **arrays)
        unfinished.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what a file holds.

        Raises:
            UnusableAdapterError: it cannot be read, or is something else.
        """
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                seen = file["seen"].tobytes().hex()
                layers = sorted({name.rpartition(".")[0] for name in file.files if name != "seen"})
                changes = {
                    layer: (file[f"{layer}.D"].astype(np.float32), file[f"{layer}.U"].astype(np.float32))
                    for layer in layers
                }
        except DAMAGE as error:
            raise UnusableAdapterError(f"{path.name} is no adapter: {error}") from None
        return cls(changes, frozenset(seen[at : at + DIGEST] for at in range(0, len(seen), DIGEST)))

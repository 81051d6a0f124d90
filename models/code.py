"""A hash of the code that an experiment's findings come from; runs whose hashes agree measured the same thing."""

import ast
import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent
# What is made of a result, and what learners call its parameters; not what the result is.
LEFT_OUT = (
    "__main__",
    "code",
    "compilation_cache",
    "export",
    "figures",
    "loading",
    "registry",
    "replay",
    "versions",
    "wordings",
)


@cache
def code_hash(name: str, root: Path = ROOT) -> str:
    """Return a hash of the modules that an experiment really uses: its own, and all that these import, at any place.

    Figures, replays, exports, synonyms and the command line are left out. ``root`` is the folder of the package.
    """
    digest = hashlib.sha256()
    for path in used_modules(root / "experiments" / f"{name.replace('-', '_')}.py", root):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def used_modules(module: Path, root: Path = ROOT) -> list[Path]:
    """Return the files of the package that ``module`` uses, itself included, in alphabetical order."""
    seen: set[Path] = set()
    ahead = [module]
    while ahead:
        path = ahead.pop()
        if path not in seen:
            seen.add(path)
            ahead += _imported(path.read_bytes(), root)
    return sorted(seen)


@cache
def _imported(source: bytes, root: Path) -> tuple[Path, ...]:
    """Return the files of the package that a source imports, inside functions too, and their packages' own."""
    found: list[Path] = []
    for name in _imported_names(source):
        package, *parts = name.split(".")
        if package != ROOT.name or (parts and parts[0] in LEFT_OUT):
            continue
        for end in range(len(parts) + 1):
            place = root.joinpath(*parts[:end])
            found += (file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file())
    return tuple(dict.fromkeys(found))


def _imported_names(source: bytes) -> list[str]:
    """Return the names of all modules, and of what is imported from them, that one file imports."""
    names: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names

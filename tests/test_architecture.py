"""Who may import whom."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("assistant", "benchmarks", "migrations", "models", "tests")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
MODELS = [path for path in FILES if path.is_relative_to(ROOT / "models")]


def imported(tree: ast.AST, package: str, *, everywhere: bool) -> Iterator[str]:
    """Yield the full names of what is imported: everywhere, or only when the module itself is imported."""
    for node in ast.walk(tree) if everywhere else run_at_import(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            start = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a module is imported: all but functions' bodies and what only type checkers read."""
    for child in ast.iter_child_nodes(node):
        typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not (typing_only or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)):
            yield child
            yield from run_at_import(child)


def names_in(path: Path, *, everywhere: bool = True) -> set[str]:
    package = ".".join(path.relative_to(ROOT).parent.parts)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return set(imported(tree, package, everywhere=everywhere))


def within(names: set[str], *packages: str) -> list[str]:
    return sorted(name for name in names for package in packages if name == package or name.startswith(f"{package}."))


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_all_source_is_looked_at() -> None:
    found = {place(path) for path in FILES}
    assert {"models/training.py", "models/experiments/rerun.py", "tests/test_architecture.py"} <= found


@pytest.mark.parametrize(
    ("source", "everywhere", "expected"),
    [
        ("import a.b", False, {"a.b"}),
        ("from a import b", False, {"a", "a.b"}),
        ("from . import b", False, {"p.q", "p.q.b"}),
        ("from ..r import b", False, {"p.r", "p.r.b"}),
        ("def f():\n    import a", False, set()),
        ("def f():\n    import a", True, {"a"}),
        ("class C:\n    def f(self):\n        if 1:\n            import a", True, {"a"}),
        ("class C:\n    import a", False, {"a"}),
        ("try:\n    import a\nexcept ImportError:\n    import b", False, {"a", "b"}),
        ("if TYPE_CHECKING:\n    import a", False, set()),
        ("with x:\n    import a", False, {"a"}),
    ],
)
def test_imports_are_read_from_the_source(source: str, expected: set[str], *, everywhere: bool) -> None:
    assert set(imported(ast.parse(source), "p.q", everywhere=everywhere)) == expected


@pytest.mark.parametrize("path", MODELS, ids=place)
def test_models_know_no_web_and_no_database(path: Path) -> None:
    assert within(names_in(path), "assistant", "flask", "sqlalchemy", "flask_sqlalchemy", "huey") == []


@pytest.mark.parametrize("path", FILES, ids=place)
def test_nobody_imports_pyplot(path: Path) -> None:
    assert within(names_in(path), "matplotlib.pyplot", "pylab") == []


@pytest.mark.parametrize("path", [path for path in MODELS if place(path) != "models/training.py"], ids=place)
def test_only_training_loads_tensorflow_when_it_is_imported(path: Path) -> None:
    names = names_in(path, everywhere=False)
    assert within(names, "tensorflow", "keras") == []
    assert within(names, "models.training") == []
    assert within(names, "sklearn") == []


def test_training_is_the_one_place_that_imports_tensorflow() -> None:
    assert [place(path) for path in MODELS if within(names_in(path), "tensorflow")] == ["models/training.py"]

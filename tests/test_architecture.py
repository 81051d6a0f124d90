"""Who may import whom."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("assistant", "benchmarks", "migrations", "models", "tests")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
# Loading one of these loads TensorFlow, which takes seconds, so nobody else imports them before they are needed.
TENSORFLOW = ("models/equations.py", "models/training.py", "models/xla.py")
MODELS = [path for path in FILES if path.is_relative_to(ROOT / "models")]

# The parts of assistant/ from the lowest floor to the highest: each imports from floors below its own, and not from its
# neighbours on the same floor.
FLOORS = (
    (
        "clients",
        "errors",
        "intervals",
        "logs",
        "once",
        "patience",
        "public_url",
        "request_body",
        "secret_file",
        "static_files",
    ),
    ("config", "database", "languages", "matching", "postgresql", "security"),
    ("audit", "backup", "erasing", "rate_limits", "tallies"),
    ("accounts", "library"),
    ("guesses",),
    ("runs",),
    ("questions",),
    ("forum",),
    ("doctor",),
    ("health", "metrics", "pages", "admin"),
    ("commands", "preloading"),
)


def imports(tree: ast.AST, package: str, *, functions: bool, types: bool) -> Iterator[str]:
    """Yield the full names of what is imported.

    Args:
        tree: the module.
        package: the package that it belongs to.
        functions: whether imports inside functions count, which run when the function is called.
        types: whether those count that only type checkers read.
    """
    for node in statements(tree, functions=functions, types=types):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            start = parts[: len(parts) - node.level + 1] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def statements(node: ast.AST, *, functions: bool, types: bool) -> Iterator[ast.AST]:
    """Yield all statements below ``node``, with or without those in functions and those for type checkers alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            continue  # most of the nodes, and no statement is in one
        in_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
        for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if (functions or not in_function) and (types or not for_types):
            yield child
            yield from statements(child, functions=functions, types=types)


@cache
def names_in(path: Path, *, functions: bool = True, types: bool = True) -> frozenset[str]:
    package = ".".join(path.relative_to(ROOT).parent.parts)
    return frozenset(imports(tree_of(path), package, functions=functions, types=types))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def graph(*folders: str) -> dict[str, set[str]]:
    """Return which modules of these folders each of their modules imports, in functions too."""
    paths = {module_of(path): path for path in FILES if path.relative_to(ROOT).parts[0] in folders}
    return {
        module: modules_among(names_in(path, types=False), paths.keys()) - {module} for module, path in paths.items()
    }


def modules_among(names: frozenset[str], modules: Set[str]) -> set[str]:
    """Return what is imported of ``modules``; a package only where more is taken from it than modules."""

    def taken(module: str) -> set[str]:
        return {name for name in names if name.rpartition(".")[0] == module}

    return {name for name in names & modules if not taken(name) or taken(name) - modules}


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return modules each of which imports the next, the last being the first; none where there is no such circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def within(names: frozenset[str], *packages: str) -> list[str]:
    return sorted(name for name in names for package in packages if name == package or name.startswith(f"{package}."))


def place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_all_source_is_looked_at() -> None:
    found = {place(path) for path in FILES}
    assert {"models/training.py", "models/experiments/rerun.py", "tests/test_architecture.py"} <= found


@pytest.mark.parametrize(
    ("source", "functions", "types", "expected"),
    [
        ("import a.b", False, False, {"a.b"}),
        ("from a import b", False, False, {"a", "a.b"}),
        ("from . import b", False, False, {"p.q", "p.q.b"}),
        ("from ..r import b", False, False, {"p.r", "p.r.b"}),
        ("def f():\n    import a", False, True, set()),
        ("def f():\n    import a", True, False, {"a"}),
        ("class C:\n    def f(self):\n        if 1:\n            import a", True, False, {"a"}),
        ("class C:\n    import a", False, False, {"a"}),
        ("try:\n    import a\nexcept ImportError:\n    import b", False, False, {"a", "b"}),
        ("if TYPE_CHECKING:\n    import a", True, False, set()),
        ("if TYPE_CHECKING:\n    import a", False, True, {"a"}),
        ("with x:\n    import a", False, False, {"a"}),
    ],
)
def test_imports_are_read_from_the_source(source: str, expected: set[str], *, functions: bool, types: bool) -> None:
    assert set(imports(ast.parse(source), "p.q", functions=functions, types=types)) == expected


def test_a_package_is_imported_only_by_what_takes_more_from_it_than_modules() -> None:
    modules = {"a", "a.b", "a.c"}
    assert modules_among(frozenset({"a", "a.b"}), modules) == {"a.b"}
    assert modules_among(frozenset({"a", "a.b", "a.make"}), modules) == {"a", "a.b"}
    assert modules_among(frozenset({"a"}), modules) == {"a"}
    assert modules_among(frozenset({"a.c", "a.c.f", "json"}), modules) == {"a.c"}


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circle(graph("assistant", "models")) == []


def test_a_circle_is_told_in_the_order_of_its_imports() -> None:
    found = circle({"a": {"b"}, "b": {"c", "d"}, "c": {"a"}, "d": set()})
    assert found[0] == found[-1]
    assert set(found) == {"a", "b", "c"}
    assert "ab" in "".join(found)
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_floor_imports_a_higher_one() -> None:
    floor_of = {f"assistant.{part}": floor for floor, parts in enumerate(FLOORS) for part in parts}
    floor_of["assistant"] = len(FLOORS)

    def part_of(module: str) -> str:
        return ".".join(module.split(".")[:2])

    imported = graph("assistant")
    assert {part_of(module) for module in imported} == set(floor_of)
    upwards = [
        f"{module} imports {other}"
        for module, others in imported.items()
        for other in others
        if part_of(module) != part_of(other) and floor_of[part_of(module)] <= floor_of[part_of(other)]
    ]
    assert upwards == []


def importing(paths: Iterable[Path], *packages: str, functions: bool = True, types: bool = True) -> list[str]:
    """Return which files import one of these packages."""
    return [place(path) for path in paths if within(names_in(path, functions=functions, types=types), *packages)]


def test_models_know_no_web_and_no_database() -> None:
    assert importing(MODELS, "assistant", "flask", "sqlalchemy", "flask_sqlalchemy") == []


def test_nobody_imports_pyplot() -> None:
    assert importing(FILES, "matplotlib.pyplot", "pylab") == []


def test_only_the_engine_loads_tensorflow_when_it_is_imported() -> None:
    others = [path for path in MODELS if place(path) not in TENSORFLOW]
    heavy = ("tensorflow", "keras", "models.equations", "models.training", "models.xla", "sklearn")
    assert importing(others, *heavy, functions=False, types=False) == []


def test_there_is_one_place_that_imports_tensorflow_with_its_flags() -> None:
    assert importing(MODELS, "tensorflow") == ["models/xla.py"]


def test_transactions_begin_and_end_in_one_way() -> None:
    """Only `reading` and `writing` do, which stand in assistant/database.py."""

    def ends(path: Path) -> bool:
        calls = [node.func for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]
        return any(isinstance(call, ast.Attribute) and call.attr in {"commit", "rollback"} for call in calls)

    own = [path for path in FILES if path.is_relative_to(ROOT / "assistant")]
    assert [place(path) for path in own if ends(path)] == ["assistant/database.py"]

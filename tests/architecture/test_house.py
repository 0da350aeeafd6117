"""Rules of the house that no linter knows. Each failure names the file and the line."""

import ast
import re
import sys
from collections.abc import Callable, Iterator

from tests.architecture.sources import ROOMS, TESTS, Source, sources, tracked_texts

# The two outer edges, where whatever went wrong is logged with its cause.
BROAD_CATCHES = (
    "bench/__main__.py",  # one measurement that breaks must not hide the others
    "core/integration/inbound.py",  # one bad body must not hold up the queue
    "core/integration/outbound/recorder.py",  # one result must not hold up those of others
    "core/integration/outbound/drain.py",  # else its thread ends, and everybody's webhooks with it
    "core/integration/outbound/fanout.py",  # one partner's event must not hold up the others'
    "storage/changes.py",  # one broken receiver must not keep the others from theirs
    "storage/jobs.py",
    "storage/jobs/",
    "ui/app.py",
    "ui/errors.py",
    "ui/live.py",
)

# The second starts the hub as `main.py` does, with one thing changed, to measure that thing.
PLAYS_MAIN = ("main.py", "bench/variant.py")

# Waiting for the clock is what these are about.
SLEEPERS: tuple[str, ...] = ()

MONEY = ("core/money.py", "core/billing/", "core/subscriptions/")
# Millimetres and points: amounts are worked out before, and only written here.
PAPER = ("core/billing/invoices/paper/",)
GENERATED = ("storage/migrations/versions/",)
LONGEST_FILE = 400
LONG_FILE = 250

# Absolute paths of somebody's machine, and hosts of package registries.
MACHINE_PATH = re.compile(r"(?<![\w.:})/-])/(?:work|root|home|Users)/\w|/opt/(?:wheels|pypi)")
REGISTRY_HOST = re.compile(r"\b(?:pypi|pythonhosted|npmjs|yarnpkg)\.(?:org|com)\b")


def test_imports_stand_at_the_top_of_the_file() -> None:
    assert offences(ROOMS, imports_inside_functions) == []


def test_nobody_imports_main() -> None:
    found = offences(ROOMS, imports_of_main)
    assert [where for where in found if not where.startswith(PLAYS_MAIN)] == []


def test_everything_is_caught_at_the_outer_edges_only() -> None:
    caught = offences(ROOMS, broad_catches)
    assert [where for where in caught if not where.startswith(BROAD_CATCHES)] == []


def test_float_never_comes_near_money() -> None:
    found = offences(MONEY, floats)
    assert [where for where in found if not where.startswith(PAPER)] == []
    assert offences(PAPER, sums_of_money) == []


def test_tests_do_not_sleep() -> None:
    slept = offences(TESTS, sleeps)
    assert [where for where in slept if not where.startswith(SLEEPERS)] == []


def test_no_file_is_too_long() -> None:
    written = [s for s in sources(*ROOMS) if not s.path.startswith(GENERATED)]
    lengths = sorted(((s.lines, s.path) for s in written), reverse=True)
    long = [f"{path}: {lines} lines" for lines, path in lengths if lines > LONG_FILE]
    if long:  # shown by `pytest -rP tests/architecture`
        sys.stdout.write("Think of splitting:\n  " + "\n  ".join(long) + "\n")
    assert [path for lines, path in lengths if lines > LONGEST_FILE] == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    named = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in tracked_texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATH.search(line) or REGISTRY_HOST.search(line)
    ]
    assert named == []


def offences(places: tuple[str, ...], rule: Callable[[ast.AST], Iterator[ast.AST]]) -> list[str]:
    """Where *rule* finds something below *places*, as `path:line`."""
    return [where for source in sources(*places) for where in _offences_in(source, rule)]


def _offences_in(source: Source, rule: Callable[[ast.AST], Iterator[ast.AST]]) -> Iterator[str]:
    for found in rule(source.tree):
        yield f"{source.path}:{getattr(found, 'lineno', 1)}"


def imports_inside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = (node for statement in function.body for node in ast.walk(statement))
            yield from (node for node in inner if isinstance(node, ast.Import | ast.ImportFrom))


def imports_of_main(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        if not {"main", "assembly"}.isdisjoint(names):
            yield node


def broad_catches(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "BaseException"
            if re.search(r"\b(?:Base)?Exception\b", caught):
                yield node


def floats(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if is_literal or (isinstance(node, ast.Name) and node.id == "float"):
            yield node


def sums_of_money(tree: ast.AST) -> Iterator[ast.AST]:
    """What it takes to work out an amount: `core.money`, or the integers inside one."""
    for node in ast.walk(tree):
        is_import = isinstance(node, ast.ImportFrom) and node.module == "core.money"
        is_figure = isinstance(node, ast.Attribute) and node.attr in {"micros", "minor", "times"}
        if is_import or is_figure:
            yield node


def sleeps(tree: ast.AST) -> Iterator[ast.AST]:
    """Calls of `sleep`, but for `asyncio.sleep(0)`: that gives way, it does not wait."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        gives_way = [ast.unparse(argument) for argument in node.args] == ["0"]
        if name in {"sleep", "wait_for_timeout"} and not gives_way:
            yield node

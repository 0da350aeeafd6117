"""Nothing is left out: each test says what to add, and where, for what came later."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount, Route

from tests.security.matrix import words
from tests.security.matrix.__main__ import END, PAGE, START
from tests.security.matrix.api_attempts import is_documented, operations_of
from tests.security.matrix.arguments import arguments
from tests.security.matrix.counts import counts_of, table
from tests.security.matrix.handlers import CLIENTS_OWN, HANDLERS
from tests.security.matrix.operations import OPEN as OPEN_OPERATIONS
from tests.security.matrix.operations import OPERATIONS
from tests.security.matrix.routes import GUARDED, HOOKS, LINKS, OPEN, PLACES
from tests.security.matrix.services import verbs_of
from tests.security.matrix.site import Site
from tests.security.matrix.verbs import VERBS
from tests.security.matrix.world import MatrixWorld
from ui.api.partner.app import make_api
from ui.sections import all_sections

ROOT = Path(__file__).parents[3]
HERE = "tests/security/matrix"
_PAGES = [*(ROOT / "ui" / "pages").rglob("*.py"), *(ROOT / "ui" / "elements").glob("*.py")]
_SIGNALS = re.compile(r"\bon_[a-z]+=|\.on\(|\.on_[a-z_]+\(|\.listen\(|ui\.on\(")
# NiceGUI's own, which serves scripts and the sockets that the guards watch.
_NICEGUI = "/_nicegui"


def test_every_verb_of_every_service_is_classified(world: MatrixWorld) -> None:
    verbs = verbs_of(world.hub)
    unknown = sorted(set(verbs) - set(VERBS))
    assert not unknown, (
        f"say in VERBS of {HERE}/verbs.py what these are about, what they do and whom they are"
        f" for: {unknown}"
    )
    assert not set(VERBS) - set(verbs), f"not there any more: {sorted(set(VERBS) - set(verbs))}"
    for verb in verbs.values():
        assert arguments(verb, world.unknown, **world.changes.get(verb.name, {})) is not None


def test_every_operation_of_the_api_is_classified(world: MatrixWorld) -> None:
    api = make_api(world.hub)
    found, known = operations_of(api), {*OPERATIONS, *OPEN_OPERATIONS}
    assert not found - known, (
        f"say in OPERATIONS of {HERE}/operations.py what these are about: {sorted(found - known)}"
    )
    assert not known - found, f"not there any more: {sorted(known - found)}"
    assert all(is_documented(api, operation) for operation in OPERATIONS)


def test_every_place_of_the_dashboard_is_classified() -> None:
    found = {section.path for section in all_sections()}
    assert not found - set(PLACES), (
        f"say in PLACES of {HERE}/routes.py what these pages are about:"
        f" {sorted(found - set(PLACES))}"
    )
    assert not set(PLACES) - found


def test_every_route_is_classified(site: Site) -> None:
    known = {*GUARDED, *LINKS, *HOOKS, *OPEN}
    found = set(_routes(site.app))
    assert not found - known, (
        f"say in GUARDED, LINKS, HOOKS or OPEN of {HERE}/routes.py whom these are for:"
        f" {sorted(found - known)}"
    )
    assert not known - found, f"not there any more: {sorted(known - found)}"


def _routes(app: FastAPI) -> Iterator[str]:
    for route in _flat(app.router.routes):
        path = getattr(route, "path", "")
        if isinstance(route, APIRoute | Route) and not path.startswith(_NICEGUI):
            for method in sorted((route.methods or {"POST"}) - {"HEAD"}):
                yield f"{method} {path}"


def _flat(routes: list[Any]) -> Iterator[BaseRoute]:
    for route in routes:
        yield route
        inner = getattr(getattr(route, "app", None), "routes", None) or []
        if isinstance(route, Mount) or inner:
            yield from _flat(inner)


def test_what_pages_call_is_a_verb_that_the_gate_knows() -> None:
    """Every `….hub.<service>.<verb>` in `ui`, by the source."""
    known = {*VERBS, *CLIENTS_OWN}
    for path in (ROOT / "ui").rglob("*.py"):
        for chain in _chains(ast.parse(path.read_text("utf-8"))):
            is_known = chain.startswith("settings") or any(
                name == chain or name.startswith(f"{chain}.") for name in known
            )
            assert is_known, (
                f"{path.relative_to(ROOT)} calls hub.{chain}: a verb with `who` belongs into VERBS"
                f" of {HERE}/verbs.py; what is called without one into CLIENTS_OWN of"
                f" {HERE}/handlers.py, with what stands in for the login"
            )


def test_every_module_with_event_handlers_is_classified() -> None:
    """Who hears browsers' events is known by its file, with what the events are about."""
    found = {str(path.relative_to(ROOT / "ui")) for path in _PAGES if _hears(path)}
    assert not found - set(HANDLERS), (
        f"say in HANDLERS of {HERE}/handlers.py what the events of these pages are about:"
        f" {sorted(found - set(HANDLERS))}"
    )
    assert not set(HANDLERS) - found, f"hear nothing any more: {sorted(set(HANDLERS) - found)}"
    assert {about for each in HANDLERS.values() for about in each} <= set(words.RESOURCES)


def _hears(path: Path) -> bool:
    return _SIGNALS.search(path.read_text("utf-8")) is not None


def _chains(tree: ast.AST) -> Iterator[str]:
    """`a.b` of every outermost `….hub.a.b`."""
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            names = _names(node)
            if "hub" in names or "_hub" in names:
                at = max(i for i, name in enumerate(names) if name in ("hub", "_hub"))
                if chain := ".".join(names[at + 1 :]):
                    yield chain


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [*_names(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def test_the_counts_of_the_page_are_true(site: Site) -> None:
    counted = table(counts_of(site))
    written = PAGE.read_text("utf-8").partition(START)[2].partition(END)[0].strip()
    assert written == counted.strip(), "python -m tests.security.matrix --write"

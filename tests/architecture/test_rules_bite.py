"""The house rules themselves: each finds what it is there to find."""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.architecture import test_house as house

Rule = Callable[[ast.AST], Iterator[ast.AST]]

# Each rule with code that breaks it and its nearest neighbour that does not.
PLANTED: dict[Rule, tuple[str, str]] = {
    house.imports_inside_functions: ("def f():\n    if x:\n        import os", "import os"),
    house.imports_of_main: ("from main import app", "from core import main"),
    house.broad_catches: (
        "try: f()\nexcept (ValueError, Exception): pass",
        "try: f()\nexcept (ValueError, ExceptionGroup): pass",
    ),
    house.floats: ("rate = 0.1", "rate = Fraction(1, 10)"),
    house.sums_of_money: ("left = line.net.micros / 2", "left = amount(line.net)"),
    house.sleeps: ("await asyncio.sleep(0.1)", "await asyncio.sleep(0)"),
}


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_a_house_rule_finds_what_breaks_it_and_nothing_else(rule: Rule) -> None:
    wrong, right = PLANTED[rule]
    assert list(rule(ast.parse(wrong)))
    assert not list(rule(ast.parse(right)))


@pytest.mark.parametrize("folder", ["work", "root", "home"])
def test_a_path_of_a_machine_is_found(folder: str) -> None:
    assert house.MACHINE_PATH.search(f'PLACE = "/{folder}/somebody"')


@pytest.mark.parametrize("host", ["pypi", "files.pythonhosted", "registry.npmjs"])
def test_the_host_of_a_registry_is_found(host: str) -> None:
    assert house.REGISTRY_HOST.search(f"see https://{host}.org/simple")


@pytest.mark.parametrize("line", ["#!/usr/bin/env bash", "https://hub.example/home/acme"])
def test_other_paths_are_left_alone(line: str) -> None:
    assert not house.MACHINE_PATH.search(line)

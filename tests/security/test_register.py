"""Each guard is switched off once, in a process of its own, and its test must fail."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.security.guard_page import PAGE, guards_of, is_missed, page_with
from tests.security.register import GUARDS, WITHOUT
from tests.security.rules import RULES

ROOT = Path(__file__).parents[2]
# Each worker takes a share of its own.
SHARES = 6


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(WITHOUT in os.environ, reason="inside such a run")
@pytest.mark.parametrize("share", range(SHARES))
def test_every_guard_is_missed_when_it_is_off(share: int) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    guards = [guard.name for guard in GUARDS[share::SHARES]]
    done = subprocess.run(
        [sys.executable, "-m", "tests.security.without_guards", *guards],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    outcomes = json.loads(done.stdout)
    assert sorted(outcomes) == sorted(guards)
    unmissed = {name: told for name, (code, told) in outcomes.items() if not is_missed(code, told)}
    assert not unmissed, "\n\n".join(f"{name}:\n{told}" for name, told in unmissed.items())


def test_guards_have_names_of_their_own() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


def test_every_rule_has_its_guards_and_every_guard_its_rule() -> None:
    for rule, patterns in RULES.items():
        assert all(guards_of((pattern,)) for pattern in patterns), rule
    named = {guard.name for patterns in RULES.values() for guard in guards_of(patterns)}
    unnamed = [guard.name for guard in GUARDS if guard.name not in named]
    assert not unnamed, f"name these in RULES of tests/security/rules.py: {unnamed}"


def test_the_operators_page_lists_the_guards_of_today() -> None:
    text = PAGE.read_text("utf-8")
    assert text == page_with(text), "python -m tests.security.guard_page --write"

"""Every case of every corpus is asked by some test; what is asked by none fails here."""

from __future__ import annotations

import ast
import csv
import io
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.billing.payments.port import BadSignature
from core.csv_cells import line, neutral
from core.gateways.stripe_events import verified_event
from tests.security import exercised

TESTS = Path(__file__).parents[1]
CORPORA = TESTS / "corpora"


def corpus(name: str) -> Any:
    return json.loads((CORPORA / f"{name}.json").read_text("utf-8"))


@cache
def functions(path: str) -> frozenset[str]:
    """The tests of a file below `tests`."""
    tree = ast.parse((TESTS / path).resolve().read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def assert_there(node: str) -> None:
    path, _, name = node.partition("::")
    assert name in functions(path), f"{node} is not there (any more)"


def test_all_48_attacks_on_logins_and_onboarding_are_made() -> None:
    ids = [attack["id"] for attack in corpus("oauth_attacks")]
    assert len(ids) == 48
    assert ids == sorted(exercised.ATTACKS)
    for node in exercised.ATTACKS.values():
        assert_there(node)


def test_every_sequence_of_webhooks_is_told() -> None:
    assert set(corpus("inbound_webhooks")["sequences"]) == set(exercised.SEQUENCES)
    for node in exercised.SEQUENCES.values():
        assert_there(node)


def test_every_crash_point_has_a_test_that_is_killed_there() -> None:
    points = corpus("inputs_and_crash_points")["crash_points"]
    for heading, each in points.items():
        for point in each:
            if point in exercised.NOT_OURS:
                continue
            node = exercised.ELSEWHERE.get(point) or exercised.CRASHES.get(heading)
            assert node, f"no test for {heading}: {point}"
            assert_there(node)


def test_every_corpus_is_read_by_a_test() -> None:
    assert {path.stem for path in CORPORA.glob("*.json")} == set(exercised.VALUES)
    for name, paths in exercised.VALUES.items():
        for path in paths:
            text = (TESTS / path).resolve().read_text("utf-8")
            assert f"{name}.json" in text or f'corpus("{name}")' in text, (name, path)


# --- corpora of values that no other test has -----------------------------------------------------

SIGNED = corpus("inbound_webhooks")["stripe_style"]
SIGNED_AT = datetime.fromtimestamp(1_790_000_000, UTC)


@pytest.mark.parametrize("case", SIGNED["cases"], ids=lambda case: case["name"])
def test_signatures_of_the_payment_provider(case: dict[str, Any]) -> None:
    now = SIGNED_AT + timedelta(seconds=case["now_minus_t"])
    body = SIGNED["payload"].encode()
    if case["expect"] == 200:
        assert verified_event(body, case["header"], SIGNED["secret"], now).id == "evt_1"
        return
    with pytest.raises(BadSignature):
        verified_event(body, case["header"], SIGNED["secret"], now)


CELLS = corpus("inputs_and_crash_points")["csv_injection"]["values"]
FORMULAS = "=+-@\t\r\n＝＋－＠"


@pytest.mark.parametrize("cell", CELLS, ids=repr)
def test_no_cell_of_an_export_runs(cell: str) -> None:
    written = line([cell])
    assert written.startswith('"')
    ((read,),) = csv.reader(io.StringIO(written, newline=""))
    assert read == neutral(cell)
    assert read.lstrip("\ufeff \t")[:1] not in [*FORMULAS]
    assert read.removeprefix("'") == cell

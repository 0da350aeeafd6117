"""What an operator is told at the prompt: a sentence, and exit code 1 when nothing was done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from core.billing.card_import import CardImport
from core.clock import FixedClock
from storage.database import SqlDatabase
from storage.jobs_inline import InlineJobs
from tests.services.metering_world import World, build
from tests.services.subscriptions_world import build as subscribed
from ui.operator import OperatorCommands

CARDS = Path(__file__).parents[2] / "core" / "billing" / "cards"
PRICES = str(CARDS / "example-USD.csv")


@dataclass(frozen=True)
class _Opened:
    cards: CardImport
    hub: Any = None
    database: Any = None
    operations: Any = None
    vault: Any = None


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> World:
    return build(database, clock, currency="USD")


def run(world: World, *arguments: str) -> tuple[int, str]:
    """Exit code and all that was said, without the log."""

    @contextmanager
    def opened() -> Iterator[_Opened]:
        jobs = InlineJobs()
        yield _Opened(CardImport(world.database, world.clock, world.cards, world.metering, jobs))

    commands = typer.Typer()
    OperatorCommands(opened).add_to(commands)
    result = CliRunner().invoke(commands, arguments)
    said = [line for line in result.output.splitlines() if "[debug" not in line]
    return result.exit_code, "\n".join(said)


def test_a_faulty_card_is_looked_at_and_not_imported(world: World, tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.csv"
    faulty.write_text(
        Path(PRICES).read_text("utf-8") + "Atlantis,USD,1,1,1,n/a,1\nGermany,USD,1,1,1,n/a,1\n",
        "utf-8",
    )
    arguments = ("rate-card", str(faulty), "--currency", "USD", "--from", "2026-12-01")
    code, said = run(world, *arguments)
    assert code == 0
    assert "unknown market: Atlantis" in said
    code, said = run(world, *arguments, "--apply")
    assert code == 1
    assert "Nothing was imported" in said


def test_what_cannot_be_done_is_said_in_a_sentence(world: World) -> None:
    card = ("rate-card", PRICES, "--from", "2026-12-01", "--currency")
    assert run(world, *card, "GBP") == (1, "The currency is EUR or USD.")
    markup = ("markup", world.partner_id)
    assert run(world, *markup, "x", "--from", "2026-12-01") == (1, "That is no percentage.")
    assert run(world, *markup, "5", "--from", "2020-01-01") == (
        1,
        "That day has begun: it holds from a coming one.",
    )
    assert run(world, "markup", "Nobody1PA", "5", "--from", "2026-12-01") == (
        1,
        "There is no such partner.",
    )
    assert run(world, *markup, "5", "--from", "2026-12-01")[0] == 0
    code, said = run(world, *markup, "6", "--from", "2026-12-01")
    assert (code, said) == (1, "There is a markup from that day already.")


def test_a_price_of_a_plan_or_a_licence_is_changed(
    database: SqlDatabase, clock: FixedClock
) -> None:
    subscriptions = subscribed(database, clock).subscriptions

    @contextmanager
    def opened() -> Iterator[Any]:
        yield SimpleNamespace(hub=SimpleNamespace(subscriptions=subscriptions))

    commands = typer.Typer()
    OperatorCommands(opened).add_to(commands)

    def price(*arguments: str) -> tuple[int, str]:
        given = ["price", *arguments, "--currency", "eur", "--from", "2027-01-01"]
        result = CliRunner().invoke(commands, given)
        return result.exit_code, result.output.splitlines()[-1]

    told = "costs 600 EUR a month from 2027-01-01 on."
    assert price("growth", "600") == (0, f"growth {told}")
    assert price("licence:premium", "600") == (0, f"licence:premium {told}")
    assert price("growth", "700") == (1, "There is a price from that day already.")
    assert price("regular", "30") == (1, "That is no plan and no licence.")
    assert price("licence:regular", "x") == (
        1,
        "An amount is 0 to 1000000 with at most two decimals.",
    )

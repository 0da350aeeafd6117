"""kill -9 of the real hub at each point of a top-up and of an auto-renewal.

Hub and sandbox are processes of their own, an owner sits at a browser. The provider holds an
answer, the database is held, or mails are refused, so that the hub is exactly there when it is
killed. `tests/services/test_payments_killed.py` kills a worker alone, also where nothing outside
can hold it: inside a transaction, between lease and threshold. After each restart the payment is
over within 30 seconds; at the end the provider, the invoices and the ledger agree to the cent.
"""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from time import monotonic
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, TimeoutError, expect, sync_playwright

from e2e.support.money import Till
from e2e.support.payments import GOOD, SAVED_THEN_DECLINED, Provider
from e2e.support.people import People
from e2e.support.sandbox import Sandbox
from tests.support.chromium import launch_options
from tests.support.hub_process import MAIN, CommandProcess, Ports, hub_alone, sandbox_alone
from tests.support.waiting import wait_for

# Minutes each: `make crash`, not `make test`.
pytestmark = [pytest.mark.killed_hub, pytest.mark.slow, pytest.mark.timeout(900)]

# Promised for every crash.
RECOVERED_SECONDS = 30
STEP_SECONDS = 60
# Longer than a process needs to die, shorter than the hub waits for the provider.
HELD_SECONDS = 6
FEE, VAT = 104, 119  # percent
_OPEN = "SELECT count(*) FROM payment WHERE status NOT IN ('succeeded', 'declined', 'cancelled')"
_NEWS = "SELECT count(*) FROM provider_webhook"
_FAILURES = "SELECT failures FROM renewal WHERE partner_id = 'AcmeMsPA'"


class Rig:
    """The hub that is killed, the world that is not, and one owner between them."""

    def __init__(self, world: CommandProcess, hub: CommandProcess, context: BrowserContext) -> None:
        self.hub = hub
        self.sandbox = Sandbox(world.ports.sandbox_url)
        self.provider = Provider(self.sandbox)
        page = People(hub.base_url).sign_in(context, "Ada Martins")
        self.till = Till(page, hub.base_url)
        self.bought = 0  # cents

    def ask_and_pay(self, amount: int) -> None:
        """The owner presses Pay; whatever happens next, nobody presses again."""
        self.open_balance()
        before = self.count("SELECT count(*) FROM payment")
        self.till.top_up(str(amount))
        self.bought += amount * 100
        self.comes(lambda: self.count("SELECT count(*) FROM payment") == before + 1)

    def open_balance(self) -> None:
        """As somebody does who finds a hub that has just come up and is still busy: look again."""
        for _ in range(3):
            self.till.open("balance")
            if _comes_soon(self.till):
                return
        raise AssertionError(self.till.page.locator("main").inner_text())

    def charged(self, amount: int) -> Callable[[], bool]:
        """Whether the provider has charged this top-up."""
        gross = _gross(amount * 100)
        return lambda: any(
            row["amount"] == gross and row["status"] == "succeeded"
            for row in self.provider.charges()
        )

    def kill(self) -> None:
        self.hub.kill()

    def start(self) -> None:
        """Up again, and within the promised time nothing is left open."""
        self.hub.start()
        wait_for(self.is_over, seconds=RECOVERED_SECONDS, every=0.1)

    def is_over(self) -> bool:
        return not self.count(_OPEN)

    def comes(self, look: Callable[[], Any]) -> None:
        wait_for(look, seconds=STEP_SECONDS, every=0.005)

    def count(self, query: str) -> int:
        """The number that the hub's database answers with."""
        path = self.hub.var_dir / "hub.sqlite3"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
            return int(connection.execute(query).fetchone()[0])

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody can write into the hub's database."""
        path = self.hub.var_dir / "hub.sqlite3"
        with closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    def books(self) -> str:
        """What the operator's command says; it fails where they do not agree."""
        done = subprocess.run(
            [sys.executable, MAIN, "books"],
            cwd=self.hub.var_dir,
            env=self.hub.ports.environment(self.hub.var_dir),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def require_all(self, before: int, kept: int) -> None:
        """Nothing lost, nothing doubled, wherever one looks."""
        self.till.open("balance")
        self.till.expect_cents(before + self.bought)
        succeeded = self.count("SELECT count(*) FROM payment WHERE status = 'succeeded'")
        issued = self.count("SELECT count(*) FROM invoice WHERE kind = 'top_up'")
        assert succeeded == issued
        numbers = "SELECT max(substr(number, 6)) - min(substr(number, 6)) + 1 - count(*)"
        assert self.count(f"{numbers} FROM invoice") == 0, "numbers have no gap"
        references = [row["reference"] for row in self.provider.charges()]
        assert len(set(references)) == len(references)
        paid = "SELECT coalesce(sum(gross - refunded), 0) / 10000 FROM payment"
        ours = f"{paid} WHERE status = 'succeeded' AND actor <> 'demo'"
        assert self.provider.kept() - kept == self.count(ours)
        assert re.search(r"^AcmeMsPA: .*: agree$", self.books(), re.MULTILINE)


def _comes_soon(till: Till) -> bool:
    try:
        till.page.get_by_role("button", name="Top up", exact=True).wait_for(timeout=20_000)
    except TimeoutError:
        return False
    return True


def _gross(net: int) -> int:
    """Cents with the fee and VAT, each rounded half up."""
    with_fee = net + (net * (FEE - 100) + 50) // 100
    return with_fee + (with_fee * (VAT - 100) + 50) // 100


@pytest.fixture
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    ports, folder = Ports.free(), tmp_path_factory.mktemp("crash")
    world, hub = sandbox_alone(ports, folder), hub_alone(ports, folder)
    try:
        world.start()
        hub.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options())
            context = browser.new_context(locale="en-GB")
            context.set_default_timeout(STEP_SECONDS * 1000)
            expect.set_options(timeout=STEP_SECONDS * 1000)
            rig = Rig(world, hub, context)
            yield rig
            rig.sandbox.close()
            browser.close()
    finally:
        hub.kill()
        world.stop()


def test_killed_at_each_point_a_top_up_is_charged_once_and_booked_once(rig: Rig) -> None:
    till, provider = rig.till, rig.provider
    till.pause_renewal()
    till.add_card()
    till.open("balance")
    before, kept = till.cents(), provider.kept()

    till.ask("20")
    rig.kill()  # (before intent row)
    rig.start()

    provider.fault("unavailable", times=200)
    rig.ask_and_pay(21)
    rig.kill()  # (after intent row, before provider call)
    provider.heal()
    rig.start()

    provider.fault("hangs_after", "confirm", seconds=HELD_SECONDS)
    rig.ask_and_pay(22)
    rig.comes(rig.charged(22))
    rig.kill()  # (provider has charged, answer not yet read)
    rig.start()

    provider.fault("hangs_after", "confirm", seconds=1)
    rig.ask_and_pay(23)
    rig.comes(rig.charged(23))
    with rig.held():
        answered = monotonic() + 2
        rig.comes(lambda: monotonic() > answered)
        rig.kill()  # (after answer, before ledger row)
    rig.start()

    rig.ask_and_pay(24)
    rig.comes(rig.is_over)
    rig.kill()  # (after commit, before browser is told)
    rig.start()

    with told_late(rig, 25):
        rig.kill()  # (while provider webhook is being verified)
    with told_late(rig, 26) as is_stored:
        rig.comes(is_stored)
        rig.kill()  # (after webhook row, before processing)
    with told_late(rig, 27) as is_stored:
        rig.comes(is_stored)
        with rig.held():
            rig.kill()  # (inside processing transaction)

    rig.sandbox.post("mail/behaviour", {"status": 451, "times": 100})
    rig.ask_and_pay(28)
    rig.comes(rig.is_over)
    rig.kill()  # (after outbox row, before send)
    rig.sandbox.delete("mail/behaviour")
    rig.start()
    rig.comes(lambda: _told(rig, "28.00"))

    rig.require_all(before, kept)
    for amount in range(21, 29):
        assert _told(rig, f"{amount}.00") == 1


@contextmanager
def told_late(rig: Rig, amount: int) -> Iterator[Callable[[], bool]]:
    """Top up, then have the provider tell; inside, the hub is killed; all of it comes through."""
    rig.provider.webhooks(hold=True)
    rig.ask_and_pay(amount)
    rig.comes(rig.is_over)
    known = rig.count(_NEWS)
    rig.provider.release()
    yield lambda: rig.count(_NEWS) > known
    rig.start()
    rig.comes(lambda: rig.count(_NEWS) > known)
    left = f"{_NEWS} WHERE processed_at IS NULL"
    wait_for(lambda: not rig.count(left), seconds=STEP_SECONDS, every=0.1)


def _told(rig: Rig, amount: str) -> int:
    """Mails to the owner about a top-up of this amount; a repeat has the same Message-ID.

    A mail server that took one just before the crash gets it again, and mail programs show it once.
    """
    mails = rig.sandbox.get("mail", to="ada@acme.example")["mails"]
    about = [dict(m["headers"]) for m in mails if f"{amount} were added" in m["text"]]
    return len({headers["Message-ID"] for headers in about})


def test_killed_at_each_point_an_auto_renewal_is_charged_once_or_backs_off_once(rig: Rig) -> None:
    till, provider = rig.till, rig.provider
    till.pause_renewal()
    till.add_card(SAVED_THEN_DECLINED)
    till.open("balance")
    before, kept = till.cents(), provider.kept()

    provider.fault("hangs_after", "confirm", seconds=HELD_SECONDS)
    till.start_renewal()
    rig.comes(lambda: _tries(provider))
    rig.kill()  # (declined, before backoff row)
    rig.start()
    assert rig.count(_FAILURES) == 1
    till.open("balance")
    assert (till.cents(), provider.kept()) == (before, kept)

    provider.fault("hangs_after", "confirm", seconds=HELD_SECONDS, skip=1)
    till.add_card(GOOD)
    # The new card ends the rest; the next look, every minute, tries both.
    wait_for(lambda: provider.kept() > kept, seconds=3 * STEP_SECONDS, every=0.01)
    rig.kill()  # (provider charged, answer lost)
    rig.start()
    renewed = "SELECT count(*) FROM payment WHERE purpose = 'auto_renewal' AND status = 'succeeded'"
    rig.comes(lambda: rig.count(renewed))
    rig.kill()  # (after ledger row)
    rig.start()
    # As often as it takes to be above the threshold.
    wanted = (200_00 - before) // 100_00 + 1
    rig.comes(lambda: rig.count(renewed) == wanted)

    rig.bought = wanted * 100_00
    rig.require_all(before, kept)
    assert rig.count(_FAILURES) == 0


def _tries(provider: Provider) -> int:
    return sum(len(charge["tries"]) for charge in provider.charges())

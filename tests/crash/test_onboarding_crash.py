"""kill -9 of the real hub at each step of one onboarding, which goes on and ends.

Hub and sandbox are processes of their own, the client is a browser. Meta holds a call, so that
the hub is exactly there when it is killed. `done`: Meta does the work after the hub is gone, so
the answer is lost; else Meta never did it. `tests/services/test_onboarding_killed.py` kills the
worker alone, also at points that no call marks.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from core.demo.world import ACME
from e2e.support.client import PARTNER, ClientBrowser
from e2e.support.sandbox import Sandbox
from tests.support.chromium import launch_options
from tests.support.hub_process import CommandProcess, Ports, hub_alone, sandbox_alone
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(480)]

STEP_SECONDS = 60
# Longer than a process needs to die, shorter than the hub waits for Meta.
HELD_SECONDS = 4.0
EXIT = re.compile(r"/partner-site/redirect\?client=(\w+CL)&channels=\[(\w+CH)\]$")
EXCHANGE = ("GET", "/oauth/access_token$")
# (method, address, done) in the order of the sequence; the corpus's points are in brackets.
AFTER_EXCHANGE = [
    ("GET", "/{waba}/phone_numbers$", True),  # (token stored, account row not)
    ("POST", "/{waba}/subscribed_apps$", False),  # (account row stored, subscription not)
    ("POST", "/{waba}/subscribed_apps$", True),  # (subscription done, outbox event not)
    ("POST", "/{phone}/settings$", True),
    ("POST", "/{phone}/register$", False),
    ("POST", "/{phone}/register$", True),
]
ONCE = ("oauth/access_token", "subscribed_apps", "settings", "register")
# Of the number, in this order, each once.
CHANNEL_EVENTS = [
    "channel_created",
    "channel_submitted",
    "channel_permission_granted",
    "channel_ready",
    "channel_live",
]


class Rig:
    """The hub that is killed, the world that is not, and one client between them."""

    def __init__(self, world: CommandProcess, hub: CommandProcess, page: Page) -> None:
        self.hub = hub
        self.meta = Sandbox(world.ports.sandbox_url)
        email = f"crash-{world.ports.hub}@client.example"
        self.client = ClientBrowser(page, hub.base_url, self.meta, email)

    def hold(self, method: str, pattern: str, done: bool) -> None:
        """The next such call hangs; without `done` it fails then, and Meta has done nothing."""
        fault: dict[str, Any] = {"hang_seconds": HELD_SECONDS}
        if not done:
            fault |= {"http": 503, "code": 2}
        self.meta.behave(fail=[fault | {"method": method, "path_pattern": pattern}])

    def kill_in(self, method: str, pattern: str) -> None:
        """Kill the hub while Meta holds the call, and return when Meta is through with it."""
        wait_for(lambda: self._hangs(method, pattern), seconds=STEP_SECONDS, every=0.05)
        self.hub.kill()
        wait_for(lambda: not self._hangs(method, pattern), seconds=STEP_SECONDS, every=0.05)

    def _hangs(self, method: str, pattern: str) -> bool:
        calls = self.meta.graph_calls(method=method)
        return any(re.search(pattern, each["path"]) and not each["status"] for each in calls)

    def restart(self) -> None:
        self.hub.kill()
        self.hub.start()

    def again(self) -> None:
        """The client's page, opened anew: it may have been reloaded while nobody answered."""
        self.client.page.goto(self.client.page.url)

    def meta_ids(self) -> dict[str, str]:
        """The WABA and the number that the client has just made at Meta."""
        state = self.meta.get("meta/state")
        phone = list(state["phone_numbers"])[-1]
        node = state["phone_numbers"][phone] if isinstance(phone, str) else phone
        return {"waba": node["waba_id"], "phone": node["id"]}

    def successes(self, ids: dict[str, str]) -> Counter[str]:
        """How often Meta did each of the things that may be done once."""
        ours = (ids["waba"], ids["phone"], "oauth")
        paths = [
            each["path"].strip("/")
            for each in self.meta.graph_calls()
            if each["status"] == 200 and (each["method"] == "POST" or "oauth" in each["path"])
        ]
        return Counter(
            name for path in paths if path.startswith(ours) for name in ONCE if path.endswith(name)
        )

    def rows(self, query: str, *values: object) -> list[Any]:
        """The first column, straight from the hub's database."""
        with closing(sqlite3.connect(self.hub.var_dir / "hub.sqlite3", timeout=30)) as connection:
            rows = connection.execute(query, values).fetchall()
            connection.commit()
        return [row[0] for row in rows]


@pytest.fixture
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    ports, folder = Ports.free(), tmp_path_factory.mktemp("crash")
    world, hub = sandbox_alone(ports, folder), hub_alone(ports, folder)
    try:
        world.start()
        hub.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options())
            page = browser.new_context(locale="en-GB").new_page()
            page.set_default_timeout(STEP_SECONDS * 1000)
            expect.set_options(timeout=STEP_SECONDS * 1000)
            rig = Rig(world, hub, page)
            rig.rows("UPDATE partner SET region_default = 'DE' WHERE id = ?", ACME.id)
            yield rig
            rig.meta.close()
            browser.close()
    finally:
        hub.kill()
        world.stop()


def test_killed_at_each_step_an_onboarding_goes_on_and_ends_and_nothing_is_doubled(
    rig: Rig,
) -> None:
    client = rig.client
    client.open()
    client.page.get_by_role("heading", name=f"Connect WhatsApp with {PARTNER}").wait_for()
    rig.restart()  # (after start row)
    rig.again()
    client.sign_up()
    client.confirm_code()
    rig.hold(*EXCHANGE, done=True)
    client.finish_popup(client.open_popup())
    rig.kill_in(*EXCHANGE)  # (Meta exchanged code, answer lost)
    ids = rig.meta_ids()
    for method, address, done in AFTER_EXCHANGE:
        pattern = address.format(**ids)
        rig.hold(method, pattern, done)
        rig.hub.start()
        rig.kill_in(method, pattern)
    rig.hub.start()
    rig.again()
    client.expect_permission()
    rig.restart()  # (before redirect to partner)
    rig.again()

    found = EXIT.search(client.arrive())

    assert found is not None, client.page.url
    require_nothing_doubled(rig, ids, *found.groups())


def test_killed_before_meta_exchanged_the_code_it_ends_all_the_same(rig: Rig) -> None:
    client = rig.client
    client.to_meta()
    rig.hold(*EXCHANGE, done=False)
    client.finish_popup(client.open_popup())
    rig.kill_in(*EXCHANGE)  # (after Meta redirect, before code exchange)
    rig.hub.start()
    rig.again()
    client.expect_permission()

    found = EXIT.search(client.arrive())

    assert found is not None, client.page.url
    require_nothing_doubled(rig, rig.meta_ids(), *found.groups(), exchanged=0)


def require_nothing_doubled(
    rig: Rig, ids: dict[str, str], client_id: str, channel_id: str, exchanged: int = 1
) -> None:
    """Meta did each thing once, each row is there once, each event was told once."""
    expected = dict.fromkeys(ONCE, 1) | {"oauth/access_token": exchanged}
    assert rig.successes(ids) == Counter(expected)
    email = rig.client.email
    assert rig.rows("SELECT id FROM client WHERE email = ?", email) == [client_id]
    assert len(rig.rows("SELECT id FROM waba_account WHERE client_id = ?", client_id)) == 1
    assert rig.rows("SELECT id FROM channel WHERE client_id = ?", client_id) == [channel_id]
    told = "SELECT type FROM event WHERE subject_type = 'channel' AND subject_id = ? ORDER BY id"
    kinds = [kind for kind in rig.rows(told, channel_id) if kind in CHANNEL_EVENTS]
    assert kinds == CHANNEL_EVENTS
    run = rig.rows("SELECT id FROM onboarding_run WHERE client_id = ?", client_id)
    assert len(run) == 1
    data = rig.rows(
        "SELECT data FROM event WHERE subject_id = ? AND type = 'onboarding_step'", run[0]
    )
    steps = Counter(json.loads(each)["step"] for each in data)
    doubled = {step: count for step, count in steps.items() if count > 1 and step != "popup_said"}
    assert not doubled, doubled
    ended = "SELECT id FROM event WHERE subject_id = ? AND type = 'onboarding_finished'"
    assert len(rig.rows(ended, run[0])) == 1

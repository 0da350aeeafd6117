"""The world of one Meta: its state, its switches, its webhooks and its popups.

`load` replaces everything by a seed and `reset` returns to that seed; the app around it decides
when. Nothing here knows HTTP routes.
"""

import copy
from typing import Any

import httpx

from sandbox.meta.behaviour import Behaviour
from sandbox.meta.events import Event
from sandbox.meta.journal import Journal
from sandbox.meta.more_scenarios import SCENARIOS
from sandbox.meta.ports import Clock, MetaSettings
from sandbox.meta.scenarios import Stage
from sandbox.meta.seeding import Seed, build_state
from sandbox.meta.signup import Signups
from sandbox.meta.state import MetaState
from sandbox.meta.targets import resolve
from sandbox.meta.traffic import Traffic
from sandbox.meta.values import Node
from sandbox.meta.webhooks import WebhookSender


class MetaWorld:
    """All that exists at Meta for one partner's app."""

    def __init__(
        self,
        settings: MetaSettings,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.journal = Journal()
        self.behaviour = Behaviour()
        self.signups = Signups(settings, clock, self._now)
        self.sender = WebhookSender(settings, clock, self._now, transport)
        self.traffic = Traffic(self.sender, clock)
        self._seed: Seed = {}
        self.state: MetaState = build_state(self._seed, settings, clock.now())

    def load(self, seed: Seed) -> None:
        """Replaces all state by the seed and puts every switch back to normal."""
        self._seed = copy.deepcopy(seed)
        self.reset()

    def reset(self) -> None:
        """Back to the last seed: no old popups, calls, deliveries or faults remain."""
        self.traffic.stop()
        self.sender.stop()
        self.sender.deliveries.clear()
        self.journal.clear()
        self.behaviour = Behaviour()
        self.signups = Signups(self.settings, self.clock, self._now)
        self.state = build_state(self._seed, self.settings, self.clock.now())

    async def emit(
        self, field: str, value: Any, entry_id: str, *, force: bool = False
    ) -> list[Node]:
        """Sends one webhook as it is, unknown fields and values included; its first attempts."""
        event = Event(field=field, value=value, entry_id=entry_id)
        return await self.sender.send([event], force=force)

    async def scenario(self, name: str, target: dict[str, Any]) -> list[Node]:
        """Lets it happen and tells the hub; KeyError for an unknown name, NoTarget for no such."""
        run = SCENARIOS[name]
        events = run(resolve(self.state, target), Stage(self.settings, self.clock.now()))
        return await self.sender.send(events)

    async def close(self) -> None:
        """Stops retries and releases connections."""
        self.traffic.stop()
        await self.sender.close()

    def _now(self) -> tuple[MetaState, Behaviour]:
        # Asked for at each use: a reset replaces both.
        return self.state, self.behaviour

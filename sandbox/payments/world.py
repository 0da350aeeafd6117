"""The provider's world: its state, its switches, its keys and its webhooks."""

import httpx

from sandbox.payments.events import new_event
from sandbox.payments.keys import Keys
from sandbox.payments.state import State
from sandbox.payments.switches import Switches, WebhookSwitches
from sandbox.payments.values import Clock, Node, PaymentsSettings, seconds
from sandbox.payments.webhooks import EventSender


class PaymentsWorld:
    """All that exists at the provider for the hub's account."""

    def __init__(
        self,
        settings: PaymentsSettings,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.sender = EventSender(settings, clock, self._webhooks, transport)
        self.reset()

    def reset(self) -> None:
        """Nobody has ever paid."""
        self.state = State()
        self.switches = Switches()
        self.keys = Keys(self.clock)
        self.sender.stop()

    @property
    def now(self) -> int:
        """Unix seconds of the sandbox's clock."""
        return seconds(self.clock.now())

    def tell(self, type_: str, about: Node, previous: Node | None = None) -> Node:
        """It has happened: the event is kept and sent behind the answer."""
        event = self.state.add(new_event(type_, about, self.now, previous))
        self.sender.send_later(event)
        return event

    async def close(self) -> None:
        await self.sender.close()

    def _webhooks(self) -> WebhookSwitches:
        # Asked for at each use: a reset replaces them.
        return self.switches.webhooks

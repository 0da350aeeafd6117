"""Everything that exists in the sandbox, in one place, so that one reset restores it all."""

from typing import Any

from pydantic import TypeAdapter

from sandbox.clock import SandboxClock
from sandbox.identity.people import Person
from sandbox.identity.provider import Provider
from sandbox.mailbox import Mailbox
from sandbox.meta.world import MetaWorld
from sandbox.payments.seeding import CARDS, seed_cards
from sandbox.payments.world import PaymentsWorld
from sandbox.receiver import Receivers
from sandbox.settings import SandboxSettings
from sandbox.vies import Registers

_PEOPLE = TypeAdapter(list[Person])


class BadSeedError(Exception):
    """The seed lacks something or has the wrong shape; the world is as before."""


class World:
    """The parts of the outside world and the seed they go back to."""

    def __init__(self, settings: SandboxSettings, seed: dict[str, Any]) -> None:
        self.settings = settings
        self.clock = SandboxClock()
        self.identity = Provider(settings, self.clock)
        self.mailbox = Mailbox(self.clock)
        self.receivers = Receivers(self.clock)
        self.vat_registers = Registers()
        self.meta = MetaWorld(settings, self.clock)
        self.payments = PaymentsWorld(settings, self.clock)
        self._seed: dict[str, Any] = {}
        self.load(seed)

    @property
    def seed(self) -> dict[str, Any]:
        return self._seed

    def load(self, seed: dict[str, Any]) -> None:
        """Take a new seed and begin with it. Raises BadSeedError and changes nothing."""
        try:
            _PEOPLE.validate_python(seed.get("people", []))
            CARDS.validate_python(seed.get("cards", []))
            self.meta.load(seed)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            self.meta.load(self._seed)
            raise BadSeedError(f"The seed cannot be used: {error!r}") from error
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """As at the start: seed, real time, no sessions, no mail, no records."""
        self.clock.reset()
        self.identity.load(self._seed.get("people", []))
        self.mailbox.reset()
        self.receivers.reset()
        self.vat_registers.reset()
        self.payments.reset()
        seed_cards(self.payments, CARDS.validate_python(self._seed.get("cards", [])))
        # Last, because what is seeded at Meta is dated by the clock.
        self.meta.reset()

    async def close(self) -> None:
        """Let go of requests that hang and of connections to the hub."""
        self.receivers.release()
        await self.meta.close()
        await self.payments.close()

"""The partner API as its routes see it."""

from __future__ import annotations

from core.integration.api.channel_keys import ChannelKeys
from core.integration.api.channels import Channels
from core.integration.api.clients import Clients
from core.integration.api.deliveries import DeliveryLists
from core.integration.api.invoices import InvoiceLists
from core.integration.api.ledger import LedgerLists
from core.integration.api.partners import PartnerSelf
from core.integration.api.room import Room
from core.integration.api.usage import Usage
from core.integration.api.writes import Writes
from core.integration.credentials.door import ApiDoor


class PartnerApi:
    """Everything a route of `/api/v2` may call that no other service has."""

    def __init__(self, room: Room) -> None:
        self.door = ApiDoor(room.database, room.clock, room.settings)
        self.writes = Writes(room)
        self.partner = PartnerSelf(room)
        self.clients, self.channels = Clients(room), Channels(room)
        self.channel_keys = ChannelKeys(room)
        self.usage, self.ledger = Usage(room), LedgerLists(room)
        self.invoices, self.deliveries = InvoiceLists(room), DeliveryLists(room)

    def tidy(self) -> None:
        """What is over is deleted; run now and then, anywhere."""
        self.door.forget_expired()
        self.writes.forget_old()

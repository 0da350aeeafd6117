"""Webhooks to partners as sentences; everything is for owners (`Permission.SETTINGS`)."""

from __future__ import annotations

from core.integration.outbound.catalogue import CATALOGUE
from core.integration.outbound.endpoints import Endpoints
from core.integration.outbound.health import HealthFigures
from core.integration.outbound.log import Log
from core.integration.outbound.number_endpoints import NumberEndpoints
from core.integration.outbound.room import Room
from core.integration.outbound.trying import Trying


class WebhooksOut:
    """The parts by the names of their verbs; see the files.

    `endpoints`, `endpoint`, `main`; `set_main`, `add_endpoint`, `change_endpoint`,
    `delete_endpoint`, `pause_endpoint`, `resume_endpoint`, `switch_off`, `switch_on`;
    `endpoints_of_numbers`, `of_number`, `set_of_number`; `check_url`, `test_endpoint`;
    `deliveries`, `delivery`, `replay`, `replay_range`; `health`. `catalogue` is what is sent.
    """

    def __init__(self, room: Room) -> None:
        self.room = room
        endpoints, log = Endpoints(room), Log(room)
        of_numbers = NumberEndpoints(room, endpoints)

        self.catalogue = CATALOGUE
        self.endpoints, self.endpoint = endpoints.endpoints, endpoints.endpoint
        self.main, self.set_main = endpoints.main, endpoints.set_main
        self.check_url, self.add_endpoint = endpoints.check_url, endpoints.add_endpoint
        self.change_endpoint = endpoints.change_endpoint
        self.delete_endpoint = endpoints.delete_endpoint
        self.pause_endpoint = endpoints.pause_endpoint
        self.resume_endpoint = endpoints.resume_endpoint
        self.switch_off, self.switch_on = endpoints.switch_off, endpoints.switch_on
        self.endpoints_of_numbers = of_numbers.endpoints_of_numbers
        self.of_number, self.set_of_number = of_numbers.of_number, of_numbers.set_of_number
        self.test_endpoint = Trying(room).test_endpoint
        self.deliveries, self.delivery = log.deliveries, log.delivery
        self.replay, self.replay_range = log.replay, log.replay_range
        self.health = HealthFigures(room).health

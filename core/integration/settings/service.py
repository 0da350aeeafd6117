"""The integration settings as sentences; each saves one thing, tells of it, and is for owners."""

from __future__ import annotations

from core.access import Gate
from core.clock import Clock
from core.integration.settings.partner_change import PartnerChange
from core.integration.settings.places import Places
from core.integration.settings.room import Room
from core.integration.settings.secret import PlatformSecret
from core.integration.settings.solution import Solution
from core.integration.settings.trying import Trying
from core.ports import Meta, Outgoing, Vault
from core.settings import Settings


class IntegrationSettings:
    """The parts by the names of their verbs; see the files.

    `look`; `set_solution_id`, `refresh_solution`; `set_redirect_url`, `test_redirect`,
    `set_extra_origins`, `set_region_default`; `generate_secret`, `rotate_secret`, `end_overlap`,
    `show_secret`, `set_io_signature`; `takes_partner_changes`,
    `set_takes_partner_changes`. `redirect_rules` judges what is typed, without a call.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        clock: Clock,
        vault: Vault,
        meta: Meta,
        outgoing: Outgoing,
        settings: Settings,
    ) -> None:
        room = Room(gate=gate, clock=clock, vault=vault, meta=meta, settings=settings)
        places, solution, secret = Places(room), Solution(room), PlatformSecret(room)

        self.redirect_rules = places.redirect_rules
        self.look = places.look
        self.set_redirect_url = places.set_redirect_url
        self.test_redirect = Trying(room, outgoing).test_redirect
        self.set_extra_origins = places.set_extra_origins
        self.set_region_default = places.set_region_default
        self.set_solution_id = solution.set_solution_id
        self.refresh_solution = solution.refresh_solution
        self.generate_secret, self.rotate_secret = secret.generate_secret, secret.rotate_secret
        self.end_overlap, self.show_secret = secret.end_overlap, secret.show_secret
        self.set_io_signature = secret.set_io_signature
        change = PartnerChange(room)
        self.takes_partner_changes = change.takes_partner_changes
        self.set_takes_partner_changes = change.set_takes_partner_changes

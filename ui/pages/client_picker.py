"""Which client's money a page is about, where each client pays for itself."""

from __future__ import annotations

from nicegui import ui

from core.billing.balance.results import ClientCredit
from core.partners.entities import BillingModel
from ui import format as words
from ui.components import empty_state
from ui.context import PageContext
from ui.location import current_query

_MOST = 1_000  # clients to choose from
_FEW = 20


class ClientPicker:
    """`client_id` is '' where the partner pays; clients of a direct-paid one stand in a list.

    `own` names what stands above them, with '' as its id, on pages that are not of clients alone.
    """

    def __init__(self, page: PageContext, path: str, *, own: str = "") -> None:
        self._page = page
        self._own = own
        self._path = path
        self.client_id = ""
        self.names: dict[str, str] = {}  # of the clients to choose from, by id

    async def choose(self, head: ui.element) -> bool:
        """Read which client the address names and offer the others in `head`.

        False when there is none yet, which the page then says.
        """
        hub, call = self._page.hub, self._page.call
        partner = await call(hub.partners.profile)
        if partner.billing_model != BillingModel.DIRECT_PAID:
            return True
        clients = await call(hub.billing.balance.client_credits, limit=_MOST)
        if not clients and not self._own:
            empty_state(
                "wallet",
                "No client has credit yet",
                "Your clients pay for their own conversations. Each one's credit stands here "
                "once it has been through your onboarding.",
            )
            return False
        asked = current_query().get("client", "")[:10]
        self.names = {each.client_id: each.client for each in clients}
        first = "" if self._own else clients[0].client_id
        self.client_id = asked if asked in self.names else first
        with head:
            self._draw(clients)
        return True

    def _draw(self, clients: list[ClientCredit]) -> None:
        options = {"": self._own} if self._own else {}
        options |= {
            each.client_id: f"{each.client} · {words.money(each.available)}" for each in clients
        }
        chosen = ui.select(
            options,
            value=self.client_id,
            on_change=lambda e: self._go(e.value),
            # Who has many types a part of the name.
            with_input=len(options) > _FEW,
        )
        chosen.props("outlined dense").style("width: 280px; max-width: 100%")
        chosen.props["aria-label"] = "Client"

    def _go(self, client_id: str | None) -> None:
        if client_id is not None:
            ui.navigate.to(f"{self._path}?client={client_id}" if client_id else self._path)

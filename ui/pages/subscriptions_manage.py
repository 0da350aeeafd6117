"""The acts of a subscription: the upgrade as the one that stands out, the rest in a quiet menu."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from core.subscriptions.states import PlanName, SubscriptionState
from core.subscriptions.views import Overview
from ui.components import button, link_button, tag
from ui.context import PageContext
from ui.pages.subscriptions_downgrade import open_downgrade

_PATH = "/billing/subscriptions"


class Manage:
    """Stands in the page's head; `reload` is called after an act."""

    def __init__(
        self, page: PageContext, head: ui.element, reload: Callable[[], Awaitable[None]]
    ) -> None:
        self._page = page
        self._head = head
        self._reload = reload
        self._was: tuple[object, ...] = ()
        # A question outlives the head: a change told meanwhile draws that anew.
        self._dialogs = tag("div")

    def show(self, it: Overview) -> None:
        """Offer what is possible now; an open menu stays open while that is the same."""
        shown = (it.plan, it.state, it.next_plan)
        if shown == self._was:
            return
        self._was = shown
        self._head.clear()
        if it.state is SubscriptionState.ENDED:
            return
        with self._head:
            self._draw_menu(it)
            if it.plan is PlanName.GROWTH and it.state is SubscriptionState.ACTIVE:
                link_button("Upgrade to Premium", f"{_PATH}/upgrade", kind="primary")

    def _draw_menu(self, it: Overview) -> None:
        opener = button("Manage", kind="quiet")
        opener.props["icon-right"] = "chevron-down"
        opener.props["aria-haspopup"] = "menu"
        with opener, ui.menu().props("role=menu") as menu:
            menu.props["aria-label"] = "Manage"
            _item("Licences of your numbers", lambda: ui.navigate.to(f"{_PATH}/licences"))
            if it.state is SubscriptionState.ACTIVE:
                if it.plan is PlanName.PREMIUM and it.next_plan is None:
                    _item("Downgrade to Growth", self._downgrade)
                _item("Cancel the subscription", lambda: ui.navigate.to(f"{_PATH}/cancel"))

    async def _downgrade(self) -> None:
        with self._dialogs:
            await open_downgrade(self._page, self._reload)


def _item(text: str, act: Callable[[], object]) -> None:
    ui.menu_item(text, act).props("role=menuitem")

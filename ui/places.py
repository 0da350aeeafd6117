"""Which places the dashboard has: address, name, group, who may see it, what draws it.

Places whose builder is not there yet say plainly what will be here. `ui/app.py` gets the list.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.access import Permission, Principal
from ui.components import empty_state, link_button, page_header

Builder = Callable[..., Awaitable[None] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One address of the dashboard.

    The builder is called with `page` (a PageContext) and whatever else it names: parameters of
    the path, of the query, or NiceGUI's `PageArguments`. `icon` is empty for pages below a list.
    """

    path: str
    title: str
    builder: Builder
    permission: Permission
    group: str = ""
    word: str = ""
    icon: str = ""

    @property
    def in_navigation(self) -> bool:
        return bool(self.icon)

    def holds(self, path: str) -> bool:
        """True for this address and those below it."""
        return path == self.path or path.startswith(self.path + "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    path: str
    title: str
    permission: Permission
    group: str = ""
    word: str = ""
    icon: str = ""
    will_be: str = ""


_WHATSAPP, _SETTINGS, _BILLING, _MORE = "WhatsApp", "Settings", "Billing", "More"
HOME = "/accounts"

_PLACES = (
    _Place(
        path="/accounts",
        title="WhatsApp Accounts",
        word="Accounts",
        icon="chat",
        group=_WHATSAPP,
        permission=Permission.ACCOUNTS,
        will_be="Every number of your clients with its status and the next step.",
    ),
    _Place(
        path="/accounts/{channel_id}",
        title="Number",
        permission=Permission.ACCOUNTS,
        will_be="Everything about one number.",
    ),
    _Place(
        path="/onboarding-runs",
        title="Onboarding",
        word="Onboarding",
        icon="route",
        group=_WHATSAPP,
        permission=Permission.ACCOUNTS,
        will_be="Every client on the way to a working number, and where each one stands.",
    ),
    _Place(
        path="/onboarding-runs/{run_id}",
        title="Onboarding run",
        permission=Permission.ACCOUNTS,
        will_be="The flight record of one onboarding.",
    ),
    _Place(
        path="/integration",
        title="Integration",
        word="Integration",
        icon="plug",
        group=_SETTINGS,
        permission=Permission.SETTINGS,
        will_be="Partner ID, webhook and redirect addresses, API keys and the data storage region.",
    ),
    _Place(
        path="/integration/webhooks",
        title="Webhooks",
        permission=Permission.SETTINGS,
        will_be="Your endpoints, and how they take what is sent.",
    ),
    _Place(
        path="/integration/webhooks/deliveries",
        title="Deliveries",
        permission=Permission.SETTINGS,
        will_be="Every webhook that was sent, with its attempts.",
    ),
    _Place(
        path="/integration/webhooks/deliveries/{delivery_id}",
        title="Delivery",
        permission=Permission.SETTINGS,
        will_be="One webhook with each attempt.",
    ),
    _Place(
        path="/integration/keys",
        title="API keys",
        permission=Permission.SETTINGS,
        will_be="Keys and system users of your programs.",
    ),
    _Place(
        path="/users",
        title="Users",
        word="Users",
        icon="users",
        group=_SETTINGS,
        permission=Permission.USERS,
        will_be="Who works here, in which role, and invitations to new people.",
    ),
    _Place(
        path="/profile",
        title="Profile",
        word="Profile",
        icon="brand",
        group=_SETTINGS,
        permission=Permission.SETTINGS,
        will_be="Your brand name and logo, with a preview of what your clients see.",
    ),
    _Place(
        path="/billing/balance",
        title="Balance",
        word="Balance",
        icon="wallet",
        group=_BILLING,
        permission=Permission.BILLING,
        will_be="The credit balance with its movements, top-ups and auto-renewal.",
    ),
    _Place(
        path="/billing/balance/statement",
        title="Statement",
        permission=Permission.BILLING,
        will_be="Every movement of a month.",
    ),
    _Place(
        path="/billing/balance/messages",
        title="Messages",
        permission=Permission.BILLING,
        will_be="The messages behind a figure.",
    ),
    _Place(
        path="/billing/balance/entries/{key}",
        title="Ledger entry",
        permission=Permission.BILLING,
        will_be="Where a figure comes from.",
    ),
    _Place(
        path="/billing/balance/parked",
        title="Not priced yet",
        permission=Permission.BILLING,
        will_be="Delivered messages without a price.",
    ),
    _Place(
        path="/billing/auto-renewal",
        title="Auto-renewal",
        permission=Permission.BILLING,
        will_be="When the balance is topped up by itself, and by how much.",
    ),
    _Place(
        path="/billing/payments",
        title="Payments",
        permission=Permission.BILLING,
        will_be="Every charge of a card.",
    ),
    _Place(
        path="/billing/payments/{payment_id}",
        title="Payment",
        permission=Permission.BILLING,
        will_be="How one payment stands.",
    ),
    _Place(
        path="/billing/cards",
        title="Payment methods",
        word="Payment methods",
        icon="card",
        group=_BILLING,
        permission=Permission.BILLING,
        will_be="Cards for plan fees, licences and conversations.",
    ),
    _Place(
        path="/billing/invoices",
        title="Invoices",
        word="Invoices",
        icon="receipt",
        group=_BILLING,
        permission=Permission.BILLING,
        will_be="Every invoice with its status and PDF.",
    ),
    _Place(
        path="/billing/invoices/{invoice_id}",
        title="Invoice",
        permission=Permission.BILLING,
        will_be="One invoice with its lines.",
    ),
    _Place(
        path="/billing/details",
        title="Billing details",
        permission=Permission.BILLING,
        will_be="Who invoices are made out to.",
    ),
    _Place(
        path="/billing/subscriptions",
        title="Subscriptions",
        word="Subscriptions",
        icon="layers",
        group=_BILLING,
        permission=Permission.BILLING,
        will_be="Your plan and the licences of your numbers.",
    ),
    _Place(
        path="/billing/subscriptions/upgrade",
        title="Upgrade",
        permission=Permission.BILLING,
        will_be="The larger plan, with the invoice that it would cost.",
    ),
    _Place(
        path="/billing/subscriptions/licences",
        title="Licences",
        permission=Permission.BILLING,
        will_be="Every number with its licence.",
    ),
    _Place(
        path="/billing/subscriptions/cancel",
        title="Cancel the subscription",
        permission=Permission.BILLING,
        will_be="What cancelling means, and the day on which all of it ends.",
    ),
    _Place(
        path="/support",
        title="Support",
        word="Support",
        icon="support",
        group=_MORE,
        permission=Permission.SUPPORT,
        will_be="Conversations with the support desk, with files and requests.",
    ),
    _Place(
        path="/support/{conversation_id}",
        title="Support",
        permission=Permission.SUPPORT,
        will_be="One conversation with the support desk.",
    ),
    _Place(
        path="/me",
        title="Your sign-ins",
        permission=Permission.ACCOUNTS,
        will_be="Every browser in which you are signed in.",
    ),
    _Place(
        path="/audit",
        title="Audit",
        word="Audit",
        icon="history",
        group=_MORE,
        permission=Permission.SETTINGS,
        will_be="Who changed what, and when.",
    ),
    _Place(
        path="/audit/{event_id}",
        title="Event",
        permission=Permission.SETTINGS,
        will_be="One event with what was before and after.",
    ),
)


def sections(builders: Mapping[str, Builder]) -> list[Section]:
    """All places, those in `builders` (by path) drawn by them, the others as still to come.

    Raises ValueError for a path that is no place of the hub: a misspelt one would stay unseen.
    """
    if unknown := builders.keys() - {place.path for place in _PLACES}:
        raise ValueError(f"no such place: {', '.join(sorted(unknown))}")
    return [_section(place, builders.get(place.path)) for place in _PLACES]


def visible(all_sections: Sequence[Section], who: Principal) -> list[Section]:
    """The places in this person's navigation."""
    return [each for each in all_sections if each.in_navigation and who.may(each.permission)]


def openable(all_sections: Sequence[Section], who: Principal) -> list[Section]:
    """The places that this person can open by their address alone."""
    return [each for each in all_sections if "{" not in each.path and who.may(each.permission)]


def leading_to(all_sections: Sequence[Section], place: Section) -> Section | None:
    """The place of the navigation from which one gets to this one, or one of the same kind."""
    shown = [each for each in all_sections if each.in_navigation]
    above = [each for each in shown if each.holds(place.path)]
    beside = [each for each in shown if each.path.split("/")[1] == place.path.split("/")[1]]
    return max(above, key=lambda each: len(each.path), default=next(iter(beside), None))


def template_of_place(all_sections: Sequence[Section], path: str) -> str:
    """The place's own text for an address, such as `/accounts/{channel_id}`; "none" for nowhere."""
    asked = path.strip("/").split("/")
    found = (each.path for each in all_sections if _fits(each.path.strip("/").split("/"), asked))
    return min(found, key=lambda template: template.count("{"), default="none")


def _fits(template: list[str], asked: list[str]) -> bool:
    return len(template) == len(asked) and all(
        part == word or part.startswith("{") for part, word in zip(template, asked, strict=True)
    )


def counterpart(path: str, who: Principal) -> str:
    """Where somebody goes on who works for another partner now: in the same section.

    The page of one thing has no other side, so its list; home for what the role does not show.
    """
    lists = [place for place in _PLACES if "{" not in place.path]
    around = [p for p in lists if path == p.path or path.startswith(f"{p.path}/")]
    nearest = max(around, key=lambda place: len(place.path), default=None)
    return nearest.path if nearest is not None and who.may(nearest.permission) else HOME


@lru_cache
def signature_of(builder: Builder) -> inspect.Signature:
    """With real annotations: NiceGUI looks for the class PageArguments, not for its name."""
    return inspect.signature(builder, eval_str=True)


def _section(place: _Place, builder: Builder | None) -> Section:
    return Section(
        path=place.path,
        title=place.title,
        builder=builder or _to_come(place),
        permission=place.permission,
        group=place.group,
        word=place.word,
        icon=place.icon,
    )


def _to_come(place: _Place) -> Builder:
    def build(page: Any) -> None:
        page_header(place.title, place.will_be)
        with empty_state(
            place.icon or "clock",
            "This page is not there yet",
            "This part of the hub is still being built. Nothing is hidden from you: there is "
            "nothing to see or to set here so far.",
        ):
            link_button("Go to WhatsApp Accounts", HOME)

    return build

"""What the search of the frame finds for its person, in the palette's words.

Each service decides whether the person may look; a role that changed meanwhile finds less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from core.access import Permission, Principal
from core.billing.invoices.entities import Invoice
from core.errors import Forbidden
from ui import format as words
from ui.places import HOME, Section, leading_to, openable

Hit = dict[str, str]
LONGEST_SEARCH = 100
_ANY_ICON = "user"  # what no place of the navigation leads to is about the person


def pages_found(sections: Sequence[Section], who: Principal) -> list[dict[str, Any]]:
    """All places that the person can open; those of the navigation stand there before a word."""
    return [_page(sections, each) for each in openable(sections, who)]


def kinds_found(who: Principal) -> tuple[str, ...]:
    """What can be looked for at all."""
    bills = ("invoice",) if who.may(Permission.BILLING) else ()
    return ("number", "client", *bills, "page")


def find(hub: Any, who: Principal, text: str) -> list[Hit]:
    """Numbers, clients and, for who may see them, invoices: a few of each.

    Raises NotSignedIn.
    """
    numbers = [_number(row) for row in hub.accounts.search(who, text)]
    clients = [_client(hit) for hit in hub.accounts.search_clients(who, text)]
    return numbers + clients + _invoices(hub, who, text)


def _invoices(hub: Any, who: Principal, text: str) -> list[Hit]:
    if not who.may(Permission.BILLING):
        return []
    try:
        return [_invoice(row) for row in hub.billing.invoices.search(who, text)]
    except Forbidden:
        return []


def _number(row: Any) -> Hit:
    return {
        "group": "Numbers",
        "word": words.phone(row.phone_number) or row.name,
        "more": " · ".join(filter(None, (row.name, row.client_name))),
        "href": f"{HOME}/{row.id}",
        "icon": "phone",
    }


def _client(hit: Any) -> Hit:
    return {
        "group": "Clients",
        "word": hit.name,
        "more": hit.organisation if hit.organisation != hit.name else "",
        "href": f"{HOME}?{urlencode({'client': hit.id})}",
        "icon": "building",
    }


def _invoice(row: Invoice) -> Hit:
    return {
        "group": "Invoices",
        "word": row.number,
        "more": row.buyer_name,
        "href": f"/billing/invoices/{row.id}",
        "icon": "receipt",
    }


def _page(sections: Sequence[Section], place: Section) -> dict[str, Any]:
    lead = leading_to(sections, place)
    is_below = lead is not None and lead is not place and lead.holds(place.path)
    if lead is None:
        more, icon = "", _ANY_ICON
    else:
        more, icon = (lead.title if is_below else lead.group), lead.icon
    return {
        "word": place.title,
        "more": more,
        "href": place.path,
        "icon": icon,
        "first": place.in_navigation,
    }

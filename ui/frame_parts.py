"""What the frame draws around the sections, in three elements: chrome, bottom bar, search.

An element costs 60 to 95 µs of the event loop and 4 KiB; sixty of them for what never changes
were more than half of a page's cost. What is shown is escaped by Vue.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from nicegui.element import Element

from core.access import Permission, Principal
from core.partners.sessions import PartnerSummary
from ui.frame_search import LONGEST_SEARCH, Hit, kinds_found, pages_found
from ui.places import HOME, Section

SUPPORT = "/support"
DESK = "/desk"
ME = "/me"
_Search = Callable[[str], Awaitable[list[Hit]]]
_ON_THE_PHONE = (HOME, "/onboarding-runs", "/billing/balance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What the frame knows about its person; read once per page load."""

    hub_name: str
    principal: Principal
    partner: PartnerSummary | None
    others: Sequence[tuple[PartnerSummary, str]]  # with the person's role there
    sandbox_url: str  # empty in production
    is_held: bool = False  # a restored copy that sends nothing yet
    unread: int = 0  # answers of Support that this person has not read


def logo_url(digest: str) -> str:
    """Where `ui/app.py` serves a logo."""
    return f"/logos/{digest}"


class Navigation(Element):
    """Shows where the person is; a change of place sends one word, not the whole element."""

    def go(self, href: str) -> None:
        """Mark the place with this address, and no other."""
        if href != self._props["current"]:
            self._props["current"] = href
            if self.client.has_socket_connection:  # before that the first answer carries it
                self.run_method("go", href)

    def count(self, href: str, waiting: int) -> None:
        """Show how many things wait at the place with this address; none for 0."""
        if waiting != self._props["counts"].get(href, 0):
            self._props["counts"] = {**self._props["counts"], href: waiting}
            self.run_method("count", href, waiting)


class Chrome(Navigation, component="static/hub_chrome.js"):
    """Skip link, sandbox banner, top bar with its menus, side navigation."""

    def __init__(self, outline: Outline, pages: Sequence[Section]) -> None:
        super().__init__()
        who = outline.principal
        self._props.update(
            {
                "hub": outline.hub_name,
                "home": HOME,
                "sandbox": outline.sandbox_url,
                "held": outline.is_held,
                "support": SUPPORT if who.may(Permission.SUPPORT) else "",
                "current": "",
                "counts": {SUPPORT: outline.unread},
                "title": "",
                "links": _links(who),
                "person": {"name": who.name, "email": who.email, "initials": _initials(who.name)},
                "partner": _shown(outline.partner) if outline.partner else None,
                # Tuples: NiceGUI would wrap every dict of a list to watch it.
                "others": tuple({**_shown(each), "role": role} for each, role in outline.others),
                "role": who.role or "",
                "page": self.client.id,
                "groups": tuple(
                    {"name": name, "places": tuple(_place(page) for page in members)}
                    for name, members in groupby(pages, key=lambda page: page.group)
                ),
            }
        )

    def call_partner(self, partner: PartnerSummary) -> None:
        """Name and logo as they are now."""
        if (shown := _shown(partner)) != self._props["partner"]:
            self._props["partner"] = shown
            self.run_method("callPartner", shown)


class BottomBar(Navigation, component="static/hub_bottom.js"):
    """Up to five places for the thumb; the last one opens the side navigation as a sheet."""

    def __init__(self, pages: Sequence[Section], unread: int = 0) -> None:
        super().__init__()
        self._props["current"] = ""
        self._props["counts"] = {SUPPORT: unread}
        self._props["places"] = tuple(_place(page) for page in pages if page.path in _ON_THE_PHONE)


class Palette(Element, component="static/hub_palette.js"):
    """Search by Ctrl-K or `/`: pages at once, everything else through the services."""

    def __init__(
        self,
        who: Principal,
        places: Sequence[Section],
        search: Callable[[str], Awaitable[list[Hit]]],
    ) -> None:
        super().__init__()
        self._search = search
        self._props["pages"] = tuple(pages_found(places, who))
        self._props["hint"] = ", ".join(kinds_found(who)).capitalize()
        self.on("search", self._asked, throttle=0.1)

    async def _asked(self, event: Any) -> None:
        text = str(event.args)[:LONGEST_SEARCH]
        self.run_method("show", text, await self._search(text))


def _place(page: Section) -> dict[str, str]:
    return {"word": page.word, "href": page.path, "icon": page.icon}


def _shown(partner: PartnerSummary) -> dict[str, str]:
    return {
        "id": partner.id,
        "name": partner.brand_name,
        "initials": _initials(partner.brand_name),
        "logo": logo_url(partner.logo_hash) if partner.logo_hash else "",
    }


def _links(who: Principal) -> tuple[dict[str, str], ...]:
    """In the person's menu. Staff who also work for a partner go from one to the other."""
    own = {"word": "Your sign-ins", "href": ME, "icon": "monitor"}
    desk = {"word": "Support desk", "href": DESK, "icon": "support"}
    return (*([own] if who.partner_id else []), *([desk] if who.is_staff else []))


def _initials(name: str) -> str:
    letters = [word[0] for word in name.split() if word[0].isalnum()]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or "?"

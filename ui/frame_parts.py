"""What the frame draws around the sections: top bar, menus, navigation, search.

Menus are the browser's own popovers: they close by Escape and by a click outside, keep the focus
order, and cost no round trip.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from nicegui.element import Element

from core.access import Permission, Principal
from core.partners.sessions import PartnerSummary
from ui.components import Tag, tag
from ui.places import HOME, Section

_SIDE, _PERSON, _SWITCH = "side", "person-menu", "switch-menu"
_THEMES = (("system", "monitor", "System"), ("light", "sun", "Light"), ("dark", "moon", "Dark"))
_ON_THE_PHONE = (HOME, "/onboarding-runs", "/billing/balance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What the frame knows about its person; read once per page load."""

    hub_name: str
    principal: Principal
    partner: PartnerSummary | None
    others: Sequence[PartnerSummary]
    sandbox_url: str  # empty in production


def logo_url(digest: str) -> str:
    """Where `ui/app.py` serves a logo."""
    return f"/logos/{digest}"


class Palette(Element, component="static/hub_palette.js"):
    """Search by Ctrl-K or `/`: pages at once, numbers through the service."""

    def __init__(
        self, pages: Sequence[Section], search: Callable[[str], Awaitable[list[dict[str, str]]]]
    ) -> None:
        super().__init__()
        self._search = search
        self._props["pages"] = [
            {"word": page.title, "more": page.group, "href": page.path, "icon": page.icon}
            for page in pages
        ]
        self.on("search", self._asked, throttle=0.1)

    async def _asked(self, event: Any) -> None:
        text = str(event.args)[:100]
        self.run_method("show", text, await self._search(text))


def skip_link() -> Tag:
    """First in the focus order."""
    return tag("a", "Skip to content", "skip", href="#main")


def sandbox_banner(url: str) -> Tag:
    """On every page of a sandbox; leads to where its outside world is controlled."""
    with tag("aside", classes="banner", aria_label="Sandbox") as banner:
        tag("a", "Sandbox: nothing here is real", "i i-alert", href=url, target="_blank")
    return banner


def top_bar(outline: Outline) -> None:
    """Hub, partner and its switcher, search, connection, support, person."""
    with tag("header", classes="top"):
        tag("a", outline.hub_name, "brand cut", href=HOME)
        _partner(outline)
        tag("span", classes="gap")
        with tag(
            "button", "Search", "bar-button search i i-search", type="button", data_open_palette=""
        ):
            tag("kbd", "/")
        # The words come from the socket's events in the browser (hub.js).
        with tag("span", classes="conn", title="Connection to the hub"):
            tag("span", "Connecting…", "conn-word")
        if outline.principal.may(Permission.SUPPORT):
            tag("a", "Support", "bar-button support i i-support", href="/support")
        tag(
            "button",
            _initials(outline.principal.name),
            "avatar",
            type="button",
            popovertarget=_PERSON,
            aria_label=f"Your menu: {outline.principal.name}",
        )
        _person_menu(outline)


def side_navigation(pages: Sequence[Section]) -> dict[Section, Tag]:
    """Groups of places; on a phone the same element is the sheet behind "More"."""
    places: dict[Section, Tag] = {}
    with tag("nav", classes="side", id=_SIDE, popover="auto", aria_label="Main"):
        for group, members in groupby(pages, key=lambda page: page.group):
            tag("h2", group)
            places.update({page: _place(page) for page in members})
    return places


def bottom_bar(pages: Sequence[Section]) -> dict[Section, Tag]:
    """Up to five places for the thumb; the last one opens the sheet."""
    shown = [page for page in pages if page.path in _ON_THE_PHONE]
    with tag("nav", classes="bottom", aria_label="Quick"):
        places = {page: tag("a", page.word, f"i i-{page.icon}", href=page.path) for page in shown}
        tag("button", "Search", "i i-search", type="button", data_open_palette="")
        tag("button", "More", "i i-menu", type="button", popovertarget=_SIDE)
    return places


def _place(page: Section) -> Tag:
    return tag("a", page.word, f"place i i-{page.icon}", href=page.path)


def _partner(outline: Outline) -> None:
    partner = outline.partner
    if partner is None:
        return
    with tag("div", classes="partner"):
        _logo(partner)
        tag("span", partner.brand_name, "partner-name cut")
    if not outline.others:
        return
    tag(
        "button",
        classes="bar-button i i-switch",
        type="button",
        popovertarget=_SWITCH,
        aria_label="Switch partner",
        title="Switch partner",
    )
    with tag("div", classes="menu switch-menu", id=_SWITCH, popover="auto"):
        tag("p", "Switch partner", "menu-label")
        with tag("form", method="post", action="/switch"):
            for each in outline.others:
                with tag(
                    "button", classes="menu-item", type="submit", name="partner_id", value=each.id
                ):
                    _logo(each)
                    tag("span", each.brand_name, "cut")


def _logo(partner: PartnerSummary) -> Tag:
    if partner.logo_hash:
        return tag("img", classes="logo", src=logo_url(partner.logo_hash), alt="")
    return tag("span", _initials(partner.brand_name), "logo", aria_hidden="true")


def _person_menu(outline: Outline) -> None:
    who = outline.principal
    with tag("div", classes="menu person-menu", id=_PERSON, popover="auto"):
        with tag("div", classes="menu-head"):
            tag("p", who.name, "strong")
            tag("p", who.email, "quiet small")
        tag("p", "Theme", "menu-label")
        with tag("div", classes="choice", role="group", aria_label="Theme"):
            for choice, icon, word in _THEMES:
                tag(
                    "button",
                    word,
                    f"i i-{icon}",
                    type="button",
                    data_theme_choice=choice,
                    aria_pressed="false",
                )
        with tag("form", classes="menu-rule", method="post", action="/logout"):
            tag("button", "Sign out", "menu-item i i-logout", type="submit")


def _initials(name: str) -> str:
    letters = [word[0] for word in name.split() if word[0].isalnum()]
    return "".join(letters[:1] + letters[1:][-1:]).upper() or "?"

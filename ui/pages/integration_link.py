"""The direct onboarding link and the connect button, ready to copy."""

from __future__ import annotations

from core.onboarding.views import LinkState
from ui.components import copy_button, section_card, tag
from ui.context import PageContext
from ui.lists import FilterChips
from ui.pages.integration_snippets import KINDS, is_packaged, snippet

_ABOUT = {
    "link": "Opens the onboarding in the same tab. At the end the client is at your redirect URL.",
    "element": "A button on any page. Put the same lines on the page at your redirect URL.",
    "react": "For React. The page at your redirect URL shows the same component.",
}
_PACKAGED = "It uses the npm package 360dialog-connect-button."
_OWN = "It does what the npm package does; that one has another hub's address built in."


class LinkCard:
    """The link as text, and lines to paste."""

    def __init__(self, page: PageContext, partner_id: str) -> None:
        self._base, self._partner = page.hub.settings.base_url, partner_id
        url = f"{self._base}/onboarding/{partner_id}"
        with section_card("Onboarding link and button", "How your clients get in."):
            with tag("div", classes="it-secret"):
                self._url = tag("code", url, "mono cut", title=url)
                copy_button(url, "onboarding link")
            with tag("div", classes="line spread"):
                self._chips = FilterChips(KINDS, "link", self._choose, "Kind of button")
                self._copy = copy_button("", "button lines")
            self._lines = tag("pre", "", "it-code", tabindex="0", aria_label="Lines of the button")
            self._about = tag("p", "", "quiet small")
        self._choose("link")

    def show(self, link: LinkState) -> None:
        """A link that lets nobody in is struck."""
        self._url.classes(
            add="it-off" if link.reasons else "", remove="" if link.reasons else "it-off"
        )

    def _choose(self, kind: str) -> None:
        if kind not in KINDS:  # it comes from the browser
            return
        lines = snippet(kind, self._partner, self._base)
        self._lines.set_text(lines)
        self._copy.props["data-copy"] = lines
        self._copy.update()
        which = "" if kind == "link" else _PACKAGED if is_packaged(self._base) else _OWN
        self._about.set_text(f"{_ABOUT[kind]} {which}".strip())

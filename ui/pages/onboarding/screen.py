"""What a screen gets and gives: one face of the client's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from nicegui import ui

from core.errors import HubError
from core.hub import Hub
from core.onboarding.views import RunKey, RunView
from ui.components import Tag, tag
from ui.i18n import Texts
from ui.pages.onboarding.faces import Face
from ui.pages.onboarding.problems import Card

P = ParamSpec("P")
T = TypeVar("T")


class BrowserPart(Protocol):
    """What screens ask of the page's part in the browser."""

    def opens(self, button: ui.button) -> None:
        """The button opens Meta's popup."""
        ...

    def run_method(self, name: str, *args: Any) -> Any:
        """Have it do something."""
        ...


class OpenPage(Protocol):
    """The page as its screens see it; it outlives them."""

    hub: Hub
    view: RunView
    say: Texts
    drafts: dict[str, str]
    address: str  # the visitor's, for the proof of consent

    @property
    def browser(self) -> BrowserPart:
        """The page's part in the browser."""
        ...

    async def act(
        self, verb: Callable[Concatenate[RunKey, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> bool:
        """Say a verb for this run and show what became of it; False when it was refused."""
        ...

    async def have_mailed(
        self, verb: Callable[Concatenate[RunKey, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> bool:
        """The same for a verb that sends a mail; refused when there were too many."""
        ...

    async def ask(
        self, verb: Callable[Concatenate[RunKey, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """What the verb answers, without showing the run anew; None when it was refused."""
        ...

    async def leave_for(
        self, verb: Callable[Concatenate[RunKey, P], str], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Send the whole window to the address that the verb answers."""
        ...

    def go(self, face: Face | None) -> None:
        """Another face without a change of the run; None = where the run stands."""
        ...

    async def look_again(self) -> None:
        """Read the run: something else may have changed than the run itself."""
        ...

    async def speak(self, language: str) -> None:
        """Go on in another language."""
        ...

    def tell(self, text: str) -> None:
        """Say it to screen readers."""
        ...

    def card(self, card: Card) -> None:
        """Say that something went wrong."""
        ...


class Screen:
    """One face, drawn when it is made."""

    def __init__(self, page: OpenPage) -> None:
        self.page = page
        self.say = page.say
        self.partner = page.view.brand.name

    def update(self, view: RunView) -> None:
        """The run moved on within this face."""

    def wrong(self, fields: Sequence[str], error: HubError) -> bool:
        """Show the error at each of its fields that is here; False when none is."""
        return False

    def heading(self, title: str, *sentences: str) -> Tag:
        """One heading, two sentences at most."""
        heading = tag("h1", title, tabindex="-1")
        for sentence in sentences:
            tag("p", sentence, "ob-lead")
        return heading

    def small(self, text: str) -> Tag:
        return tag("p", text, "ob-small")

"""The client's page inside the profile: drawn by the onboarding's own shell and screens.

No run stands behind it and nothing in it does anything: what a screen may ask of its page is
answered here with nothing, and the browser takes neither clicks nor focus (`inert`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from nicegui import ui

from core.clock import Clock
from core.onboarding.entities import Ending, RunStatus, RunStep
from core.onboarding.steps import people_steps, server_steps
from core.onboarding.views import Brand, Number, RunView, Tick, TickState
from ui import i18n
from ui.components import Tag, tag
from ui.context import PageContext
from ui.pages.onboarding import plain
from ui.pages.onboarding.faces import face_of
from ui.pages.onboarding.problems import Card
from ui.pages.onboarding.screens import screen_for
from ui.pages.onboarding.shell import Shell


class Step(StrEnum):
    """What is looked at, as the partner names it."""

    SIGN_UP = "Sign-up"
    META = "Before Meta"
    WORKING = "Setting up"
    PERMISSION = "Permission"
    DONE = "Done"
    MORE = "A second number"


_RUN_STEPS = {
    Step.SIGN_UP: RunStep.SIGN_UP,
    Step.META: RunStep.META,
    Step.WORKING: RunStep.REGISTER,
    Step.PERMISSION: RunStep.PERMISSION,
    Step.DONE: RunStep.DONE,
    Step.MORE: RunStep.META,
}
_NUMBER = Number(
    channel_id="preview",
    display="+49 30 901820",
    name="Example Company",
    granted=True,
    live=True,
)


class _NoBrowser:
    """Stands where the page's part in the browser is: it opens nothing."""

    def opens(self, button: ui.button) -> None:
        pass

    def run_method(self, name: str, *args: Any) -> None:
        pass


class _Still:
    """A page of the onboarding that no run stands behind (`screen.OpenPage`)."""

    def __init__(self, hub: Any, view: RunView) -> None:
        self.hub = hub
        self.view = view
        self.say = i18n.texts(view.language)
        self.browser = _NoBrowser()
        self.drafts: dict[str, str] = {}
        self.address = ""

    async def act(self, verb: Callable[..., object], *args: Any, **kwargs: Any) -> bool:
        return False

    async def have_mailed(self, verb: Callable[..., object], *args: Any, **kwargs: Any) -> bool:
        return False

    async def ask(self, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        return None

    async def leave_for(self, verb: Callable[..., str], *args: Any, **kwargs: Any) -> None:
        pass

    def go(self, face: object) -> None:
        pass

    async def look_again(self) -> None:
        pass

    async def speak(self, language: str) -> None:
        pass

    def tell(self, text: str) -> None:
        pass

    def card(self, card: Card) -> None:
        pass


class Preview:
    """`show` sets the brand in place; another step or language is drawn anew."""

    def __init__(self, page: PageContext, brand: Brand, *, is_direct_paid: bool) -> None:
        self._hub, self._clock = page.hub, page.hub.clock
        self._brand, self._logo = brand, ""
        self._is_direct_paid = is_direct_paid
        self._may_add = True
        self._step, self._language = Step.SIGN_UP, i18n.SOURCE
        self._shell: Shell | None = None
        ui.add_head_html(f"<style>{plain.css()}</style>")
        # A picture for the eyes: whoever listens has read the same in the fields. What is inert
        # takes no wheel either, so the frame around it scrolls.
        with tag(
            "div", classes="pf-screen as-light", tabindex="-1", aria_hidden="true"
        ) as self._frame:
            self._room: Tag = tag("div", classes="pf-page", inert=True)
        self._draw()

    @property
    def steps(self) -> list[Step]:
        """What can be looked at here."""
        return [step for step in Step if step is not Step.MORE or not self._is_direct_paid]

    def show(self, brand: Brand, logo: str, *, may_add: bool) -> None:
        """The brand as it would be; `logo` is an address of its own, '' for the brand's."""
        redraws = may_add != self._may_add and self._step is Step.MORE
        self._brand, self._logo, self._may_add = brand, logo, may_add
        if redraws or self._shell is None:
            self._draw()
        else:
            self._shell.brand(brand, logo)

    def choose(self, step: str = "", language: str = "") -> None:
        """Look at another step, or in another language."""
        self._step = Step(step or self._step)
        self._language = language or self._language
        self._draw()

    def dress(self, *, is_dark: bool, is_wide: bool) -> None:
        """Another mode, another device."""
        mode, width = ("as-dark" if is_dark else "as-light"), (" is-wide" if is_wide else "")
        self._frame.classes(replace=f"pf-screen {mode}{width}")

    def _draw(self) -> None:
        self._room.clear()
        view = _view(
            self._step,
            self._brand,
            self._clock,
            language=self._language,
            is_direct_paid=self._is_direct_paid,
            may_add=self._may_add,
        )
        page = _Still(self._hub, view)
        face = face_of(view)
        with self._room:
            self._shell = Shell(page)
        self._shell.progress(face)
        with self._shell.fresh_room():
            screen_for(face)(page)
        self._shell.brand(self._brand, self._logo)


def _view(
    step: Step, brand: Brand, clock: Clock, *, language: str, is_direct_paid: bool, may_add: bool
) -> RunView:
    """A run as it would be seen at this step; nobody's."""
    run_step = _RUN_STEPS[step]
    counted = people_steps(direct_paid=is_direct_paid)
    return RunView(
        run_id="preview",
        brand=dataclasses.replace(brand),
        language=language,
        step=run_step,
        status=RunStatus.WORKING if step is Step.WORKING else RunStatus.OPEN,
        step_number=1 + counted.index(run_step),
        step_count=len(counted),
        logs_in=False,
        company="",
        full_name="",
        email="",
        number_hint="",
        code_tries_left=0,
        codes_left=0,
        code_expires_at=None,
        launch=None,
        no_room="numbers_not_allowed" if step is Step.MORE and not may_add else "",
        popup_opened=False,
        ticks=_ticks(),
        trouble=None,
        numbers=(_NUMBER,),
        tasks=(),
        asks_permission=is_direct_paid,
        redirects_to="",
        exit_url=None,
        updated_at=clock.now(),
    )


def _ticks() -> tuple[Tick, ...]:
    """Half of the way."""
    states = [TickState.DONE, TickState.DONE, TickState.DONE, TickState.NOW]
    steps = server_steps(Ending.FINISH, region="")
    states += [TickState.WAITING] * len(steps)
    return tuple(Tick(name=name, state=state) for name, state in zip(steps, states, strict=False))

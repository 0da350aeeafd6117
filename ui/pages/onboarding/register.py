"""Step 4: the server's work, ticked off live, and what stops it."""

from __future__ import annotations

from core.onboarding.steps import ServerStep
from core.onboarding.views import RunView, Tick, TickState, Trouble
from ui.components import Tag, tag
from ui.i18n import N_
from ui.pages.onboarding.faces import may_reopen, may_retry
from ui.pages.onboarding.fields import big_button
from ui.pages.onboarding.problems import trouble_card
from ui.pages.onboarding.screen import OpenPage, Screen
from ui.pages.onboarding.shell import draw_card
from ui.pages.onboarding.sign_up import FormScreen

_NAMES = {
    ServerStep.TOKEN: N_("Meta’s permission received"),
    ServerStep.ACCOUNT: N_("WhatsApp account found"),
    ServerStep.SUBSCRIPTION: N_("Messages connected"),
    ServerStep.NUMBERS: N_("Number found"),
    ServerStep.REGION: N_("Storage region set"),
    ServerStep.PIN: N_("Security PIN set"),
    ServerStep.REGISTRATION: N_("Number registered"),
    ServerStep.APP_DATA: N_("Contacts and chats of the app requested"),
    ServerStep.CONFIRMATION: N_("Confirmed by Meta"),
    ServerStep.TEMPLATES: N_("Templates read"),
}
_STATES = {
    TickState.WAITING: ("circle", N_("not yet")),
    TickState.NOW: ("dot", N_("in progress")),
    TickState.DONE: ("check", N_("done")),
    TickState.FAILED: ("alert", N_("stopped")),
}


class Ticks:
    """The server steps; each is one line that changes in place."""

    def __init__(self, page: OpenPage) -> None:
        self._page = page
        self._lines: dict[str, tuple[Tag, Tag]] = {}
        self._states: dict[str, TickState] = {}
        self._list = tag("ol", classes="ob-ticks")
        self.show(page.view.ticks)

    def show(self, ticks: tuple[Tick, ...]) -> None:
        """Set what changed and say it; other steps (another ending) are drawn anew."""
        if [tick.name for tick in ticks] != list(self._lines):
            self._redraw(ticks)
        done = [t.name for t in ticks if self._set(t) and t.state is TickState.DONE]
        if done:
            say = self._page.say
            self._page.tell(". ".join(say(_NAMES[ServerStep(name)]) for name in done))

    def _redraw(self, ticks: tuple[Tick, ...]) -> None:
        self._list.clear()
        self._lines, self._states = {}, {}
        with self._list:
            for tick in ticks:
                with tag("li") as line:
                    tag("span", self._page.say(_NAMES[ServerStep(tick.name)]))
                    self._lines[tick.name] = line, tag("span", classes="ob-tick-state")

    def _set(self, tick: Tick) -> bool:
        """True when the step's state changed while somebody looks."""
        before = self._states.get(tick.name)
        if before is tick.state:
            return False
        self._states[tick.name] = tick.state
        icon, word = _STATES[tick.state]
        line, state = self._lines[tick.name]
        line.classes(replace=f"ob-tick i i-{icon} is-{tick.state}")
        state.set_text(self._page.say(word))
        return before is not None


class Working(Screen):
    """The server works; nobody has to wait here."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        self.heading(
            say("We are setting up your number"),
            say("This takes about a minute. You may close this page; we send you a mail."),
        )
        self._trouble: Trouble | None = None
        self._note = tag("div", classes="ob-room", role="status")
        self._ticks = Ticks(page)
        self.update(page.view)

    def update(self, view: RunView) -> None:
        self._ticks.show(view.ticks)
        if view.trouble == self._trouble:
            return
        self._trouble = view.trouble
        self._note.clear()
        if view.trouble is not None:
            with self._note:
                draw_card(trouble_card(view.trouble, self.say, self.partner))


class Stopped(FormScreen):
    """The server stopped; what is done stays done."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        self.heading(self.say("One thing needs attention"))
        self._shown: Trouble | None = None
        self._place = tag("div", classes="ob-room")
        self._ticks = Ticks(page)
        self.update(page.view)

    def update(self, view: RunView) -> None:
        self._ticks.show(view.ticks)
        trouble = view.trouble
        # The wait counts down at each reading; that is no reason to draw over a PIN being typed.
        if trouble is None or (self._shown and self._shown.key == trouble.key):
            return
        self._shown = trouble
        self._place.clear()
        self.fields = {}
        with self._place:
            actions = draw_card(trouble_card(trouble, self.say, self.partner))
        with actions:
            self._ways_on(view, trouble)

    def _ways_on(self, view: RunView, trouble: Trouble) -> None:
        say, page = self.say, self.page
        if trouble.needs_pin:
            page.drafts.pop("pin", None)
            self.add("pin", say("Six-digit PIN"), inputmode="numeric", autocomplete="off",
                     maxlength="12")  # fmt: skip
            big_button(say("Use this PIN"), self.submit)
        retry, reopen = may_retry(view, trouble), may_reopen(view, trouble)
        if reopen:
            page.browser.opens(big_button(say("Open Meta’s window again")))
        if retry:
            kind = "side" if reopen else "big"
            big_button(say("Try again"), lambda: page.act(page.hub.onboarding.retry), kind=kind)

    async def submit(self) -> None:
        await self.page.act(self.page.hub.onboarding.give_pin, self.value("pin"))

"""One client's open page: follows its run, draws the face for where it stands.

The run's row is the truth; the page holds only what was typed and not sent yet. It reads the run
again after each act, at every notice about it and after each reconnect.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import nicegui
from nicegui import Client, background_tasks, ui

from core.billing.payments.port import PaymentRefused
from core.errors import Conflict, HubError, InvalidInput, Unavailable
from core.hub import Hub
from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused, UnknownRun
from core.onboarding.views import RUN_SUBJECT, RunKey, RunView
from core.partners.profile.service import SUBJECT as PROFILE_SUBJECT
from core.ports import Notice
from ui import i18n
from ui.context import in_thread
from ui.faults import log_failure
from ui.guards.rates import Rate
from ui.live import LiveTopics
from ui.pages.onboarding import plain, signals
from ui.pages.onboarding.browser import Browser
from ui.pages.onboarding.faces import Face, face_of
from ui.pages.onboarding.problems import Card, card_of, fields_of
from ui.pages.onboarding.screen import Screen
from ui.pages.onboarding.screens import screen_for
from ui.pages.onboarding.shell import Shell

P = ParamSpec("P")
T = TypeVar("T")
# What a person can do something about; everything else is our mistake.
_EXPLAINED = (OnboardingRefused, InvalidInput, Conflict, PaymentRefused, Unavailable)


class ClientPage:
    """What the screens work with."""

    def __init__(self, hub: Hub, live: LiveTopics, key: RunKey, view: RunView, mails: Rate) -> None:
        self.hub = hub
        self.key = key
        self.view = view
        self.say = i18n.texts(view.language)
        self.drafts: dict[str, str] = {
            "company": view.company,
            "full_name": view.full_name,
            "email": view.email,
        }
        self.wanted: Face | None = None  # a face that the client went to without a change of run
        self._live = live
        self._client: Client = ui.context.client
        self._face: Face | None = None
        self._screen: Screen | None = None
        self._is_busy = False
        self._has_arrived = False
        self._mails = mails
        visitor = self._client.request.client
        self.address = visitor.host if visitor else ""

    def draw(self) -> None:
        """Everything, then listen."""
        # The language is the run's, not the route's; only this page's copy of the route changes.
        page = copy.copy(self._client.page)
        page.language = self.say.page_language  # type: ignore[assignment]
        self._client.page = page
        # Not `ui.add_css`: it works by an inline script, which our content policy does not run.
        ui.add_head_html(f"<style>{plain.css()}</style>")
        self.shell = Shell(self)
        with self.shell.root:
            self.browser = Browser(self.view, self._signal, self._unloadable)
        self._show_face()
        self._name_page()
        partner_id = self.view.brand.partner_id
        self._client.on_delete(self._live.subscribe(partner_id, self._receive))
        self._client.on_connect(self._connected)
        self._client.on_exception(self._failed)

    # --- what screens may do ----------------------------------------------------------------

    async def act(
        self,
        verb: Callable[Concatenate[RunKey, P], object],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> bool:
        """Say a verb for this run and show what became of it; False when it was refused.

        A second click while the first is on its way does nothing.
        """
        if self._is_busy:
            return False
        self._is_busy = True
        try:
            await in_thread(verb, self.key, *args, **kwargs)
        except _EXPLAINED as error:
            await self._explain(error)
            return False
        finally:
            self._is_busy = False
        self.wanted = None
        await self.refresh()
        return True

    async def ask(
        self,
        verb: Callable[Concatenate[RunKey, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T | None:
        """What the verb answers, without showing the run anew; None when it was refused."""
        try:
            return await in_thread(verb, self.key, *args, **kwargs)
        except _EXPLAINED as error:
            await self._explain(error)
            return None

    async def leave_for(
        self,
        verb: Callable[Concatenate[RunKey, P], str],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Send the whole window to the address that the verb answers; '' = stay and look."""
        if self._is_busy:
            return
        self._is_busy = True
        try:
            url = await self.ask(verb, *args, **kwargs)
        finally:
            self._is_busy = False
        if url:
            ui.navigate.to(url)
        elif url is not None:
            await self.refresh()

    async def have_mailed(
        self,
        verb: Callable[Concatenate[RunKey, P], object],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> bool:
        """The same for a verb that sends a mail: one address has only so many sent."""
        if not self._mails.allows(self.address):
            about = {"retry_after": 2 * 60}
            self.shell.card(card_of("too_many_codes", self.say, self.view.brand.name, about))
            return False
        return await self.act(verb, *args, **kwargs)

    async def refresh(self) -> None:
        """Read the run and show it; one that has come to its end without a click is ended."""
        service = self.hub.onboarding
        # Whoever has a socket has a browser: from now on it is a visit, not a preview.
        look = service.progress if self._has_arrived else service.arrive
        try:
            view = await in_thread(look, self.key)
            self._has_arrived = True
            if nicegui.app.is_stopping:
                return  # threads answer nothing any more
            self.show(view)
            if view.step is RunStep.DONE and view.status is not RunStatus.FINISHED:
                await in_thread(service.finish, self.key)
                self.show(await in_thread(service.progress, self.key))
        except UnknownRun:
            self.shell.card(card_of("run_elsewhere", self.say, self.view.brand.name))

    def show(self, view: RunView) -> None:
        """Set what changed; another face is drawn anew, a spoken language everything."""
        if view.language != self.view.language:
            self.say = i18n.texts(view.language)
            self._face = None
        before, self.view = self.view, view
        if view.brand != before.brand:
            self._rebrand()
        if (view.brand, view.language) != (before.brand, before.language):
            self._name_page()
        self.browser.follow(view, self.say.page_language)
        self._show_face()

    def go(self, face: Face | None) -> None:
        """Another face of the same step: log in instead, another address."""
        self.wanted = face
        self._show_face()

    def tell(self, text: str) -> None:
        """Say it to screen readers."""
        self.shell.tell(text)

    def card(self, card: Card) -> None:
        """Say that something went wrong."""
        self.shell.card(card)

    async def look_again(self) -> None:
        """Read the run: something else may have changed than the run itself."""
        try:
            await self.refresh()
        except Unavailable as error:
            await self._explain(error)

    async def speak(self, language: str) -> None:
        """Go on in another language; what was typed stays."""
        await in_thread(self.hub.onboarding.set_language, self.key, language)
        await self.refresh()

    def _rebrand(self) -> None:
        """The partner has changed its name, logo or colour."""
        self.shell.brand(self.view.brand)
        if self._screen is not None:
            self._screen.partner = self.view.brand.name

    def _name_page(self) -> None:
        name = self.view.brand.name
        ui.page_title(self.say("Connect WhatsApp · {partner}", partner=name))

    # --- below ------------------------------------------------------------------------------

    def _show_face(self) -> None:
        face = self.wanted or face_of(self.view)
        self.shell.progress(face)
        if face is self._face and self._screen is not None:
            self._screen.update(self.view)
            return
        is_first = self._screen is None
        self._face = face
        self.shell.speak()
        with self.shell.fresh_room():
            self._screen = screen_for(face)(self)
        if not is_first:
            self.browser.run_method("arrived")

    async def _explain(self, error: HubError) -> None:
        """At the field it is about, or as a card; a page that lags behind just catches up."""
        if error.code == "wrong_step":
            await self.refresh()
            return
        fields = fields_of(error)
        if fields and self._screen is not None and self._screen.wrong(fields, error):
            return
        log_failure(error)
        code = "run_elsewhere" if isinstance(error, UnknownRun) else error.code
        self.shell.card(card_of(code, self.say, self.view.brand.name, error.about))

    async def _signal(self, event: Any) -> None:
        """From the browser's part: opened, blocked, code, message."""
        signal = signals.read(event.args)
        if signal is None:
            return
        try:
            await in_thread(signals.deliver, self.hub.onboarding, self.key, signal)
        except Unavailable:
            return  # no receipt: the browser tries again by a plain request
        except (OnboardingRefused, InvalidInput) as error:
            await self._explain(error)
        else:
            await self.refresh()
        self.browser.run_method("received", signal.id)

    def _unloadable(self) -> None:
        self.shell.card(card_of("sdk_blocked", self.say, self.view.brand.name))

    def _receive(self, notices: list[Notice]) -> None:
        credit = self.view.credit.id if self.view.credit else ""
        brand = (PROFILE_SUBJECT, self.view.brand.partner_id)
        ours = {(RUN_SUBJECT, self.key.run_id), ("payment", credit), brand}
        if any((n.subject_type, n.subject_id) in ours for n in notices):
            background_tasks.create_lazy(self._refresh_here(), name=f"run {self._client.id}")

    def _connected(self) -> None:
        """At first and after each break: what was told meanwhile is read again."""
        background_tasks.create_lazy(self._refresh_here(), name=f"run {self._client.id}")

    async def _refresh_here(self) -> None:
        if self._client.is_deleted:
            return
        with self._client:
            try:
                await self.refresh()
            except Unavailable as error:
                log_failure(error)  # the next notice or reconnect reads again

    def _failed(self, error: Exception) -> None:
        log_failure(error)
        self.shell.card(card_of("fault", self.say, self.view.brand.name))

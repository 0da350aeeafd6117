"""Step 1: who the client is, and the code that proves its address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from nicegui.element import Element

from core.errors import HubError
from core.onboarding.codes import RESEND_AFTER
from core.onboarding.views import RunView
from ui import format as words
from ui.components import tag
from ui.pages.onboarding.faces import Face
from ui.pages.onboarding.fields import Field, big_button
from ui.pages.onboarding.screen import OpenPage, Screen


class FormScreen(Screen):
    """A screen with fields."""

    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        self.fields: dict[str, Field] = {}

    def add(self, name: str, label: str, *, help_text: str = "", **attributes: str) -> None:
        self.fields[name] = Field(
            self.page, name, label, self.submit, help_text=help_text, **attributes
        )

    def value(self, name: str) -> str:
        return self.fields[name].value

    async def submit(self) -> None:
        """What the button and Enter do."""

    def wrong(self, fields: Sequence[str], error: HubError) -> bool:
        wrong = [self.fields[name] for name in fields if name in self.fields]
        for field in wrong:
            field.fail(error, self.say)
        if wrong:
            wrong[0].focus()
        return bool(wrong)


class SignUp(FormScreen):
    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        self.heading(
            say("Connect WhatsApp with {partner}", partner=self.partner),
            say("It takes about ten minutes. First, who are you?"),
        )
        if page.view.number_hint:
            tag("p", words.phone(page.view.number_hint), "ob-number i i-phone")
        self.add("company", say("Company"), autocomplete="organization", maxlength="200")
        self.add("full_name", say("Your name"), autocomplete="name", maxlength="200")
        self.add(
            "email", say("E-mail"), type="email", inputmode="email", autocomplete="email",
            maxlength="320",
        )  # fmt: skip
        big_button(say("Continue"), self.submit)
        self.small(say("We mail you a six-digit code. You need no password."))
        big_button(say("I have been here before"), lambda: page.go(Face.LOG_IN), kind="link")

    async def submit(self) -> None:
        values = [self.value(name) for name in ("company", "full_name", "email")]
        await self.page.have_mailed(self.page.hub.onboarding.sign_up, *values)


class LogIn(FormScreen):
    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say = self.say
        self.heading(say("Welcome back"), say("Enter your e-mail address and we send you a code."))
        self.add(
            "email", say("E-mail"), type="email", inputmode="email", autocomplete="email",
            maxlength="320",
        )  # fmt: skip
        big_button(say("Send code"), self.submit)
        big_button(say("I am new here"), lambda: page.go(Face.SIGN_UP), kind="link")

    async def submit(self) -> None:
        await self.page.have_mailed(self.page.hub.onboarding.log_in, self.value("email"))


class Code(FormScreen):
    def __init__(self, page: OpenPage) -> None:
        super().__init__(page)
        say, view = self.say, page.view
        page.drafts.pop("code", None)
        minutes = int(page.hub.settings.onboarding_code_lifetime / timedelta(minutes=1))
        self.heading(
            say("Enter the code from our e-mail"),
            say(
                "We sent six digits to {email}. They work for {n} minutes.",
                email=view.email,
                n=minutes,
            ),
        )
        self.add("code", say("Six-digit code"), inputmode="numeric",
                 autocomplete="one-time-code", maxlength="12", placeholder="000000")  # fmt: skip
        big_button(say("Confirm"), self.submit)
        self.small(say("Nothing there? Look into your spam folder. The mail also has a link to go "
                       "on later, on any device."))  # fmt: skip
        with tag("div", classes="ob-side-by-side"):
            self._resend = Resend(self)
            other = Face.LOG_IN if view.logs_in else Face.SIGN_UP
            big_button(say("Use another address"), lambda: page.go(other), kind="link")

    async def submit(self) -> None:
        await self.page.act(self.page.hub.onboarding.confirm_code, self.value("code"))

    async def send_again(self) -> None:
        """A new code to the same address."""
        view, service = self.page.view, self.page.hub.onboarding
        if view.logs_in or not view.company:
            sent = await self.page.have_mailed(service.log_in, view.email)
        else:
            sent = await self.page.have_mailed(
                service.sign_up, view.company, view.full_name, view.email
            )
        if sent:
            self.page.tell(self.say("A new code is on its way to {email}.", email=view.email))

    def update(self, view: RunView) -> None:
        self._resend.follow(view)


class Resend(Element, component="../../static/onboarding_resend.js"):
    """The button for a new code, which counts down in the browser until it may be pressed."""

    def __init__(self, screen: Code) -> None:
        super().__init__()
        self._screen = screen
        self._props["label"] = screen.say("Send a new code")
        self._props["waiting"] = screen.say("New code in {time}", time="%")
        self.on("resend", screen.send_again, args=[])
        self.follow(screen.page.view)

    def follow(self, view: RunView) -> None:
        """Another code was sent, or time has passed."""
        hub = self._screen.page.hub
        if view.code_expires_at is None:
            return
        sent_at = view.code_expires_at - hub.settings.onboarding_code_lifetime
        left = (sent_at + RESEND_AFTER - hub.clock.now()).total_seconds()
        self._props["seconds"] = max(0, round(left))
        self._props["sent"] = sent_at.isoformat()  # tells one code from the next
        self.update()

"""An onboarding without a database: one run per browser, moved by the same verbs.

It keeps the order of the steps, the texts that pages show and who may see which run; what the
real service checks beyond that has its own tests.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from core.access import Principal
from core.errors import HubError, InvalidInput, NotFound, Unavailable
from core.events import EventType
from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused, RunElsewhere, UnknownPartner, UnknownRun
from core.onboarding.guidance import for_key
from core.onboarding.steps import server_steps
from core.onboarding.views import (
    RUN_SUBJECT,
    Brand,
    FlightEntry,
    LinkState,
    Number,
    Resumed,
    RunFilter,
    RunKey,
    RunPage,
    RunRecord,
    RunRow,
    RunView,
    SignupLaunch,
    Tick,
    TickState,
    Trouble,
    Turn,
)
from core.ports import Notice
from tests.ui.fake_hub import NOW, FakeFeed
from tests.ui.fake_payment_step import FakePaymentStep

PARTNER = "PAacme"
RUN = "run0000000000001"
SECRET = "s" * 43
EXIT = "https://partner.example/done?client=CL1&channels=[CH1]&state=x"
ORIGIN = "https://www.facebook.com"
CODE = "123456"
NUMBER = Number(
    channel_id="CH1", display="+49 30 1234567", name="Demo Bakery", granted=True, live=True
)
LAUNCH = SignupLaunch(
    sdk_url="https://connect.facebook.net/en_US/sdk.js",
    app_id="1",
    config_id="2",
    api_version="v26.0",
    extras={"setup": {"solutionID": "3"}},
    message_origins=(ORIGIN,),
)


def ticks(done: int, now: TickState = TickState.NOW) -> tuple[Tick, ...]:
    """The server steps of a plain ending, so many of them done."""
    names = server_steps("FINISH", region="DE")
    states = [TickState.DONE] * done + [now] + [TickState.WAITING] * len(names)
    return tuple(Tick(name=n, state=s) for n, s in zip(names, states, strict=False))


def trouble(key: str, **about: Any) -> Trouble:
    """The trouble that the real service would make of a guidance key."""
    advice = for_key(key)
    told = {
        name: getattr(advice, name)
        for name in ("key", "turn", "retryable", "wait", "reopen", "needs_pin")
    }
    return Trouble(**told | about)


def a_view(**values: Any) -> RunView:
    """A fresh run at Acme."""
    given: dict[str, Any] = {
        "run_id": RUN,
        "brand": Brand(partner_id=PARTNER, name="Acme Messaging"),
        "language": "en",
        "step": RunStep.SIGN_UP,
        "status": RunStatus.OPEN,
        "step_number": 1,
        "step_count": 5,
        "logs_in": False,
        "company": "",
        "full_name": "",
        "email": "",
        "number_hint": "",
        "code_tries_left": 5,
        "codes_left": 5,
        "code_expires_at": None,
        "launch": None,
        "no_room": "",
        "popup_opened": False,
        "ticks": (),
        "trouble": None,
        "numbers": (),
        "tasks": (),
        "asks_permission": False,
        "redirects_to": "https://partner.example",
        "exit_url": None,
        "updated_at": NOW,
    }
    return RunView(**given | values)


def a_row(run_id: str = RUN, **values: Any) -> RunRow:
    """A run in the partner's list."""
    given: dict[str, Any] = {
        "run_id": run_id,
        "company": "Demo Bakery",
        "full_name": "Ada Lovelace",
        "email": "ada@demo-bakery.example",
        "client_id": None,
        "number_hint": "",
        "step": RunStep.META,
        "status": RunStatus.OPEN,
        "turn": Turn.CLIENT,
        "trouble": None,
        "channel_ids": (),
        "started_at": NOW,
        "updated_at": NOW,
        "finished_at": None,
        "may_resume": True,
    }
    return RunRow(**given | values)


def fits(row: RunRow, show: RunFilter) -> bool:
    """The service's filters, on rows that are there."""
    over = (RunStatus.FINISHED, RunStatus.ABANDONED)
    return {
        RunFilter.ALL: True,
        RunFilter.OPEN: row.status not in over,
        RunFilter.NEEDS_YOU: row.turn is Turn.PARTNER,
        RunFilter.DONE: row.status is RunStatus.FINISHED,
        RunFilter.PUT_ASIDE: row.status is RunStatus.ABANDONED,
    }[show]


@dataclass
class FakeOnboarding(FakePaymentStep):
    """`view` may be set from outside, as if Meta or another browser had moved the run."""

    feed: FakeFeed
    view: RunView = field(default_factory=a_view)
    secret: str = SECRET
    former: str = ""  # a browser that had the run before
    visits: int = 0
    mail_refusal: HubError | None = None
    said: list[tuple[Any, ...]] = field(default_factory=list)  # the verbs, in their order
    refusal: OnboardingRefused | None = None  # of the entry
    is_down: bool = False
    reads: int = 0
    rows: list[RunRow] = field(default_factory=list)
    flight: list[FlightEntry] = field(default_factory=list)
    link: LinkState = field(default_factory=lambda: LinkState(url="http://test/onboarding/PAacme"))

    def now(self, **values: Any) -> None:
        """The run changes, and everybody who looks is told."""
        self.view = replace(self.view, **values)
        self.feed.publish([Notice(PARTNER, "onboarding_step", RUN_SUBJECT, RUN)])

    def open_link(
        self, partner_id: str, raw_query: str, browser_secret: str, *, guessed: str = "en"
    ) -> RunView:
        self.said.append(("open_link", partner_id, raw_query, guessed))
        if self.is_down:
            raise Unavailable
        if partner_id != PARTNER:
            raise UnknownPartner
        if self.refusal:
            raise self.refusal
        self.secret = browser_secret
        return self.view

    def resume(self, token: str, browser_secret: str = "") -> Resumed:
        self.said.append(("resume", token))
        if self.refusal:
            raise self.refusal
        self.secret = browser_secret or "r" * 43
        return Resumed(run=self.view, secret=self.secret)

    def progress(self, key: RunKey) -> RunView:
        self.reads += 1
        return self._act(key)

    def set_language(self, key: RunKey, language: str) -> RunView:
        return self._act(key, language=language)

    def sign_up(self, key: RunKey, company: str, full_name: str, email: str) -> RunView:
        given = {"company": company, "full_name": full_name, "email": "@" in email}
        if wrong := tuple(name for name, value in given.items() if not value):
            raise InvalidInput(field=wrong[0], fields=wrong)
        return self._send_code(key, ("sign_up", company, full_name, email), email=email)

    def log_in(self, key: RunKey, email: str) -> RunView:
        return self._send_code(key, ("log_in", email), email=email)

    def confirm_code(self, key: RunKey, code: str) -> RunView:
        self.said.append(("confirm_code", code))
        if code != CODE:
            left = self.view.code_tries_left - 1
            self.view = replace(self.view, code_tries_left=left)
            raise OnboardingRefused("code_wrong", tries_left=left)
        return self._act(key, step=RunStep.META, step_number=2, launch=LAUNCH)

    def begin_signup(self, key: RunKey, signal_id: str = "") -> SignupLaunch:
        self.said.append(("begin_signup",))
        self._act(key, popup_opened=True, trouble=None, status=RunStatus.OPEN, step=RunStep.META)
        return LAUNCH

    def popup_blocked(self, key: RunKey) -> RunView:
        self.said.append(("popup_blocked",))
        return self._act(key, trouble=trouble("popup_blocked"), status=RunStatus.STOPPED)

    def meta_message(self, key: RunKey, raw: str | dict[str, object], origin: str) -> RunView:
        self.said.append(("meta_message", raw, origin))
        return self._act(key)

    def meta_code(self, key: RunKey, code: str) -> RunView:
        self.said.append(("meta_code", code))
        if self.is_down:
            raise Unavailable
        if not code:
            return self._act(key, trouble=trouble("popup_closed"), status=RunStatus.STOPPED)
        return self._act(
            key, step=RunStep.REGISTER, status=RunStatus.WORKING, step_number=3, ticks=ticks(0)
        )

    def retry(self, key: RunKey) -> RunView:
        self.said.append(("retry",))
        return self._act(key, status=RunStatus.WORKING, trouble=None, ticks=ticks(3))

    def give_pin(self, key: RunKey, pin: str) -> RunView:
        self.said.append(("give_pin", pin))
        if len(pin) != len(CODE):
            raise InvalidInput(field="pin")
        return self._act(key, status=RunStatus.WORKING, trouble=None, ticks=ticks(6))

    def permission(self, key: RunKey, granted_channel_ids: list[str]) -> RunView:
        self.said.append(("permission", granted_channel_ids))
        numbers = tuple(
            replace(n, granted=n.channel_id in granted_channel_ids) for n in self.view.numbers
        )
        return self._act(key, numbers=numbers)

    def finish(self, key: RunKey) -> str | None:
        self.said.append(("finish",))
        exit_url = EXIT if self.view.redirects_to else None
        self._act(key, step=RunStep.DONE, status=RunStatus.FINISHED, step_number=5)
        return self._act(key, exit_url=exit_url).exit_url

    # --- the partner's side -------------------------------------------------------------------

    def runs(
        self,
        who: Principal,
        *,
        show: RunFilter = RunFilter.ALL,
        search: str = "",
        cursor: str = "",
        limit: int = 50,
    ) -> RunPage:
        assert who.partner_id == PARTNER
        after = int(cursor or 0)
        found = [
            row
            for row in self.rows
            if fits(row, show) and search.lower() in f"{row.company} {row.email}".lower()
        ]
        more = len(found) > after + limit
        return RunPage(
            rows=tuple(found[after : after + limit]), next_cursor=str(after + limit) if more else ""
        )

    def run(self, who: Principal, run_id: str) -> RunRecord:
        row = next((row for row in self.rows if row.run_id == run_id), None)
        if row is None:
            raise NotFound
        return RunRecord(row=row, ticks=ticks(3), numbers=(NUMBER,), flight=tuple(self.flight))

    def send_resume_link(self, who: Principal, run_id: str) -> RunRecord:
        self.said.append(("send_resume_link", run_id))
        self.add_flight(EventType.RUN_LINK_SENT)
        return self.run(who, run_id)

    def link_state(self, who: Principal) -> LinkState:
        return self.link

    def add_flight(self, kind: str, **data: Any) -> None:
        """Something happened to the run."""
        id_ = len(self.flight) + 1
        self.flight.append(FlightEntry(id=id_, at=NOW, kind=kind, actor="hub", data=data))

    def _send_code(self, key: RunKey, said: tuple[Any, ...], email: str) -> RunView:
        self.said.append(said)
        expires = NOW + timedelta(minutes=15)
        names = dict(zip(("company", "full_name"), said[1:-1], strict=False))
        return self._act(key, step=RunStep.CODE, email=email, code_expires_at=expires, **names)

    def arrive(self, key: RunKey) -> RunView:
        view = self.progress(key)
        self.visits += 1
        return view

    def mail_link(self, key: RunKey) -> None:
        if (key.run_id, key.secret) != (RUN, self.former):
            raise UnknownRun
        self.said.append(("mail_link",))
        if self.mail_refusal:
            raise self.mail_refusal

    def require_own(self, key: RunKey) -> None:
        if self.former and (key.run_id, key.secret) == (RUN, self.former):
            raise RunElsewhere(self.view.brand, self.view.language)
        if (key.run_id, key.secret) != (RUN, self.secret):
            raise UnknownRun

    def _act(self, key: RunKey, **values: Any) -> RunView:
        if self.is_down:
            raise Unavailable
        self.require_own(key)
        if values:
            self.view = replace(self.view, **values)
        return self.view

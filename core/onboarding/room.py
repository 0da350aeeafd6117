"""What every verb of the onboarding works with, and how a browser proves that a run is its own.

A run is found by its id and the browser's secret together; a wrong one of either gives the same
answer as an unknown one. Nothing here knows the dashboard's session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlmodel import Session

from core.access import Gate
from core.billing.card_store import RateCards
from core.billing.service import Billing
from core.clock import Clock
from core.events import EventType
from core.onboarding import codes
from core.onboarding.entities import OnboardingRun
from core.onboarding.errors import RunElsewhere, UnknownRun
from core.onboarding.noting import note
from core.onboarding.seeing import brand_of, view_of
from core.onboarding.views import RunKey, RunView
from core.partners.entities import Partner
from core.ports import Database, Everything, Jobs, Mailer, Meta, MetaToken, Tenant, Vault
from core.settings import Settings

# Names of the durable work; `partner_added` is enqueued by the translation of Meta's webhooks.
SEQUENCE_JOB = "onboarding"
MAIL_JOB = "onboarding_mail"
LIVE_JOB = "onboarding_live"
PARTNER_ADDED_JOB = "partner_added"

_BY_ID = Everything("onboarding: a run's partner is known by the run's id only")
_REMEMBERED = 10_000


@dataclass(slots=True)
class Opened:
    """A run inside a transaction, with its partner."""

    session: Session
    run: OnboardingRun
    partner: Partner


class OnboardingMeta(Meta, Protocol):
    """What the onboarding asks of Meta beyond the common port."""

    def solution_token(self, solution_id: str, business_id: str) -> MetaToken:
        """A token for one client that was onboarded under the solution; repeatable."""
        ...

    def solutions_of(self, waba_id: str, token: str) -> list[str]:
        """Ids of the solutions under which the WABA was onboarded."""
        ...


class Room:
    """The ports, and the two doors into a run."""

    def __init__(  # noqa: PLR0913  the ports, by name
        self,
        *,
        database: Database,
        gate: Gate,
        clock: Clock,
        vault: Vault,
        jobs: Jobs,
        mailer: Mailer,
        meta: OnboardingMeta,
        settings: Settings,
        billing: Billing,
    ) -> None:
        self.database = database
        self.gate = gate
        self.clock = clock
        self.vault = vault
        self.jobs = jobs
        self.mailer = mailer
        self.meta = meta
        self.settings = settings
        self.billing = billing
        self.rate_cards = RateCards(clock)
        # A run never changes its partner, so this may be remembered for good.
        self._partner_ids: dict[str, str] = {}
        # When Meta was last asked about a solution, by its id; only this process's memory.
        self._solution_checked: dict[str, datetime] = {}

    @contextmanager
    def acting(self, key: RunKey) -> Iterator[Opened]:
        """A transaction on the browser's own run; who acts is there. Raises UnknownRun."""
        with self.writing(key.run_id) as opened:
            _require_own(opened, key)
            if opened.run.visited_at is None:
                self._note_visit(opened)
            yield opened

    @contextmanager
    def watching(self, key: RunKey) -> Iterator[Opened]:
        """The same for reading. Raises UnknownRun."""
        with self.reading(key.run_id) as opened:
            _require_own(opened, key)
            yield opened

    @contextmanager
    def writing(self, run_id: str) -> Iterator[Opened]:
        """A transaction that holds the run's row: browser, webhook and workflow all write it."""
        with self.database.transaction(self._scope(run_id)) as session:
            yield self._opened(session, run_id, lock=True)

    @contextmanager
    def reading(self, run_id: str) -> Iterator[Opened]:
        """The run as it stands. Raises UnknownRun."""
        with self.database.reading(self._scope(run_id)) as session:
            yield self._opened(session, run_id, lock=False)

    def view(self, opened: Opened) -> RunView:
        """The run as the client's page draws it."""
        return view_of(opened.session, opened.run, opened.partner, self.settings, self.clock.now())

    def _note_visit(self, opened: Opened) -> None:
        run = opened.run
        run.visited_at = self.clock.now()
        note(
            opened.session,
            self.clock,
            run,
            EventType.RUN_STARTED,
            actor="client",
            language=run.language,
            number_hint=run.number_hint,
            **{key: value for key, value in run.link.items() if key != "logs_in"},
        )

    def _scope(self, run_id: str) -> Tenant:
        if run_id not in self._partner_ids:
            with self.database.reading(_BY_ID) as session:
                run = session.get(OnboardingRun, run_id)
                if run is None:
                    raise UnknownRun
            if len(self._partner_ids) >= _REMEMBERED:
                self._partner_ids.clear()
            self._partner_ids[run_id] = run.partner_id
        return Tenant(self._partner_ids[run_id])

    def _opened(self, session: Session, run_id: str, *, lock: bool) -> Opened:
        run = session.get(OnboardingRun, run_id, with_for_update=lock)
        if run is None:
            raise UnknownRun
        partner = session.get(Partner, run.partner_id)
        if partner is None:
            raise UnknownRun
        return Opened(session=session, run=run, partner=partner)


def browser_digest(secret: str) -> str:
    """How a browser's secret is stored."""
    return codes.digest("browser", secret)


def _require_own(opened: Opened, key: RunKey) -> None:
    if codes.matches(opened.run.browser_hash, "browser", key.secret):
        return
    if had_before(opened.run, key):
        raise RunElsewhere(brand_of(opened.partner), opened.run.language)
    raise UnknownRun


def had_before(run: OnboardingRun, key: RunKey) -> bool:
    """Whether the browser had this run until another one took it over."""
    return any(codes.matches(stored, "browser", key.secret) for stored in run.former_browsers)


def run_context(run_id: str, column: str) -> str:
    """The vault's context of a run's own secrets."""
    return f"onboarding_run:{run_id}:{column}"

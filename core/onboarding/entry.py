"""How a client's browser gets into a run: by the partner's link, or by the mailed one.

Refusals come in the order of product.md. What the link says about the exit is kept whole at the
start, or replaced whole by a newer link of the same partner: never a mix of two (O38, O39).
"""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session, col, select

from core.events import EventType
from core.onboarding import codes
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused, UnknownPartner
from core.onboarding.links import Link, language_of, read_link, signature_fault
from core.onboarding.noting import move_to, note
from core.onboarding.redirects import may_redirect
from core.onboarding.refusing import refuse_billing, refuse_partner, refused
from core.onboarding.room import Opened, browser_digest
from core.onboarding.solution import SolutionCheck
from core.onboarding.views import Resumed, RunKey, RunView
from core.partners.entities import Partner
from core.partners.platform_secret import current_secrets
from core.ports import Everything, Tenant

_BY_TOKEN = Everything("onboarding: a mailed link names no partner")
# A client uses a computer and a phone; who had the run five browsers ago begins anew.
_FORMER_KEPT = 5


class Entry(SolutionCheck):
    """The doors of a run."""

    def open_link(
        self, partner_id: str, raw_query: str, browser_secret: str, *, guessed: str = "en"
    ) -> RunView:
        """Start a run, or go on with this browser's unfinished run at the same partner.

        `raw_query` is the query string as it arrived, un-decoded. `browser_secret` is the value
        of the cookie `hub_onboarding` (make one with `new_browser_secret()` when there is none).
        `guessed` is the browser's language, for a new run whose link names none. The partner
        sees nothing before somebody looks (`arrive`). Raises UnknownPartner, OnboardingRefused.
        """
        link = read_link(raw_query)
        named = link.language if link.names_language else ""
        link = replace(link, language=named or language_of(guessed))
        if not codes.is_strong(browser_secret):
            raise OnboardingRefused("browser_unknown", language=link.language)
        self.ask_about_solution(partner_id)
        with self.database.transaction(Tenant(partner_id)) as session:
            partner = session.get(Partner, partner_id)
            if partner is None:
                raise UnknownPartner(language=link.language)
            refuse_partner(partner, link.language)
            run = _unfinished(session, partner, browser_secret)
            fault = self._link_fault(partner, link)
            # A run that is under way outlives its link's signature, but a foreign address is never
            # passed over in silence.
            if fault and (run is None or fault == "foreign_redirect"):
                raise refused(fault, partner, link.language)
            refuse_billing(partner, link.language, self.settings)
            if run is None:
                run = self._start(partner, link, browser_secret)
                session.add(run)
            elif link.says_where and not fault:
                _take_exit(run, partner, link)
            run.language = named or run.language
            session.flush()
            return self.view(Opened(session=session, run=run, partner=partner))

    def resume(self, token: str, browser_secret: str = "") -> Resumed:
        """Take a run up from the mailed link; the browser that had it before loses it.

        Give the browser's secret when it has one already, so that its run at another partner is
        not lost. Raises OnboardingRefused (link_unknown, link_expired, or one of the entry).
        """
        secret = browser_secret if codes.is_strong(browser_secret) else codes.new_secret()
        run_id, partner_id = self._behind_token(token)
        self.ask_about_solution(partner_id)
        with self.writing(run_id) as opened:
            run, partner = opened.run, opened.partner
            if not codes.matches(run.resume_hash, "resume", token):
                raise OnboardingRefused("link_unknown")
            if run.resume_expires_at is None or run.resume_expires_at <= self.clock.now():
                raise refused("link_expired", partner, run.language)
            refuse_partner(partner, run.language)
            refuse_billing(partner, run.language, self.settings)
            _hand_over(run, browser_digest(secret))
            run.visited_at = run.visited_at or self.clock.now()
            if run.status == RunStatus.ABANDONED:
                status = RunStatus.STOPPED if run.error_code else RunStatus.OPEN
                move_to(run, RunStep(run.step), status)
            note(
                opened.session,
                self.clock,
                run,
                EventType.RUN_STEP,
                actor="client",
                step="resumed",
            )
            return Resumed(run=self.view(opened), secret=secret)

    def progress(self, key: RunKey) -> RunView:
        """The run as it stands. Raises UnknownRun."""
        with self.watching(key) as opened:
            return self.view(opened)

    def set_language(self, key: RunKey, language: str) -> RunView:
        """Speak `language` from now on, in mails too; an unknown one becomes English."""
        with self.acting(key) as opened:
            opened.run.language = language_of(language)
            opened.run.updated_at = self.clock.now()
            opened.session.add(opened.run)
            return self.view(opened)

    def arrive(self, key: RunKey) -> RunView:
        """A person has the run's page in front of it; from here on the partner sees the run.

        Told at every look, counted once. Raises UnknownRun.
        """
        with self.watching(key) as opened:
            if opened.run.visited_at is not None:
                return self.view(opened)
        with self.acting(key) as opened:
            return self.view(opened)

    def _start(self, partner: Partner, link: Link, browser_secret: str) -> OnboardingRun:
        now = self.clock.now()
        run = OnboardingRun(
            partner_id=partner.id,
            language=link.language,
            number_hint=link.number,
            email=link.email,
            full_name=link.name,
            link=link.others | ({"logs_in": True} if link.logs_in else {}),
            browser_hash=browser_digest(browser_secret),
            created_at=now,
            updated_at=now,
        )
        _take_exit(run, partner, link)
        return run

    def _link_fault(self, partner: Partner, link: Link) -> str | None:
        if partner.io_signature and (fault := self._signature_fault(partner, link)):
            return fault
        if link.too_long:
            return "link_too_long"
        if link.redirect_url and not may_redirect(
            link.redirect_url, partner.redirect_url, partner.extra_origins
        ):
            return "foreign_redirect"
        return None

    def _signature_fault(self, partner: Partner, link: Link) -> str | None:
        now = self.clock.now()
        return signature_fault(
            current_secrets(partner, self.vault, now),
            partner.id,
            link,
            now=now,
            lifetime=self.settings.io_signature_lifetime,
        )

    def _behind_token(self, token: str) -> tuple[str, str]:
        with self.database.reading(_BY_TOKEN) as session:
            digest = codes.digest("resume", token)
            run = session.exec(
                select(OnboardingRun).where(OnboardingRun.resume_hash == digest)
            ).first()
        if run is None or not token:
            raise OnboardingRefused("link_unknown")
        return run.id, run.partner_id


def _unfinished(session: Session, partner: Partner, secret: str) -> OnboardingRun | None:
    over = (RunStatus.FINISHED.value, RunStatus.ABANDONED.value)
    return session.exec(
        select(OnboardingRun)
        .where(
            OnboardingRun.partner_id == partner.id,
            OnboardingRun.browser_hash == browser_digest(secret),
            col(OnboardingRun.status).not_in(over),
        )
        .order_by(col(OnboardingRun.updated_at).desc())
        .with_for_update()
    ).first()


def _take_exit(run: OnboardingRun, partner: Partner, link: Link) -> None:
    """Freeze where the client goes at the end; a later change of settings does not move it."""
    if run.step == RunStep.DONE:
        return
    run.redirect_url = link.redirect_url or partner.redirect_url
    run.state = link.state
    run.partner_payload = link.partner_payload


def _hand_over(run: OnboardingRun, digest: str) -> None:
    """The run belongs to this browser now; the one before is remembered, to be told."""
    if run.browser_hash == digest:
        return
    former = [run.browser_hash, *(each for each in run.former_browsers if each != digest)]
    run.former_browsers = former[:_FORMER_KEPT]
    run.browser_hash = digest

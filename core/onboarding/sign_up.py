"""Step 1: the client says who it is and proves its address by a mailed code.

A client is created once per partner and address, whatever is clicked twice (O44). Whether an
address has an account is told to its owner only, by mail.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from core.accounts.entities import Client, ClientStatus
from core.errors import InvalidInput
from core.events import EventType
from core.onboarding import codes
from core.onboarding.account import tell_created
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused
from core.onboarding.noting import move_to, note
from core.onboarding.paying import pays_itself, stage_of
from core.onboarding.room import MAIL_JOB, Opened, Room, run_context
from core.onboarding.seeing import brand_of
from core.onboarding.views import RunKey, RunView
from core.partners.entities import Membership, Person
from core.partners.rules import normalise_email

_MAX_NAME = 200
# Controls, line and paragraph ends, halves of a sign.
_NO_TEXT = ("Cc", "Zl", "Zp", "Cs")


class SignUp(Room):
    """Who the client is."""

    def sign_up(self, key: RunKey, company: str, full_name: str, email: str) -> RunView:
        """Mail a six-digit code; again for a new code or another address.

        Raises InvalidInput (`fields` are all that are wrong of company, full_name and email,
        `field` the first of them), OnboardingRefused (too_many_codes with `retry_after` in
        seconds, wrong_step).
        """
        names, address = _checked(company, full_name, email)
        with self.acting(key) as opened:
            run = opened.run
            run.company, run.full_name = names
            self._send_code(opened, address, has_account=True)
            return self.view(opened)

    def log_in(self, key: RunKey, email: str) -> RunView:
        """The same for a client that has an account; the answer never tells whether it has."""
        address = normalise_email(email)
        with self.acting(key) as opened:
            known = _client(opened.session, opened.run.partner_id, address) is not None
            self._send_code(opened, address, has_account=known)
            return self.view(opened)

    def confirm_code(self, key: RunKey, code: str) -> RunView:
        """The client is known from here on; created once per partner and address.

        Raises OnboardingRefused (code_wrong with `tries_left`, code_expired, code_locked,
        email_other_account).
        """
        with self.acting(key) as opened:
            if opened.run.email_verified_at is not None:
                return self.view(opened)  # clicked twice, or in two tabs
            refused = self._code_fault(opened, code)
            if refused is None:
                self._recognise(opened)
                return self.view(opened)
        # Outside, so that the counted try is committed.
        raise refused

    def _send_code(self, opened: Opened, address: str, *, has_account: bool) -> None:
        session, run, now = opened.session, opened.run, self.clock.now()
        if run.step not in (RunStep.SIGN_UP, RunStep.CODE):
            raise OnboardingRefused("wrong_step", language=run.language, step=run.step)
        if wait := self._wait_for_code(session, run, address, now):
            raise OnboardingRefused("too_many_codes", language=run.language, retry_after=wait)
        move_to(run, RunStep.CODE, RunStatus.OPEN)
        code, token = codes.new_code(), codes.new_secret()
        run.email, run.code_tries = address, 0
        run.codes_sent += 1
        run.code_expires_at = now + self.settings.onboarding_code_lifetime
        # Without an account nothing may match: the mail then says how to sign up instead.
        run.code_hash = codes.digest(run.id, code if has_account else token)
        run.resume_hash = codes.digest("resume", token)
        run.resume_expires_at = now + self.settings.onboarding_link_lifetime
        kind = "code" if has_account else "no_account"
        self.enqueue_mail(session, run, kind, code=code, token=token)
        note(session, self.clock, run, EventType.RUN_STEP, actor="client", step="code_sent")

    def enqueue_mail(
        self, session: Session, run: OnboardingRun, kind: str, *, code: str = "", token: str
    ) -> None:
        """Have a mail sent after the commit; what it must not tell anybody else goes sealed."""
        sealed = self.vault.seal(f"{code} {token}", context=run_context(run.id, "mail"))
        key = f"{MAIL_JOB}:{run.id}:{codes.digest(token)[:16]}"
        self.jobs.enqueue(session, MAIL_JOB, run.id, kind, sealed, key=key)

    def _wait_for_code(
        self, session: Session, run: OnboardingRun, address: str, now: datetime
    ) -> int:
        """Seconds until another code may be sent, 0 for now; after five comes an hour of rest."""
        if run.code_expires_at is not None:
            sent_at = run.code_expires_at - self.settings.onboarding_code_lifetime
            enough = run.codes_sent >= codes.MAX_CODES
            rest = codes.REST_AFTER_ALL if enough else codes.RESEND_AFTER
            if (left := sent_at + rest - now) > timedelta():
                return max(1, round(left.total_seconds()))
            if enough:
                run.codes_sent = 0
        sent = session.exec(
            select(func.sum(OnboardingRun.codes_sent)).where(
                OnboardingRun.partner_id == run.partner_id,
                OnboardingRun.email == address,
                OnboardingRun.updated_at > now - timedelta(hours=1),
            )
        ).one()
        return 0 if (sent or 0) < codes.MAX_CODES_PER_HOUR else 3600

    def _code_fault(self, opened: Opened, code: str) -> OnboardingRefused | None:
        run = opened.run
        if run.step != RunStep.CODE or run.code_expires_at is None:
            return OnboardingRefused("wrong_step", language=run.language, step=run.step)
        if run.code_tries >= codes.MAX_TRIES:
            return OnboardingRefused("code_locked", language=run.language)
        if run.code_expires_at <= self.clock.now():
            return OnboardingRefused("code_expired", language=run.language)
        typed = codes.digits_of(code)
        is_guess = codes.is_code(typed)
        if is_guess:  # an empty field or a slip of the finger costs no try
            run.code_tries += 1
            opened.session.add(run)
        if not is_guess or not codes.matches(run.code_hash, run.id, typed):
            left = codes.MAX_TRIES - run.code_tries
            return OnboardingRefused("code_wrong", language=run.language, tries_left=left)
        if is_dashboard_person(opened.session, run.partner_id, run.email):
            return OnboardingRefused(
                "email_other_account", brand=brand_of(opened.partner), language=run.language
            )
        return None

    def _recognise(self, opened: Opened) -> None:
        session, run, now = opened.session, opened.run, self.clock.now()
        client = self._client_of(opened)
        run.client_id = client.id
        run.company = run.company or client.name
        run.full_name = run.full_name or client.full_name
        run.email_verified_at, run.code_hash = now, ""
        first = RunStep.PAYMENT if pays_itself(opened.partner) else RunStep.META
        move_to(run, first, RunStatus.OPEN)
        session.flush()
        terms = self.settings.terms_version
        if stage_of(session, run, opened.partner, terms, now) is None:
            move_to(run, RunStep.META, RunStatus.OPEN)
        note(
            session,
            self.clock,
            run,
            EventType.RUN_STEP,
            actor="client",
            step="email_confirmed",
            client_id=client.id,
        )

    def _client_of(self, opened: Opened) -> Client:
        """The client of this address, created when there is none."""
        session, run = opened.session, opened.run
        if known := _client(session, run.partner_id, run.email):
            return known
        client = self._new_client(run)
        if pays_itself(opened.partner):
            client.status = ClientStatus.PENDING.value  # no valid card, no account
        try:
            with session.begin_nested():
                session.add(client)
        except IntegrityError:
            # Another tab was faster; the unique constraint decides, not the look before.
            known = _client(session, run.partner_id, run.email)
            if known is None:
                raise
            return known
        if client.status != ClientStatus.PENDING:
            run.client_id = client.id
            tell_created(session, self.clock, run)
        return client

    def _new_client(self, run: OnboardingRun) -> Client:
        now = self.clock.now()
        return Client(
            partner_id=run.partner_id,
            name=run.company or run.email,
            organisation=run.company,
            email=run.email,
            full_name=run.full_name,
            phone=run.number_hint,
            language=run.language,
            partner_payload=run.partner_payload,
            created_at=now,
            modified_at=now,
        )


def _client(session: Session, partner_id: str, email: str) -> Client | None:
    return session.exec(
        select(Client).where(Client.partner_id == partner_id, Client.email == email)
    ).one_or_none()


def is_dashboard_person(session: Session, partner_id: str, email: str) -> bool:
    """One address is either a client's or a colleague's, or mails would reach the wrong one."""
    found = session.exec(
        select(Membership.id)
        .join(Person, col(Person.id) == Membership.person_id)
        .where(
            Membership.partner_id == partner_id,
            col(Membership.removed_at).is_(None),
            func.lower(Person.email) == email,
        )
    ).first()
    return found is not None


def _checked(company: str, full_name: str, email: str) -> tuple[tuple[str, str], str]:
    """Names and address as they are kept. Raises InvalidInput that names all wrong ones at once."""
    names, address = (name_of(company), name_of(full_name)), ""
    with suppress(InvalidInput):
        address = normalise_email(email)
    given = {"company": names[0], "full_name": names[1], "email": address}
    if wrong := tuple(field for field, value in given.items() if not value):
        raise InvalidInput(field=wrong[0], fields=wrong)
    return names, address


def name_of(text: str) -> str:
    """The name without controls (joiners stay); '' for an empty or over-long one."""
    name = "".join(c for c in text if unicodedata.category(c) not in _NO_TEXT).strip()
    return name if len(name) <= _MAX_NAME else ""

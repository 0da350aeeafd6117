"""Numbers that a partner brings by its program, without the hub's own pages.

The partner runs Embedded Signup on its own site: the client shares its WABA with the partner's
solution at Meta, and the partner tells the hub. Nothing that is told is believed: the token comes
from the solution, and Meta itself must name the solution as the WABA's. From there on it is the
same server sequence as everywhere, on a run that the partner watches like any other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from core.access import Permission, Principal, partner_of
from core.accounts.cursors import is_storable
from core.accounts.entities import Client, WabaAccount
from core.errors import Conflict, InvalidInput, MetaError, NotFound, Unavailable
from core.events import EventType
from core.onboarding.channels import channel_of
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.noting import clear_trouble, note, remember
from core.onboarding.numbers import ending_of, take
from core.onboarding.owners import is_number_taken, is_waba_taken
from core.onboarding.room import SEQUENCE_JOB, run_context
from core.onboarding.sequence import Sequence
from core.onboarding.shared_clients import SharedClients, require_taking
from core.onboarding.steps import ServerStep
from core.ports import MetaToken

_MAY = Permission.ACCOUNTS
_TIERS = ("", "basic", "regular", "premium")
_MAX_ID = 32
_ALWAYS = datetime(2020, 1, 1, tzinfo=UTC)  # before the Cloud API
# Moves until the number is a channel; what follows is nobody's wait.
_MOVES = 12
# *Seconds* after which the durable work goes on by itself, should this process die meanwhile.
_NET = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedNumber:
    """What a partner tells of a number; ids of Meta's but `client_id`, the hub's.

    Either `client_id` or `business_id`; without `phone_id` all verified numbers of the WABA.
    """

    waba_id: str
    solution_id: str
    client_id: str = ""
    business_id: str = ""
    phone_id: str = ""
    tier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What Meta says of it."""

    business_id: str
    token: MetaToken
    numbers: list[dict[str, Any]]


class SharedNumbers(SharedClients):
    """Off, with the reason, while the partner has no ACTIVE solution."""

    def share_number(self, who: Principal, told: SharedNumber) -> str:
        """The number is a channel; its id. Registration and the rest go on by themselves.

        The same again gives the same channel. Raises InvalidInput (`field`), NotFound,
        Conflict (solution_inactive, solution_other, not_shared, number_not_found, number_missing,
        waba_taken, number_in_use, and what stops a run, such as card_missing), MetaError,
        Unavailable.
        """
        _require_form(told)
        self.ask_about_solution(who.tenant.partner_id)
        with self.gate.writing(who, _MAY) as session:
            partner = partner_of(session, who)
            require_taking(partner)
            _require_own_solution(told, partner.solution_id)
            client = _client_of(session, partner.id, told)
            if known := _known_number(session, client, told):
                return known
            owner = told.business_id or _owner_known(session, client, told.waba_id)
        found = self._look(told, owner)
        self._require_free(client, told, found)
        run_id = self._begin(who, told, client, found)
        return self._walk(run_id)

    def _look(self, told: SharedNumber, owner: str) -> _Found:
        """Outside of any transaction: whose the WABA is, its numbers, and under which solution."""
        business_id = owner or self._owner_at_meta(told.waba_id)
        try:
            token = self.meta.solution_token(told.solution_id, business_id)
            numbers = self.meta.phone_numbers(told.waba_id, token.value)
            solutions = self.meta.solutions_of(told.waba_id, token.value)
        except MetaError as refused:
            if not refused.is_not_there:
                raise
            raise Conflict(code="not_shared", waba_id=told.waba_id) from refused
        _require_named(told, solutions)
        if told.phone_id and told.phone_id not in {str(node.get("id")) for node in numbers}:
            raise Conflict(code="number_not_found", channel_external_id=told.phone_id)
        ending = ending_of("", numbers, told.phone_id)
        if not take(ending, numbers, told.phone_id):
            raise Conflict(code="number_missing", waba_id=told.waba_id)
        return _Found(business_id=business_id, token=token, numbers=numbers)

    def _owner_at_meta(self, waba_id: str) -> str:
        for node in self.meta.client_wabas(_ALWAYS):
            if str(node.get("id")) == waba_id:
                owner: Mapping[str, Any] = node.get("owner_business_info") or {}
                if business_id := str(owner.get("id") or ""):
                    return business_id
        raise Conflict(code="not_shared", waba_id=waba_id)

    def _require_free(self, client: Client, told: SharedNumber, found: _Found) -> None:
        """Told at once; the run looks again when it takes them."""
        run = self._new_run(client, told)
        if is_waba_taken(self.database, run, told.waba_id):
            raise Conflict(code="waba_taken", waba_id=told.waba_id)
        ending = ending_of("", found.numbers, told.phone_id)
        for node in take(ending, found.numbers, told.phone_id):
            if is_number_taken(self.database, run, str(node["id"])):
                raise Conflict(code="number_in_use", channel_external_id=str(node["id"]))

    def _begin(self, who: Principal, told: SharedNumber, client: Client, found: _Found) -> str:
        """The run stands where the popup's clients stand with a token in hand."""
        with self.gate.writing(who, _MAY) as session:
            run = _run_of(session, client, told) or self._new_run(client, told)
            session.add(run)
            session.flush()
            self._set_out(run, told, found)
            kind = EventType.RUN_STARTED
            origin = {"origin": "account_sharing", "waba_id": told.waba_id}
            note(session, self.clock, run, kind, actor=who.person_id, **origin)
            self._enqueue_lap(session, run, delay=_NET)
            return run.id

    def _new_run(self, client: Client, told: SharedNumber) -> OnboardingRun:
        now = self.clock.now()
        return OnboardingRun(
            partner_id=client.partner_id,
            client_id=client.id,
            language=client.language,
            link={"origin": "account_sharing", "plan_selection": told.tier},
            company=client.organisation or client.name,
            full_name=client.full_name,
            email=client.email,
            partner_payload=client.partner_payload,
            attempt=1,
            created_at=now,
            updated_at=now,
            visited_at=now,
        )

    def _set_out(self, run: OnboardingRun, told: SharedNumber, found: _Found) -> None:
        now = self.clock.now()
        clear_trouble(run)
        run.step, run.status = RunStep.REGISTER.value, RunStatus.WORKING.value
        run.signup_at, run.updated_at = now, now
        run.waba_external_id, run.phone_external_id = told.waba_id, told.phone_id
        run.business_external_id = found.business_id
        run.ending = ending_of("", found.numbers, told.phone_id)
        run.token = self.vault.seal(found.token.value, context=run_context(run.id, "token"))
        run.token_expires_at = found.token.expires_at
        lap = int(run.progress.get("lap", -1)) + 1
        begun = {ServerStep.TOKEN.value: now.isoformat(), "verified": told.waba_id}
        run.progress = {**begun, "found": found.numbers, "lap": lap}

    def _walk(self, run_id: str) -> str:
        """Make the moves up to the channel here, for whoever waits for it."""
        sequence = Sequence(self)
        with self.reading(run_id) as opened:
            attempt, lap = opened.run.attempt, int(opened.run.progress.get("lap", 0))
        for _ in range(_MOVES):
            outcome = sequence.advance(run_id, attempt, lap, 0)
            with self.reading(run_id) as opened:
                run = opened.run
            if run.channel_ids or outcome["over"] or outcome["wait"]:
                break
        if not run.channel_ids:
            if run.status == RunStatus.WORKING:
                raise Unavailable(code="meta_unreachable")
            raise Conflict(code=run.error_code or "number_missing")
        with self.writing(run_id) as opened:
            if opened.run.status == RunStatus.WORKING:
                remember(opened.run, lap=lap + 1)
                opened.session.add(opened.run)
                self._enqueue_lap(opened.session, opened.run)
        return str(run.channel_ids[0])

    def _enqueue_lap(self, session: Session, run: OnboardingRun, *, delay: float = 0) -> None:
        lap = int(run.progress.get("lap", 0))
        key = f"{SEQUENCE_JOB}:{run.id}:{run.attempt}:{lap}"
        args = (run.id, run.attempt, lap)
        self.jobs.enqueue(session, SEQUENCE_JOB, *args, key=key, delay=delay)


def _require_form(told: SharedNumber) -> None:
    ids = {
        "waba_external_id": told.waba_id,
        "solution_id": told.solution_id,
        "waba_business_id": told.business_id,
        "channel_external_id": told.phone_id,
    }
    needed = ("waba_external_id", "solution_id")
    for field, value in ids.items():
        if not value and field not in needed:
            continue
        if not (value.isascii() and value.isdigit() and len(value) <= _MAX_ID):
            raise InvalidInput(code="not_a_meta_id", field=field)
    if not (told.client_id or told.business_id):
        raise InvalidInput(code="client_missing", field="client_id")
    if told.tier not in _TIERS:
        raise InvalidInput(code="tier_unknown", field="tier")


def _require_own_solution(told: SharedNumber, solution_id: str) -> None:
    """Another partner's solution would bring another partner's clients."""
    if told.solution_id != solution_id:
        raise Conflict(code="solution_other", solution_id=told.solution_id)


def _require_named(told: SharedNumber, solutions: Collection[str]) -> None:
    """The solution's token reaches all accounts of the business; this one must be its own."""
    if told.solution_id not in solutions:
        raise Conflict(code="not_shared", waba_id=told.waba_id)


def _client_of(session: Session, partner_id: str, told: SharedNumber) -> Client:
    """The named client, or the one whose WABAs the business owns. Raises NotFound."""
    if told.client_id:
        client = session.get(Client, told.client_id) if is_storable(told.client_id) else None
    else:
        owned = select(WabaAccount.client_id).where(
            WabaAccount.partner_id == partner_id,
            WabaAccount.owner_business_id == told.business_id,
        )
        known = session.exec(owned.order_by(WabaAccount.created_at)).first()  # type: ignore[arg-type]
        client = session.get(Client, known) if known else None
    if client is None:
        raise NotFound("no such client", client_id=told.client_id)
    return client


def _known_number(session: Session, client: Client, told: SharedNumber) -> str:
    """The channel that the number already is with this client, '' when it is none."""
    channel = channel_of(session, told.phone_id) if told.phone_id else None
    works = channel is not None and channel.terminated_at is None
    return channel.id if channel and works and channel.client_id == client.id else ""


def _owner_known(session: Session, client: Client, waba_id: str) -> str:
    found = select(WabaAccount.owner_business_id).where(
        WabaAccount.client_id == client.id, WabaAccount.external_id == waba_id
    )
    return session.exec(found).first() or ""


def _run_of(session: Session, client: Client, told: SharedNumber) -> OnboardingRun | None:
    """A run of the same number that did not get as far as a channel."""
    found = select(OnboardingRun).where(
        OnboardingRun.client_id == client.id,
        OnboardingRun.waba_external_id == told.waba_id,
        OnboardingRun.phone_external_id == told.phone_id,
        col(OnboardingRun.status).in_([RunStatus.WORKING.value, RunStatus.STOPPED.value]),
    )
    runs = session.exec(found.order_by(col(OnboardingRun.created_at).desc())).all()
    return next((run for run in runs if run.is_shared and not run.channel_ids), None)

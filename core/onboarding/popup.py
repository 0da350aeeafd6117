"""Step 3: Meta's popup, and the two signals that come out of it in any order, or not at all.

The code starts the server sequence at once, in the transaction that keeps it: it lives for thirty
seconds. The message only says more; without it the server finds out by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog

from core.errors import InvalidInput
from core.events import EventType
from core.onboarding import codes
from core.onboarding.allowance import no_room
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.errors import OnboardingRefused
from core.onboarding.guidance import for_key, for_signup
from core.onboarding.launch import launch_values
from core.onboarding.noting import (
    clear_trouble,
    forget,
    move_to,
    note,
    note_trouble,
    remember,
    set_trouble,
)
from core.onboarding.paying import lacks_card
from core.onboarding.refusing import refused
from core.onboarding.room import SEQUENCE_JOB, Opened, Room, run_context
from core.onboarding.seeing import may_launch
from core.onboarding.signals import Signal, is_from_meta, read_signal
from core.onboarding.steps import ServerStep
from core.onboarding.views import RunKey, RunView, SignupLaunch

log = structlog.get_logger()

_MAX_CODE = 1000


class Popup(Room):
    """Embedded Signup as the browser tells of it."""

    def begin_signup(self, key: RunKey, signal_id: str = "") -> SignupLaunch:
        """Record that the popup is being opened; the page has the values by `RunView.launch`.

        The browser repeats a signal without a receipt: the same id opens nothing anew.
        Raises OnboardingRefused (wrong_step, card_missing, max_channels_reached,
        numbers_not_allowed).
        """
        with self.acting(key) as opened:
            run = opened.run
            if signal_id and run.progress.get("opened") == signal_id:
                return launch_values(run, opened.partner, self.settings)
            if not may_launch(run):
                raise OnboardingRefused("wrong_step", language=run.language, step=run.step)
            self._require_card(opened)
            _require_room(opened)
            move_to(run, RunStep.META, RunStatus.OPEN)
            run.attempt += 1
            run.signup_at = self.clock.now()
            run.meta_code, run.meta_code_at, run.ending, run.token = "", None, "", ""
            run.waba_external_id = run.phone_external_id = run.business_external_id = ""
            # What a webhook told stays: Meta tells of a shared WABA once.
            kept = {"shared": run.progress.get("shared"), "opened": signal_id}
            run.progress = {name: value for name, value in kept.items() if value}
            clear_trouble(run)
            self._step(opened, "popup_opened", attempt=run.attempt)
            return launch_values(run, opened.partner, self.settings)

    def popup_blocked(self, key: RunKey) -> RunView:
        """The browser refused to open Meta's popup."""
        with self.acting(key) as opened:
            self._stop_at_popup(opened, "popup_blocked")
            return self.view(opened)

    def meta_message(self, key: RunKey, raw: str | Mapping[str, Any], origin: str) -> RunView:
        """Meta's window message, as it came; ignored from any origin that is not Meta's (O41)."""
        signal = read_signal(raw)
        if not is_from_meta(origin, self.settings.meta_message_origins):
            log.warning("onboarding_foreign_message", run_id=key.run_id)
            signal = None
        with self.acting(key) as opened:
            if signal is not None and opened.run.step in (RunStep.META, RunStep.REGISTER):
                self._take_signal(opened, signal)
            return self.view(opened)

    def meta_code(self, key: RunKey, code: str) -> RunView:
        """The code of the login callback ('' = none came); the server sequence starts at once.

        A second code of the same popup is not exchanged (O43).
        """
        if len(code) > _MAX_CODE or not code.isprintable():
            raise InvalidInput(field="code")
        with self.acting(key) as opened:
            run = opened.run
            if run.step != RunStep.META or run.meta_code:
                return self.view(opened)
            if not code:
                self._no_code(opened)
                return self.view(opened)
            run.meta_code = self.vault.seal(code, context=run_context(run.id, "meta_code"))
            run.meta_code_at = self.clock.now()
            clear_trouble(run)
            move_to(run, RunStep.REGISTER, RunStatus.WORKING)
            self._step(opened, "code_received", ending=run.ending)
            self._enqueue(opened)
            return self.view(opened)

    def retry(self, key: RunKey) -> RunView:
        """Let the server sequence go on after a stop. Raises OnboardingRefused (wrong_step)."""
        with self.acting(key) as opened:
            run = opened.run
            if run.status == RunStatus.WORKING:
                return self.view(opened)
            has_token = ServerStep.TOKEN in run.progress
            if run.step != RunStep.REGISTER or not has_token or for_key(run.error_code).needs_pin:
                raise OnboardingRefused("wrong_step", language=run.language, step=run.step)
            self.restart(opened, "retried")
            return self.view(opened)

    def give_pin(self, key: RunKey, pin: str) -> RunView:
        """The number's existing two-step PIN. Raises InvalidInput (`field` pin)."""
        if not codes.is_pin(digits := codes.digits_of(pin)):
            raise InvalidInput(field="pin")
        with self.acting(key) as opened:
            run = opened.run
            needs_pin = for_key(run.error_code).needs_pin if run.error_code else False
            if run.status != RunStatus.STOPPED or not needs_pin:
                raise OnboardingRefused("wrong_step", language=run.language, step=run.step)
            run.pin = self.vault.seal(digits, context=run_context(run.id, "pin"))
            remember(run, pin_given=True, **{ServerStep.PIN: self.clock.now().isoformat()})
            self.restart(opened, "pin_given")
            return self.view(opened)

    def restart(self, opened: Opened, why: str, *, actor: str = "client") -> None:
        """Begin the server sequence anew, where it stopped; what is done stays done."""
        run = opened.run
        remember(run, lap=int(run.progress.get("lap", 0)) + 1)
        # Look again everywhere: what was not there may be there now.
        forget(run, "asked", "refused")
        clear_trouble(run)
        move_to(run, RunStep.REGISTER, RunStatus.WORKING)
        self._step(opened, why, actor=actor)
        self._enqueue(opened)

    def _require_card(self, opened: Opened) -> None:
        """Nobody is sent to Meta for an account that there will not be."""
        run = opened.run
        if lacks_card(opened.session, run, opened.partner, self.clock.now()):
            raise OnboardingRefused("card_missing", language=run.language)

    def _take_signal(self, opened: Opened, signal: Signal) -> None:
        run = opened.run
        if signal.is_failure:
            self._take_failure(opened, signal)
            return
        if ServerStep.ACCOUNT in run.progress:
            return  # came too late to matter; the server found the account by itself
        before = _named(run)
        run.ending = signal.ending
        run.waba_external_id = signal.waba_id or run.waba_external_id
        run.phone_external_id = signal.phone_id or run.phone_external_id
        run.business_external_id = signal.business_id or run.business_external_id
        if before == _named(run) and run.error_code != "waba_not_found":
            return  # told again: a receipt was lost
        ids = {"waba_id": signal.waba_id, "phone_id": signal.phone_id}
        self._step(opened, "ids_received", ending=run.ending, **ids)
        if run.step == RunStep.META:
            clear_trouble(run)
            run.status = RunStatus.OPEN.value
        elif run.error_code == "waba_not_found":
            self.restart(opened, "message_late")

    def _take_failure(self, opened: Opened, signal: Signal) -> None:
        run = opened.run
        if run.meta_code:
            # A code came: the client finished, whatever else the popup says on its way out.
            self._step(opened, "popup_said", ending=signal.ending, left_at=signal.left_at)
            return
        run.ending = signal.ending
        if not signal.error_code:
            shared = "shared_unfinished" if run.progress.get("shared") else "cancelled"
            self._stop_at_popup(opened, shared, step=signal.left_at)
            return
        advice = for_signup(signal.error_code)
        trouble = set_trouble(
            run,
            advice,
            self.clock.now(),
            meta_code=int(signal.error_code) if signal.error_code.isdecimal() else None,
            meta_message=signal.error_text,
            meta_session=signal.session_id,
        )
        run.status = RunStatus.STOPPED.value
        note_trouble(opened.session, self.clock, run, trouble, actor="client")

    def _no_code(self, opened: Opened) -> None:
        run = opened.run
        if run.error_code:
            return  # the message said more already
        finished = bool(run.ending)
        shared = run.progress.get("shared")
        reason = "code_missing" if finished else "shared_unfinished" if shared else "popup_closed"
        self._stop_at_popup(opened, reason)

    def _stop_at_popup(self, opened: Opened, reason: str, *, step: str = "") -> None:
        run = opened.run
        if run.step != RunStep.META:
            return
        trouble = set_trouble(run, for_key(reason), self.clock.now(), step=step)
        run.status = RunStatus.STOPPED.value
        note_trouble(opened.session, self.clock, run, trouble, actor="client")

    def _enqueue(self, opened: Opened) -> None:
        """The same attempt and lap is enqueued once, ever."""
        run = opened.run
        lap = int(run.progress.get("lap", 0))
        key = f"{SEQUENCE_JOB}:{run.id}:{run.attempt}" + (f":{lap}" if lap else "")
        self.jobs.enqueue(opened.session, SEQUENCE_JOB, run.id, run.attempt, lap, key=key)

    def _step(self, opened: Opened, step: str, *, actor: str = "client", **data: Any) -> None:
        kind = EventType.RUN_STEP
        note(opened.session, self.clock, opened.run, kind, actor=actor, step=step, **data)


def _named(run: OnboardingRun) -> tuple[str, ...]:
    """What the window message has told so far."""
    return run.ending, run.waba_external_id, run.phone_external_id, run.business_external_id


def _require_room(opened: Opened) -> None:
    """The page offers no popup without room; this is for the room that went meanwhile."""
    if code := no_room(opened.session, opened.run, opened.partner):
        raise refused(code, opened.partner, opened.run.language)

"""The server sequence as a durable workflow: one move at a time, until there is none.

The loop decides by the results of its steps only, so that a replay after a crash walks the same
way; what to do next is always read from the run's row (`moves.next_move`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from core.errors import Unavailable
from core.onboarding import finding, recovering, serving
from core.onboarding.asking import Asked, Halt, MetaGone, MetaRefused, Pause, note_call
from core.onboarding.entities import OnboardingRun, RunStatus
from core.onboarding.errors import UnknownRun
from core.onboarding.guidance import Guidance, for_graph, for_key
from core.onboarding.moves import Move, MoveKind, Situation, next_move
from core.onboarding.noting import note_trouble, remember, set_trouble, unmark
from core.onboarding.retrying import HELD, wait_for
from core.onboarding.room import SEQUENCE_JOB, Opened, Room
from core.partners.entities import Partner
from core.ports import Steps

log = structlog.get_logger()

Outcome = dict[str, Any]
Making = Callable[[Room, OnboardingRun, Move, int], None]

# Our own database was busy: nothing about the run has changed.
_DATABASE_WAIT = 2.0


def _stop(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    raise Halt(move.target)


_MAKING: dict[MoveKind, Making] = {
    MoveKind.EXCHANGE: finding.exchange_code,
    MoveKind.RECALL: recovering.recall_waba,
    MoveKind.SOLUTION_TOKEN: recovering.solution_token,
    MoveKind.AWAIT_MESSAGE: finding.await_message,
    MoveKind.INSPECT: finding.inspect_token,
    MoveKind.VERIFY: finding.verify,
    MoveKind.SEARCH: finding.search,
    MoveKind.READ_ACCOUNT: finding.read_account,
    MoveKind.SUBSCRIBE: serving.subscribe,
    MoveKind.TAKE_NUMBERS: serving.take_numbers,
    MoveKind.SET_REGION: serving.set_region,
    MoveKind.MAKE_PIN: serving.make_pin,
    MoveKind.REGISTER: serving.register,
    MoveKind.SYNC_APP_DATA: serving.sync_app_data,
    MoveKind.CONFIRM: serving.confirm,
    MoveKind.READ_TEMPLATES: serving.read_templates,
    MoveKind.COMPLETE: serving.complete,
    MoveKind.STOP: _stop,
}


class _Watched:
    """Calls `give_up` when the work inside breaks: no client is left before a page that only turns.

    A process that is being stopped is no break (`Steps` then raises no Exception), and what broke
    goes on to the job runner.
    """

    def __init__(self, give_up: Callable[[], None]) -> None:
        self._give_up = give_up

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception):
            self._give_up()


class Sequence:
    """Registered as the durable work `onboarding`."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def work(self, steps: Steps, run_id: str, attempt: int, lap: int, tries: int = 0) -> None:
        """Go on until the client, a person or nobody has to do something.

        A newer attempt (the popup was opened again) or lap (it was restarted, or goes on after a
        long wait) takes over: the older one ends at its next move.
        """
        with _Watched(lambda: self._give_up(run_id, attempt, lap)):
            self._walk(steps, run_id, attempt, lap, tries)

    def _walk(self, steps: Steps, run_id: str, attempt: int, lap: int, tries: int) -> None:
        name = "begin"
        while True:
            outcome = steps.run(name, self.advance, run_id, attempt, lap, tries)
            if outcome["over"]:
                return
            if outcome["wait"]:
                steps.sleep(outcome["wait"])
            name, tries = outcome["next"], outcome["tries"]

    def advance(self, run_id: str, attempt: int, lap: int, tries: int) -> Outcome:
        """Make the next move; `tries` of the same one were in vain. Repeatable at any point."""
        try:
            current = self._current(run_id, attempt, lap)
            if current is None:
                return _over()
            run, move = current
            wait = self._make(run, move, tries)
            left = self._current(run_id, attempt, lap)
        except Unavailable:
            return _again("retry", _DATABASE_WAIT, tries)
        if left is None:
            return _over()
        is_same = bool(wait) and left[1] == move
        return _again(left[1].kind, wait, tries + 1 if is_same else 0)

    def _current(self, run_id: str, attempt: int, lap: int) -> tuple[OnboardingRun, Move] | None:
        """The run and its next move; None when there is nothing to do for this workflow."""
        try:
            with self._room.reading(run_id) as opened:
                run, partner = opened.run, opened.partner
        except UnknownRun:
            return None
        is_ours = (run.attempt, int(run.progress.get("lap", 0))) == (attempt, lap)
        if run.status != RunStatus.WORKING or not is_ours:
            return None
        return run, next_move(_situation(run, partner))

    def _make(self, run: OnboardingRun, move: Move, tries: int) -> float:
        """*Seconds* to wait before the next move, 0 for none."""
        try:
            _MAKING[move.kind](self._room, run, move, tries)
        except Pause as pause:
            return pause.seconds
        except Halt as halt:
            self._halt(run, move, for_key(halt.key), halt.asked)
        except MetaRefused as refused:
            error = refused.error
            advice = for_graph(error.meta_code, error.subcode, transient=error.transient)
            return self._try_again(run, move, advice, refused.asked, tries, undone=True)
        except MetaGone as gone:
            advice = for_key("meta_unreachable")
            return self._try_again(run, move, advice, gone.asked, tries, undone=not gone.sent)
        return 0

    def _try_again(
        self,
        run: OnboardingRun,
        move: Move,
        advice: Guidance,
        asked: Asked,
        tries: int,
        *,
        undone: bool,
    ) -> float:
        """Keep the run working and say what it waits for, or stop; *seconds* to wait here."""
        wait = wait_for(advice, tries)
        if wait is None:
            self._halt(run, move, advice, asked, undone=undone)
            return 0
        with self._room.writing(run.id) as opened:
            self._keep_trouble(opened, move, advice, asked, undone=undone, told=tries > 0)
            if wait > HELD:
                self._later(opened, wait, tries + 1)
        return wait

    def _later(self, opened: Opened, wait: float, tries: int) -> None:
        """Go on in a new lap: a workflow that sleeps would hold a place, and codes cannot wait."""
        run = opened.run
        lap = int(run.progress.get("lap", 0)) + 1
        remember(run, lap=lap)
        key = f"{SEQUENCE_JOB}:{run.id}:{run.attempt}:{lap}"
        args = (run.id, run.attempt, lap, tries)
        self._room.jobs.enqueue(opened.session, SEQUENCE_JOB, *args, key=key, delay=wait)

    def _halt(
        self,
        run: OnboardingRun,
        move: Move,
        advice: Guidance,
        asked: Asked | None,
        *,
        undone: bool = False,
    ) -> None:
        """Stop and say whose turn it is; `undone` when the call provably changed nothing."""
        with self._room.writing(run.id) as opened:
            opened.run.status = RunStatus.STOPPED.value
            self._keep_trouble(opened, move, advice, asked, undone=undone, told=False)

    def _keep_trouble(
        self,
        opened: Opened,
        move: Move,
        advice: Guidance,
        asked: Asked | None,
        *,
        undone: bool,
        told: bool,
    ) -> None:
        if asked is not None:
            note_call(self._room, opened, asked)
        if undone:
            unmark(opened.run, "begun", move.mark)
        now = self._room.clock.now()
        trouble = set_trouble(opened.run, advice, now, **_about(move, asked))
        if not told:
            note_trouble(opened.session, self._room.clock, opened.run, trouble)

    def _give_up(self, run_id: str, attempt: int, lap: int) -> None:
        log.error("onboarding_sequence_broke", run_id=run_id, attempt=attempt, lap=lap)
        current = self._current(run_id, attempt, lap)
        if current is not None:
            self._halt(*current, for_key("hub_fault"), None)


def _situation(run: OnboardingRun, partner: Partner) -> Situation:
    return Situation(
        ending=run.ending,
        waba_id=run.waba_external_id,
        has_code=bool(run.meta_code),
        region=partner.region_default,
        progress=run.progress,
    )


def _about(move: Move, asked: Asked | None) -> dict[str, Any]:
    about: dict[str, Any] = {"step": move.kind.value}
    if asked is not None and (error := asked.error) is not None:
        about |= {
            "meta_code": error.meta_code,
            "meta_message": error.user_message or error.details,
            "trace_id": error.trace_id,
        }
    return about


def _again(name: str, wait: float, tries: int) -> Outcome:
    return {"over": False, "next": str(name), "wait": wait, "tries": tries}


def _over() -> Outcome:
    return {"over": True, "next": "", "wait": 0.0, "tries": 0}

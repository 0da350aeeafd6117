"""The words of a number's storage region: where, why not, the steps, and what to do."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Literal

from babel import Locale

from core.accounts.regions.entities import RegionChange, RegionState
from core.accounts.regions.rules import RegionMove
from core.accounts.regions.service import RegionView
from ui import format as words
from ui.components import Tone

StepState = Literal["waiting", "now", "done", "failed"]
_NAMES = Locale.parse("en").territories
_NO_ACCESS = (
    "The hub has no access to the account any more. Send your client a link to connect again"
)
_WHY_NOT = {
    "not_live": "The region can be changed while the number is live.",
    "on_business_app": (
        "The number is also used in the WhatsApp Business app. Meta cannot move such a number."
    ),
    "no_token": f"{_NO_ACCESS}.",
    "working": "A change is under way.",
}
_STEPS = {
    RegionMove.DEREGISTER: "Take the number off WhatsApp",
    RegionMove.SET_REGION: "Set the region at Meta",
    RegionMove.REGISTER: "Register the number again",
    RegionMove.DONE: "Read it back: Meta confirms",
}
_STATES: dict[StepState, tuple[str, str]] = {  # icon, word
    "waiting": ("circle", "not yet"),
    "now": ("hourglass", "in progress"),
    "done": ("check", "done"),
    "failed": ("alert", "stopped"),
}
_TROUBLES = {
    "pin_mismatch": (
        "Meta knows another two-step PIN for this number. Ask your client for it, or let them set "
        "a new one in WhatsApp Manager, and start again with it."
    ),
    "not_verified": (
        "Meta wants the number confirmed by a code first. Send your client an onboarding link, "
        "then start again."
    ),
    "registrations_used_up": (
        "Meta takes no more registrations of this number for now: ten are used in 72 hours. "
        "Start again when some are free, three days from now at the latest."
    ),
    "meta_refused": "Meta refused it{code}. Start again; if that does not help, ask Support.",
    "meta_unreachable": "Meta did not answer for hours. Start again when Meta works.",
    "no_token": f"{_NO_ACCESS}, then start again.",
    "no_progress": (
        "Meta took every step and does not confirm the region. Start again; if that does not "
        "help, ask Support."
    ),
}
_OFF = "The number may be off WhatsApp until a new start has ended."
REFUSALS = _WHY_NOT | {
    "same_region": "The number's data is there already.",
    "region_unknown": "Meta stores no data there. Choose one of the list.",
    "pin_invalid": "The PIN has six digits.",
    "registrations_used_up": "The registrations at Meta are used up for now.",
}


def region_name(code: str) -> str:
    """`Germany (DE)`."""
    return f"{_NAMES.get(code, code)} ({code})" if code else "Meta's default"


def budget(it: RegionView) -> str:
    """How many registrations are left."""
    left = max(it.budget - it.used, 0)
    return (
        f"A change takes 2 of the {it.budget} registrations that Meta allows a number in 72 hours. "
        f"{it.used} used, {left} left."
    )


def why_not(it: RegionView, where: tzinfo) -> str:
    """Why no run can be started now; '' when one can."""
    if it.why_not == "registrations_used_up" and it.free_at is not None:
        return f"{budget(it)} The next change can be started {words.exact(it.free_at, where)}."
    return refusal(it.why_not) if it.why_not else ""


def refusal(code: str) -> str:
    """Why a run was not started."""
    return REFUSALS.get(code, "It was not started.")


def badge(run: RegionChange) -> tuple[str, str, Tone]:
    """How the newest run stands."""
    if run.state == RegionState.WORKING:
        return "hourglass", "Being changed", "info"
    if run.state == RegionState.STOPPED:
        return "alert", "Stopped", "danger"
    return "check-circle", "Confirmed", "success"


def outcome(run: RegionChange, where: tzinfo) -> str:
    """What a run does, has done, or what has to be done now."""
    way = f"{region_name(run.before)} → {region_name(run.region)}"
    if run.state == RegionState.WORKING:
        return f"{way}. You may close this page. While Meta is busy, the hub tries again by itself."
    if run.state == RegionState.DONE:
        return f"{way}. Meta confirmed it on {words.exact(run.updated_at, where)}."
    what = trouble(run.error_code, run.meta_code)
    return f"{way}. {what} {_OFF if run.step else 'The number works as before.'}"


def trouble(error_code: str, meta_code: int | None) -> str:
    """Why a run stopped and what to do."""
    code = f" (code {meta_code})" if meta_code else ""
    return _TROUBLES.get(error_code, _TROUBLES["meta_refused"]).format(code=code)


def steps(run: RegionChange) -> list[tuple[str, str, str, StepState]]:
    """Icon, step, state in words and as a key; the default region needs no setting."""
    moves = [move for move in RegionMove if run.region or move is not RegionMove.SET_REGION]
    at = moves.index(RegionMove(run.step)) if run.step in moves else 0
    told = []
    for index, move in enumerate(moves):
        state = _step_state(run, index - at)
        icon, word = _STATES[state]
        told.append((icon, _STEPS[move], word, state))
    return told


def _step_state(run: RegionChange, distance: int) -> StepState:
    if run.state == RegionState.DONE or distance < 0:
        return "done"
    if distance > 0:
        return "waiting"
    return "failed" if run.state == RegionState.STOPPED else "now"


def is_recent(run: RegionChange, now: datetime) -> bool:
    """Whether its steps are still news."""
    return run.state != RegionState.DONE or (now - run.updated_at).days < 1

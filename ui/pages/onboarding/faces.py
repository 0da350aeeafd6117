"""Which face of the page a run shows; pure.

A face is drawn once; what changes within it (ticks, numbers) is set in place, so nothing that
somebody types is ever drawn over.
"""

from __future__ import annotations

from enum import StrEnum

from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.steps import ServerStep
from core.onboarding.views import PayStage, RunView, TickState, Trouble


class Face(StrEnum):
    """What the client has in front of it."""

    SIGN_UP = "sign_up"
    LOG_IN = "log_in"
    CODE = "code"
    TERMS = "terms"
    DETAILS = "details"
    CARD = "card"
    CREDIT = "credit"
    META = "meta"
    NO_ROOM = "no_room"  # the partner lets this client bring no (more) numbers
    META_OPEN = "meta_open"  # the popup is open, or was when we last heard of it
    META_TROUBLE = "meta_trouble"
    WORKING = "working"
    STOPPED = "stopped"
    PERMISSION = "permission"
    DONE = "done"
    PUT_ASIDE = "put_aside"


_BY_STAGE = {
    PayStage.TERMS: Face.TERMS,
    PayStage.DETAILS: Face.DETAILS,
    PayStage.CARD: Face.CARD,
    PayStage.CREDIT: Face.CREDIT,
}
_BY_STEP = {
    # Nothing is missing any more: the card's screen looks again and goes on.
    RunStep.PAYMENT: Face.CARD,
    RunStep.CODE: Face.CODE,
    RunStep.PERMISSION: Face.PERMISSION,
    RunStep.DONE: Face.DONE,
}


def face_of(view: RunView) -> Face:
    """The face for where the run stands."""
    if view.status is RunStatus.ABANDONED:
        return Face.PUT_ASIDE
    if view.pay_stage is not None:
        return _BY_STAGE[view.pay_stage]
    if view.step is RunStep.SIGN_UP:
        return Face.LOG_IN if view.logs_in else Face.SIGN_UP
    if view.step is RunStep.META:
        return _meta_face(view)
    if view.step is RunStep.REGISTER:
        return Face.STOPPED if view.status is RunStatus.STOPPED else Face.WORKING
    return _BY_STEP[view.step]


def has_token(view: RunView) -> bool:
    """Meta's permission is here: trying again needs no popup."""
    return any(t.name == ServerStep.TOKEN and t.state is TickState.DONE for t in view.ticks)


def may_retry(view: RunView, trouble: Trouble) -> bool:
    """Whether the client's own *try again* makes sense."""
    return trouble.retryable and not trouble.needs_pin and has_token(view)


def may_reopen(view: RunView, trouble: Trouble) -> bool:
    """Whether Meta's popup is the way on."""
    return view.launch is not None and (trouble.reopen or not has_token(view))


def _meta_face(view: RunView) -> Face:
    if view.no_room:
        return Face.NO_ROOM
    if view.trouble is not None:
        return Face.META_TROUBLE
    return Face.META_OPEN if view.popup_opened else Face.META

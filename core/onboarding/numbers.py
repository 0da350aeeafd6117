"""Which of a WABA's numbers a run takes, and what Meta says about each; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.onboarding.entities import Ending

Node = Mapping[str, Any]


def is_registered(number: Node) -> bool:
    """Whether it is on the Cloud API already: registering it again would cost one of ten."""
    return number.get("platform_type") == "CLOUD_API" or number.get("status") == "CONNECTED"


def is_connected(number: Node) -> bool:
    """Whether it can send; every other status, unknown ones too, cannot."""
    return number.get("status") == "CONNECTED"


def ending_of(told: str, numbers: Sequence[Node], phone_id: str) -> str:
    """The ending as the numbers show it: the message may be lost, and may say too little.

    A number that lives in the WhatsApp Business app must never be registered.
    """
    if told not in ("", Ending.FINISH):
        return told
    chosen = take(Ending.FINISH, numbers, phone_id)
    if chosen and all(number.get("is_on_biz_app") is True for number in chosen):
        return Ending.COEXISTENCE
    return told or (Ending.FINISH if chosen else Ending.ONLY_WABA)


def take(ending: str, numbers: Sequence[Node], phone_id: str) -> list[Node]:
    """The numbers that this run brought.

    The one that the message names; in coexistence those in the app; else all that are verified
    (or registered already), since a client may verify two numbers in one popup.
    """
    if named := [number for number in numbers if phone_id and number.get("id") == phone_id]:
        return named
    on_app = [number for number in numbers if number.get("is_on_biz_app") is True]
    if ending == Ending.COEXISTENCE:
        # Meta may still be busy marking it; the number is connected from the start, though.
        return on_app or [number for number in numbers if is_registered(number)]
    return [number for number in numbers if is_registered(number) or _is_verified(number)]


def _is_verified(number: Node) -> bool:
    # EXPIRED counts: Meta itself then says 133006 with what to do, instead of a silent nothing.
    return number.get("code_verification_status") in ("VERIFIED", "EXPIRED")

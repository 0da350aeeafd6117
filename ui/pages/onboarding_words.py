"""How a client's onboarding reads to the partner: where it stands, whose turn it is, what to do.

Pure; keys are those of `core.onboarding`. The client's own words are in `ui.pages.onboarding`.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.onboarding.entities import RunStatus, RunStep
from core.onboarding.views import RunRow, Turn
from ui import format as words
from ui.components import Tone
from ui.pages.onboarding_advice import advice_for_partner


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A badge, and one sentence that says what happens next."""

    icon: str
    word: str
    tone: Tone
    sentence: str


TURNS = {
    Turn.CLIENT: "Client",
    Turn.PARTNER: "You",
    Turn.META: "Meta",
    Turn.HUB: "The hub",
    Turn.NOBODY: "",
}

_OPEN = {
    RunStep.SIGN_UP: (
        "Opened the link",
        "The client has opened the link and fills in its details.",
    ),
    RunStep.CODE: ("Waits for the code", "The client was mailed a code and has to enter it."),
    RunStep.PAYMENT: (
        "At the payment",
        "The client reads the prices, accepts the terms and adds a card.",
    ),
    RunStep.META: ("Before Meta", "The client has to go through Meta’s window."),
    RunStep.REGISTER: ("Setting up", "The hub registers the number at Meta."),
    RunStep.PERMISSION: (
        "Permission",
        "The number works; the client has to confirm that you may use it.",
    ),
    RunStep.DONE: ("Almost done", "Everything is set up; the client’s page is closing the run."),
}


def name_of(row: RunRow) -> str:
    """What the partner knows the client by at this point."""
    known = (row.company, row.full_name, row.email, words.phone(row.number_hint))
    return next((name for name in known if name), "Unknown client")


def people_of(row: RunRow) -> str:
    """The person and the address, without what `name_of` said already."""
    name = name_of(row)
    return " · ".join(part for part in (row.full_name, row.email) if part and part != name)


def standing_of(row: RunRow) -> Standing:
    """Where the run stands."""
    if row.status is RunStatus.FINISHED:
        return _finished(row)
    if row.status is RunStatus.ABANDONED:
        return Standing(
            icon="pause",
            word="Put aside",
            tone="neutral",
            sentence="Nothing happened for a long time. A resume link brings it back.",
        )
    if row.trouble is not None:
        happened, todo = advice_for_partner(row.trouble.key)
        waits = row.trouble.turn in (Turn.META, Turn.HUB)
        return Standing(
            icon="hourglass" if waits else "alert",
            word=happened,
            tone="info" if waits else "warning",
            sentence=todo,
        )
    word, sentence = _OPEN[row.step]
    if row.status is RunStatus.WORKING:
        return Standing(icon="refresh", word=word, tone="info", sentence=sentence)
    return Standing(icon="user", word=word, tone="neutral", sentence=sentence)


def _finished(row: RunRow) -> Standing:
    count = len(row.channel_ids)
    sentence = (
        f"Finished with {words.count(count, 'number')}." if count else "Finished without a number."
    )
    return Standing(icon="check-circle", word="Done", tone="success", sentence=sentence)

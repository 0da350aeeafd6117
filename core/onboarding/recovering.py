"""The code was sent to Meta and the answer was lost: the token comes from the solution instead.

Only after a crash or a cut connection of our own, never after a refusal: the code was the proof
that this client owns the WABA. In its place stands that Meta lists the very WABA that the message
named as shared with the partner since this popup was opened, and that nobody has it here yet.
Source: contracts/meta.md section 7.
"""

from __future__ import annotations

from typing import Any

from core.onboarding.asking import ask, keeping
from core.onboarding.entities import OnboardingRun
from core.onboarding.finding import SEARCH_SKEW
from core.onboarding.moves import Move
from core.onboarding.noting import remember
from core.onboarding.owners import is_waba_taken
from core.onboarding.room import Room, run_context
from core.onboarding.steps import ServerStep


def recall_waba(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """Whose the named WABA is, as Meta tells the partner; nothing when it is not a new one."""
    since = (run.signup_at or run.created_at) - SEARCH_SKEW
    nodes, asked = ask("client_wabas", lambda: room.meta.client_wabas(since))
    is_taken = is_waba_taken(room.database, run, run.waba_external_id)
    with keeping(room, run, asked) as opened:
        asked_before = opened.run.progress.get("asked", [])
        remember(opened.run, asked=[*asked_before, move.kind.value])
        owner = _owner(nodes, run)
        if owner and not is_taken:
            remember(opened.run, recalled=owner)


def solution_token(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """A token for this client's business, given to the partner by its solution."""
    with room.reading(run.id) as opened:
        solution = opened.partner.solution_id
    token, asked = ask(move.kind, lambda: room.meta.solution_token(solution, move.target))
    with keeping(room, run, asked, done=ServerStep.TOKEN) as opened:
        kept = opened.run
        kept.token = room.vault.seal(token.value, context=run_context(run.id, "token"))
        kept.token_expires_at = token.expires_at
        kept.meta_code = ""


def _owner(nodes: list[dict[str, Any]], run: OnboardingRun) -> str:
    """The business that owns the named WABA; '' when Meta says another than the message did."""
    for node in nodes:
        if str(node.get("id")) != run.waba_external_id:
            continue
        owner = str((node.get("owner_business_info") or {}).get("id") or "")
        named = run.business_external_id
        return owner if owner.isascii() and owner.isdigit() and named in ("", owner) else ""
    return ""

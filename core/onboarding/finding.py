"""First half of the server sequence: the token, and the WABA that belongs to it.

A WABA counts as found only when the run's own token can read its numbers (meta.md, fact 7);
nothing that a browser or a webhook says is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from core.accounts.at_meta import token_context
from core.onboarding.asking import Halt, MetaGone, MetaRefused, Pause, ask, begin, keeping
from core.onboarding.channels import keep_waba
from core.onboarding.entities import OnboardingRun
from core.onboarding.guidance import for_graph
from core.onboarding.moves import Move, MoveKind
from core.onboarding.noting import forget, remember
from core.onboarding.numbers import ending_of
from core.onboarding.owners import free_waba, is_waba_taken
from core.onboarding.paying import lacks_card
from core.onboarding.retrying import WAITS
from core.onboarding.room import Room, run_context
from core.onboarding.steps import ServerStep

# A code lives for thirty seconds; up to here another try is still in time.
_CODE_IN_TIME = timedelta(seconds=25)
_LOOK_AGAIN = 0.5
# Clocks differ a little; a WABA is made after the popup was opened.
SEARCH_SKEW = timedelta(minutes=1)
_MAX_CANDIDATES = 10
# Meta's ways of saying "not yours": try the next candidate.
_NOT_OURS = frozenset({3, 10, 100, 803, *range(200, 300)})


def exchange_code(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """The code becomes the client's business token, which is sealed before anything else."""
    if begin(room, run, move):
        return  # another process was faster; the next move sees it
    code = room.vault.open(run.meta_code, context=run_context(run.id, "meta_code"))
    try:
        token, asked = ask(MoveKind.EXCHANGE, lambda: room.meta.exchange_code(code))
    except MetaRefused as refused:
        if _is_in_time(room, run, tries) and for_graph(refused.error.meta_code).itself:
            raise
        key = "code_expired" if refused.error.meta_code == 100 else None  # noqa: PLR2004
        if key is None:
            raise
        raise Halt(key, refused.asked) from refused
    except MetaGone as gone:
        if not gone.sent and _is_in_time(room, run, tries):
            raise
        # It may have been used up; asking again could only fail (see `recovering`).
        with keeping(room, run, gone.asked):
            return
    with keeping(room, run, asked, done=ServerStep.TOKEN) as opened:
        kept = opened.run
        kept.token = room.vault.seal(token.value, context=run_context(run.id, "token"))
        kept.token_expires_at = token.expires_at
        kept.meta_code = ""


def await_message(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """Give the window message a moment: it says more than Meta's server does."""
    with room.writing(run.id) as opened:
        remember(opened.run, awaited=int(opened.run.progress.get("awaited", 0)) + 1)
        opened.session.add(opened.run)
    raise Pause(_LOOK_AGAIN)


def inspect_token(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """Candidates from `debug_token`, the newest first, whatever the scopes are called."""
    token = token_of(room, run)
    answer, asked = ask(move.kind, lambda: room.meta.debug_token(token))
    scopes = answer.get("granular_scopes") or []
    ids = [id_ for scope in scopes for id_ in scope.get("target_ids") or []]
    with keeping(room, run, asked) as opened:
        _add_candidates(opened.run, move, ids)


def verify(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """The token reads this WABA's numbers, or the WABA is not this client's."""
    token = token_of(room, run)
    is_named = move.target == run.waba_external_id
    if not is_named and is_waba_taken(room.database, run, move.target):
        with keeping(room, run) as opened:
            _refuse(opened.run, move.target, taken=True)
        return
    try:
        nodes, asked = ask(move.kind, lambda: room.meta.phone_numbers(move.target, token))
    except MetaRefused as refused:
        if refused.error.meta_code not in _NOT_OURS:
            raise
        with keeping(room, run, refused.asked) as opened:
            _refuse(opened.run, move.target)
        return
    with keeping(room, run, asked) as opened:
        kept = opened.run
        kept.waba_external_id = move.target
        kept.ending = ending_of(kept.ending, nodes, kept.phone_external_id)
        remember(kept, verified=move.target, found=nodes)


def search(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """The last resort: what clients shared with the partner since the popup was opened."""
    since = (run.signup_at or run.created_at) - SEARCH_SKEW
    nodes, asked = ask(move.kind, lambda: room.meta.client_wabas(since))
    with keeping(room, run, asked) as opened:
        _add_candidates(opened.run, move, [node.get("id") for node in nodes])


def read_account(room: Room, run: OnboardingRun, move: Move, tries: int) -> None:
    """The WABA is this client's from here on; another client's stays where it is (O45)."""
    token = token_of(room, run)
    node, asked = ask(move.kind, lambda: room.meta.waba(move.target, token))
    if is_waba_taken(room.database, run, move.target):
        raise Halt("waba_taken", asked)
    free_waba(room.database, run, move.target, room.clock.now())
    sealed = room.vault.seal(token, context=token_context(move.target))
    with keeping(room, run, asked, done=ServerStep.ACCOUNT) as opened:
        if lacks_card(opened.session, opened.run, opened.partner, room.clock.now()):
            raise Halt("card_missing", asked)  # it was taken away since the popup was opened
        whole: Mapping[str, Any] = {**node, "id": move.target}
        waba = keep_waba(opened.session, room.clock, opened.run, whole, sealed)
        # Kept for the day when the client unshares and Meta no longer tells.
        opened.run.business_external_id = waba.owner_business_id or run.business_external_id
        forget(opened.run, "candidates", "shared", "asked", "refused")


def token_of(room: Room, run: OnboardingRun) -> str:
    """The business token, opened for one call."""
    return room.vault.open(run.token, context=run_context(run.id, "token"))


def _is_in_time(room: Room, run: OnboardingRun, tries: int) -> bool:
    if run.meta_code_at is None or tries >= len(WAITS):
        return False
    next_try = room.clock.now() + timedelta(seconds=WAITS[tries])
    return next_try < run.meta_code_at + _CODE_IN_TIME


def _add_candidates(run: OnboardingRun, move: Move, ids: Iterable[object]) -> None:
    known = [str(id_) for id_ in run.progress.get("candidates", [])]
    # They end up in paths of the Graph API.
    fresh = [str(id_) for id_ in ids if str(id_).isascii() and str(id_).isdigit()]
    unique = list(dict.fromkeys([*known, *fresh]))[:_MAX_CANDIDATES]
    remember(run, candidates=unique, asked=[*run.progress.get("asked", []), move.kind.value])


def _refuse(run: OnboardingRun, waba_id: str, *, taken: bool = False) -> None:
    remember(run, refused=[*run.progress.get("refused", []), waba_id])
    if taken:
        remember(run, taken=True)

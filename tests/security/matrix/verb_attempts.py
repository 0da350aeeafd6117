"""Every service verb, asked by everybody: the last word is spoken there, whatever a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from core.access import Permission
from tests.security.matrix import words
from tests.security.matrix.arguments import (
    BULK,
    CURSORS,
    SEARCHES,
    about,
    arguments,
    ids_of,
    query_of,
)
from tests.security.matrix.refusals import KEYS, NOBODY, Attempt, Outcome, outcome_of
from tests.security.matrix.services import Verb, verbs_of
from tests.security.matrix.verbs import VERBS
from tests.security.matrix.words import Cell
from tests.security.matrix.world import A, B, MatrixWorld

_FILES = (".pdf", "csv", ".file")
_READS = frozenset({words.LIST, words.GET})
_ALL = frozenset(Permission)
# What a role may do where it belongs.
_MAY: dict[str, frozenset[str]] = {
    words.OWNER: _ALL,
    words.OWNER_OF_B: _ALL,
    words.MEMBER: frozenset({Permission.ACCOUNTS}),
    words.BOTH: frozenset({Permission.ACCOUNTS}),
    words.WRITE_KEY: _ALL - {Permission.SUPPORT},
    words.KEY_OF_B: _ALL - {Permission.SUPPORT},
    words.READ_KEY: _ALL - {Permission.SUPPORT},
}
# A filter, or a look for something that may well not be there: nothing, as for an unknown id.
_TELLS_NOTHING = frozenset(
    {
        "billing.invoices.expenses",
        "billing.payments.payment_of_refund",
        "whereabouts.elsewhere",
    }
)
# Below one's own: what stands against the act as such is said first, to any id.
_NESTED = frozenset({404, 409})
_ELSEWHERE: dict[str, frozenset[int]] = {
    # Flows are Meta's: it is asked, with the token of one's own account.
    "assets.publish_flow": frozenset({503}),
    "assets.upload_flow_json": frozenset({503}),
    "support.write": frozenset({400}),
}
# What a program with a reading key hears first: the file is no picture.
_JUDGED_FIRST = {"profile.set_logo": 400}
# A form with several fields: which of them is wrong is said, the same for an unknown id.
_SAYS_WHICH_FIELD = frozenset({"support.ask", "support.open"})


_OF_BOTH = frozenset({"sign_in.memberships", "sign_in.switch_partner", "whereabouts.elsewhere"})
# Whoever may look may have it as a file, or ask Meta; what is kept of the answer is refused then.
_ONLY_READ = frozenset(
    {
        "accounts.export_csv",
        "accounts.refresh_templates",
        "audit.export_csv",
        "billing.balance.statement_csv",
        "billing.invoices.pdf",
        "billing.statements.pdf",
        "integration.refresh_solution",
        "integration.set_solution_id",
        "integration.test_redirect",
    }
)


def verb_attempts(world: MatrixWorld, role: str) -> Iterator[Attempt]:
    """Everything that somebody of this role may try with somebody else's ids, and on their own."""
    if role == words.LINK_OF_A:  # a link makes nobody a principal
        return
    for verb in verbs_of(world.hub).values():
        yield from _attempts(world, role, verb)


def carriers_of(verb: Verb) -> frozenset[str]:
    """How ids reach the verb: what a page's event brings, text that is looked for, cursors."""
    names = [parameter.name for parameter in verb.parameters]
    ids = ids_of(verb)
    found = {words.EVENT_ARGUMENT}
    if ids:
        found.add(words.TABLE_ROW)
    if len(ids) > 1:
        found.add(words.NESTED_ID)
    if BULK & set(names):
        found.add(words.BULK)
    if CURSORS & set(names):
        found.add(words.CURSOR)
    if SEARCHES & set(names):
        found.add(words.SEARCH)
    if verb.name.endswith(_FILES):
        found.add(words.DOWNLOAD)
    return frozenset(found)


def _attempts(world: MatrixWorld, role: str, verb: Verb) -> Iterator[Attempt]:
    act = VERBS[verb.name][1]
    refusal = _refused_for_who_they_are(role, verb.name)
    if refusal:
        yield _attempt(world, role, verb, refusal, carriers_of(verb))
        return
    if role == words.STAFF or _is_own_right(role, verb.name):
        return
    ids = ids_of(verb)
    if ids:
        direct = carriers_of(verb) & {
            *(words.EVENT_ARGUMENT, words.TABLE_ROW, words.BULK, words.DOWNLOAD)
        }
        yield _attempt(world, role, verb, _statuses(verb), direct)
    if len(ids) > 1:
        parent = {ids[0]: arguments(verb, _own(world, role))[ids[0]]}
        nested = frozenset({words.NESTED_ID})
        statuses = _statuses(verb) | _NESTED | _ELSEWHERE.get(verb.name, frozenset())
        yield _attempt(world, role, verb, statuses, nested, **parent)
    if not ids and act in _READS:
        yield from _looking(world, role, verb)


def _looking(world: MatrixWorld, role: str, verb: Verb) -> Iterator[Attempt]:
    """Lists of one's own, asked for somebody else's things: nothing of those is in them."""
    theirs = world.ids[world.victim_of(role)]
    for parameter in verb.parameters:
        is_cursor = parameter.name in CURSORS
        if not is_cursor and parameter.name not in SEARCHES:
            continue
        carrier = words.CURSOR if is_cursor else words.SEARCH
        for asked in _asked(verb, parameter.name, theirs):
            yield _attempt(
                world,
                role,
                verb,
                frozenset({200, 400, 404}),
                frozenset({carrier}),
                same=True,
                **{parameter.name: asked},
            )
    if not verb.parameters:
        every = frozenset({words.EVENT_ARGUMENT})
        statuses = frozenset({200, 400, 404, 409})
        yield _attempt(world, role, verb, statuses, every, same=True)


def _asked(verb: Verb, name: str, theirs: dict[str, Any]) -> list[Any]:
    parameter = next(each for each in verb.parameters if each.name == name)
    if name in CURSORS:
        return [theirs["event"] if "int" in str(parameter.annotation) else str(theirs["payment"])]
    return about(query_of(verb, name), theirs)


def _attempt(
    world: MatrixWorld,
    role: str,
    verb: Verb,
    statuses: frozenset[int],
    carriers: frozenset[str],
    *,
    same: bool = False,
    **changes: Any,
) -> Attempt:
    resource, act, _ = VERBS[verb.name]
    changes = world.changes.get(verb.name, {}) | changes
    who, theirs = world.principals[role], world.ids[world.victim_of(role)]

    def call(ids: dict[str, Any]) -> Outcome:
        return outcome_of(lambda: verb.act(who, **arguments(verb, ids, **changes)))

    foreign = partial(call, theirs)
    return Attempt(
        what=f"{role}: {verb.name}",
        cells=tuple(Cell(role, resource, act, carrier) for carrier in sorted(carriers)),
        foreign=foreign,
        unknown=foreign if same else partial(call, world.unknown),
        statuses=statuses,
    )


def _own(world: MatrixWorld, role: str) -> dict[str, Any]:
    return world.ids[A if world.victim_of(role) == B else B]


def _refused_for_who_they_are(role: str, name: str) -> frozenset[int]:
    """401 or 403 whatever is asked for; empty for somebody who may do such things."""
    _, act, needs = VERBS[name]
    if role in NOBODY:
        return frozenset({401})
    if needs == words.FOR_EVERYBODY:
        return frozenset({401, 403}) if role in KEYS else frozenset()
    if needs == words.FOR_STAFF:
        return frozenset() if role == words.STAFF else frozenset({401, 403})
    if role == words.REMOVED:
        return frozenset({401, 403})
    if role == words.READ_KEY and act not in _READS and name not in _ONLY_READ:
        return frozenset({403, 404, _JUDGED_FIRST.get(name, 403)})
    return frozenset() if needs in _MAY.get(role, ()) else frozenset({403})


def _statuses(verb: Verb) -> frozenset[int]:
    if verb.name in _TELLS_NOTHING:
        return frozenset({200})
    if verb.name == "subscriptions.upgrade":  # by the quote of another partner
        return frozenset({404, 409})
    return frozenset({400}) if verb.name in _SAYS_WHICH_FIELD else frozenset({404})


def _is_own_right(role: str, name: str) -> bool:
    """Who works for both partners may go from one to the other, and may be told so."""
    return role == words.BOTH and name in _OF_BOTH

"""How many cells of the matrix apply, and why the others do not."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.security.matrix.api_attempts import api_attempts
from tests.security.matrix.page_attempts import page_attempts
from tests.security.matrix.refusals import Attempt
from tests.security.matrix.site import Site
from tests.security.matrix.verb_attempts import verb_attempts
from tests.security.matrix.words import ACTS, CARRIERS, RESOURCES, ROLES, Cell

APPLIED = "applied"
NO_ACT = "the hub does no such thing with it"
NO_CARRIER = "no operation takes an id that way"
NO_ROLE = "nothing to refuse: not asked by this role, or its own right"
OUTCOMES = (APPLIED, NO_ACT, NO_CARRIER, NO_ROLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Of cells, by what came of them; `attempts` is how many pairs of calls were made."""

    attempts: int
    by_resource: dict[str, Counter[str]]
    by_role: dict[str, Counter[str]]

    @property
    def total(self) -> Counter[str]:
        return sum(self.by_resource.values(), Counter())


def attempts_of(site: Site, role: str) -> Iterator[Attempt]:
    """Everything that is tried as this role."""
    yield from verb_attempts(site.world, role)
    yield from api_attempts(site, role)
    yield from page_attempts(site, role)


def counts_of(site: Site) -> Counts:
    """Counted from the attempts themselves: what is not tried does not count."""
    tried = [attempt for role in ROLES for attempt in attempts_of(site, role)]
    applied = {cell for attempt in tried for cell in attempt.cells}
    acts = {(cell.resource, cell.act) for cell in applied}
    carried = {(cell.resource, cell.act, cell.carrier) for cell in applied}
    by_resource: dict[str, Counter[str]] = {name: Counter() for name in RESOURCES}
    by_role: dict[str, Counter[str]] = {name: Counter() for name in ROLES}
    for cell in map(Cell._make, itertools.product(ROLES, RESOURCES, ACTS, CARRIERS)):
        outcome = _outcome(cell, applied, acts, carried)
        by_resource[cell.resource][outcome] += 1
        by_role[cell.role][outcome] += 1
    return Counts(attempts=len(tried), by_resource=by_resource, by_role=by_role)


def table(counts: Counts) -> str:
    """The counts as a table in Markdown, resources first, then roles."""
    total = counts.total
    lines = [
        f"{total[APPLIED]:,} cells applied of {sum(total.values()):,}"
        f" ({counts.attempts:,} attempts of two calls each)."
    ]
    for title, rows in (("Resource", counts.by_resource), ("Role", counts.by_role)):
        lines += ["", *_rows(title, [*rows.items(), ("**All**", total)])]
    return "\n".join(lines) + "\n"


def _rows(title: str, rows: Iterable[tuple[str, Counter[str]]]) -> Iterator[str]:
    yield f"| {title} | {' | '.join(OUTCOMES)} |"
    yield "|---" * (len(OUTCOMES) + 1) + "|"
    for name, found in rows:
        yield f"| {name} | {' | '.join(str(found[each]) for each in OUTCOMES)} |"


def _outcome(
    cell: Cell,
    applied: set[Cell],
    acts: set[tuple[str, str]],
    carried: set[tuple[str, str, str]],
) -> str:
    if cell in applied:
        return APPLIED
    if (cell.resource, cell.act) not in acts:
        return NO_ACT
    if (cell.resource, cell.act, cell.carrier) not in carried:
        return NO_CARRIER
    return NO_ROLE

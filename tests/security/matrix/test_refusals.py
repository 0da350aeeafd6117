"""Every cell that applies: refused as it must be, nothing told, nothing of the other's changed."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from core.errors import NotFound
from tests.security.matrix import words
from tests.security.matrix.api_attempts import api_attempts
from tests.security.matrix.page_attempts import page_attempts
from tests.security.matrix.refusals import Attempt
from tests.security.matrix.site import Site
from tests.security.matrix.verb_attempts import verb_attempts
from tests.security.matrix.words import ROLES
from tests.security.matrix.world import B, MatrixWorld
from ui.api.partner.app import PREFIX

TRIES = 200
SAME_CLASS = 0.005  # seconds between the medians, as the corpus has it


@pytest.mark.parametrize("role", ROLES)
def test_services_refuse(world: MatrixWorld, role: str) -> None:
    _all_refused(world, role, verb_attempts(world, role))


@pytest.mark.parametrize("role", ROLES)
def test_the_api_refuses(site: Site, role: str) -> None:
    _all_refused(site.world, role, api_attempts(site, role))


@pytest.mark.parametrize("role", ROLES)
def test_pages_files_links_and_hooks_refuse(site: Site, role: str) -> None:
    _all_refused(site.world, role, page_attempts(site, role))


def _all_refused(world: MatrixWorld, role: str, attempts: Iterable[Attempt]) -> None:
    victim = world.victim_of(role)
    before, secrets = world.rows_of(victim), _secrets(world, victim)
    faults = [fault for attempt in attempts if (fault := attempt.fault(secrets))]
    assert faults == []
    assert world.rows_of(victim) == before


def _secrets(world: MatrixWorld, victim: str) -> tuple[str, ...]:
    """What nobody else is told: ids that no word of a page looks like."""
    ids = world.ids[victim].values()
    return tuple(
        each for each in ids if isinstance(each, str) and len(each) > 7 and each[-2:] != "ys"
    )


@pytest.mark.parametrize("way", ["channel page", "channel of the API", "invoice", "delivery"])
def test_an_id_of_somebody_else_takes_as_long_as_an_unknown_one(site: Site, way: str) -> None:
    """One after the other in one run, so that a busy machine is busy for both."""
    ask, world = _asking(site, way), site.world
    for ids in (world.ids[B], world.unknown) * 3:
        ask(ids)
    took: dict[bool, list[float]] = {True: [], False: []}
    for _, is_foreign in itertools.product(range(TRIES), (True, False)):
        ids = world.ids[B] if is_foreign else world.unknown
        began = time.perf_counter()
        ask(ids)
        took[is_foreign].append(time.perf_counter() - began)
    foreign, unknown = (statistics.median(took[each]) for each in (True, False))
    assert abs(foreign - unknown) < SAME_CLASS


def _asking(site: Site, way: str) -> Callable[[dict[str, Any]], object]:
    hub, owner = site.world.hub, site.world.principals[words.OWNER]
    own = f"{PREFIX}/partners/AcmeMsPA/channels"

    def refused(act: Callable[..., object], *given: Any) -> None:
        with pytest.raises(NotFound):
            act(owner, *given)

    ways: dict[str, Callable[[dict[str, Any]], object]] = {
        "channel page": lambda ids: refused(hub.accounts.channel, ids["channel"]),
        "channel of the API": lambda ids: site.ask(
            words.WRITE_KEY, "GET", f"{own}/{ids['channel']}"
        ),
        "invoice": lambda ids: refused(hub.billing.invoices.invoice, ids["invoice"]),
        "delivery": lambda ids: refused(hub.webhooks.delivery, ids["webhook_delivery"]),
    }
    return ways[way]

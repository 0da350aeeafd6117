"""The partner's list: each filter is the database's, page by page, each row once."""

from datetime import timedelta

import pytest

from core.clock import FixedClock
from core.onboarding.entities import OnboardingRun, RunStatus, RunStep
from core.onboarding.views import RunFilter, Turn
from core.ports import Database
from tests.services.onboarding_world import TEST, OnboardingWorld, onboarding_world


@pytest.fixture
def world(database: Database, clock: FixedClock) -> OnboardingWorld:
    return onboarding_world(database, clock)


def plant(world: OnboardingWorld, count: int, *, turn: str = "", status: RunStatus) -> None:
    now = world.clock.now()
    error = {"key": "x", "turn": turn, "wait": 0, "at": now.isoformat()} if turn else {}
    with world.database.transaction(TEST) as session:
        for minute in range(count):
            moved = now - timedelta(minutes=minute)
            session.add(
                OnboardingRun(
                    partner_id=world.partner.id,
                    status=status.value,
                    step=RunStep.META.value,
                    error_code="x" if turn else "",
                    error=error,
                    visited_at=moved,
                    created_at=moved,
                    updated_at=moved,
                )
            )


def pages(world: OnboardingWorld, show: RunFilter) -> list[list[str]]:
    cursor, found = "", []
    while True:
        page = world.onboarding.runs(world.owner, show=show, cursor=cursor, limit=50)
        found.append([row.run_id for row in page.rows])
        if not (cursor := page.next_cursor):
            return found


def test_what_needs_the_partner_is_found_behind_any_number_of_other_runs(
    world: OnboardingWorld,
) -> None:
    plant(world, 300, turn="client", status=RunStatus.STOPPED)
    world.clock.advance(-timedelta(days=1))
    plant(world, 3, turn="partner", status=RunStatus.STOPPED)

    rows = world.onboarding.runs(world.owner, show=RunFilter.NEEDS_YOU).rows

    assert [row.turn for row in rows] == [Turn.PARTNER] * 3


@pytest.mark.parametrize(
    ("show", "count"),
    [
        (RunFilter.ALL, 260),
        (RunFilter.OPEN, 200),
        (RunFilter.NEEDS_YOU, 60),
        (RunFilter.DONE, 40),
        (RunFilter.PUT_ASIDE, 20),
    ],
)
def test_every_filter_is_paged_to_its_end(
    world: OnboardingWorld, show: RunFilter, count: int
) -> None:
    plant(world, 140, status=RunStatus.OPEN)
    plant(world, 60, turn="partner", status=RunStatus.STOPPED)
    plant(world, 40, status=RunStatus.FINISHED)
    plant(world, 20, status=RunStatus.ABANDONED)

    found = pages(world, show)

    assert all(len(page) == 50 for page in found[:-1])
    assert len({run_id for page in found for run_id in page}) == count

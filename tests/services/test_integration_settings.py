"""What a partner sets on its Integration page: what is taken, refused, told and kept from whom."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from core.accounts.regions.rules import REGIONS
from core.clock import FixedClock
from core.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NameNotFound,
    OutgoingError,
    TargetRefused,
    Unavailable,
)
from core.integration.outbound.signatures import signature_headers, signing_secret
from core.integration.settings.rules import read_origins
from core.partners.platform_secret import current_secrets
from core.ports import OutgoingAnswer
from storage.changes import LocalFeed
from storage.database import SqlDatabase
from tests.services.integration_world import SOLUTION, IntegrationWorld, integration_world

_CORPUS = json.loads(
    (Path(__file__).parents[1] / "corpora" / "partner_redirects.json").read_text("utf-8")
)["partner_redirect_registration"]
OTHER_SOLUTION = "999999999999999"


@pytest.fixture
def world(database: SqlDatabase, clock: FixedClock) -> IntegrationWorld:
    return integration_world(database, clock)


@pytest.fixture
def on_sqlite(
    tmp_path: Path, migrated_file: Path, feed: LocalFeed, clock: FixedClock
) -> Iterator[IntegrationWorld]:
    """Where the kind of database does not matter."""
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'alone.sqlite3')}"
    database = SqlDatabase(url, feed, threads=4)
    yield integration_world(database, clock)
    database.close()


def refusal(verb: Any, *args: Any) -> str:
    with pytest.raises((InvalidInput, Conflict)) as caught:
        verb(*args)
    return caught.value.code


def test_each_field_is_saved_alone_and_told_with_what_it_was(world: IntegrationWorld) -> None:
    verbs, owner = world.integration, world.owner
    world.meta.solutions[OTHER_SOLUTION] = "DRAFT"
    verbs.set_redirect_url(owner, "https://shop.example.com/back?a=1")
    verbs.set_extra_origins(owner, ["https://test.example.com/", "https://test.example.com"])
    verbs.set_region_default(owner, "DE")
    seen = verbs.set_solution_id(owner, f" {OTHER_SOLUTION} ")
    assert (seen.redirect_url, seen.region_default) == ("https://shop.example.com/back?a=1", "DE")
    assert seen.extra_origins == ("https://test.example.com",)
    assert (seen.solution_id, seen.solution_status) == (OTHER_SOLUTION, "DRAFT")
    assert not seen.has_active_solution
    assert verbs.look(owner) == seen
    assert world.changes() == [
        ("redirect_url", "https://partner.example/done", "https://shop.example.com/back?a=1"),
        ("extra_origins", [], ["https://test.example.com"]),
        ("region_default", "", "DE"),
        ("solution_id", SOLUTION, OTHER_SOLUTION),
        ("solution_status", "ACTIVE", "DRAFT"),
    ]
    assert {event.actor for event in world.events()} == {owner.person_id}


def test_what_is_saved_unchanged_is_not_told(on_sqlite: IntegrationWorld) -> None:
    on_sqlite.integration.set_region_default(on_sqlite.owner, "")
    on_sqlite.integration.refresh_solution(on_sqlite.owner)
    assert on_sqlite.events() == []


def test_another_partner_sees_and_changes_its_own(world: IntegrationWorld) -> None:
    world.integration.set_redirect_url(world.stranger, "https://other.example.com/x")
    assert world.row().redirect_url == "https://partner.example/done"
    assert world.integration.look(world.stranger).partner_id == world.other.id


def test_members_are_refused_every_verb_and_meta_is_not_asked(
    on_sqlite: IntegrationWorld,
) -> None:
    verbs, member = on_sqlite.integration, on_sqlite.member
    before = on_sqlite.row().model_dump()
    for act in (
        lambda: verbs.look(member),
        lambda: verbs.set_solution_id(member, OTHER_SOLUTION),
        lambda: verbs.refresh_solution(member),
        lambda: verbs.set_redirect_url(member, "https://shop.example.com/x"),
        lambda: verbs.test_redirect(member),
        lambda: verbs.set_extra_origins(member, []),
        lambda: verbs.set_region_default(member, "DE"),
        lambda: verbs.generate_secret(member),
        lambda: verbs.rotate_secret(member),
        lambda: verbs.show_secret(member),
        lambda: verbs.end_overlap(member),
        lambda: verbs.set_io_signature(member, False),
    ):
        with pytest.raises(Forbidden):
            act()
    assert on_sqlite.row().model_dump() == before
    assert on_sqlite.meta.calls == on_sqlite.outgoing.asked == []


@pytest.mark.parametrize("url", [each for each in _CORPUS["reject"] if each.strip()])
def test_a_redirect_url_of_the_corpus_is_refused(on_sqlite: IntegrationWorld, url: str) -> None:
    verbs = on_sqlite.integration
    refusal(verbs.set_redirect_url, on_sqlite.owner, url)
    refusal(verbs.set_extra_origins, on_sqlite.owner, [url])
    assert on_sqlite.events() == []


@pytest.mark.parametrize("url", _CORPUS["accept"])
def test_a_good_redirect_url_of_the_corpus_is_kept_as_it_was_typed(
    on_sqlite: IntegrationWorld, url: str
) -> None:
    assert on_sqlite.integration.set_redirect_url(on_sqlite.owner, url).redirect_url == url


@pytest.mark.parametrize(
    ("origins", "code"),
    [
        (["https://a.example.com/path"], "not_an_origin"),
        (["https://a.example.com/?q=1"], "not_an_origin"),
        (["http://a.example.com"], "not_https"),
        (["https://hub.test"], "own_host"),
        ([f"https://a{n}.example.com" for n in range(21)], "too_many"),
    ],
)
def test_an_extra_origin_is_an_origin_and_nothing_more(
    on_sqlite: IntegrationWorld, origins: list[str], code: str
) -> None:
    verb = on_sqlite.integration.set_extra_origins
    assert refusal(verb, on_sqlite.owner, origins) == code


def test_origins_are_typed_one_a_line_or_with_commas() -> None:
    typed = " https://a.example.com,\nhttps://b.example.com  https://a.example.com\n"
    assert read_origins(typed) == ["https://a.example.com", "https://b.example.com"]
    assert read_origins(" \n") == []


def test_the_test_asks_the_saved_redirect_url_and_shows_the_answer(
    on_sqlite: IntegrationWorld,
) -> None:
    verb, owner, outgoing = on_sqlite.integration.test_redirect, on_sqlite.owner, on_sqlite.outgoing
    answer = verb(owner)
    assert (answer.status, answer.milliseconds, answer.is_good) == (200, 42, True)
    outgoing.answer = OutgoingAnswer(
        status=302, headers={"Location": "https://other.example.com/"}, body=b"", seconds=0.1
    )
    assert verb(owner).location == "https://other.example.com/"
    outgoing.answer = OutgoingAnswer(status=404, headers={}, body=b"", seconds=0.1)
    assert not verb(owner).is_good
    assert outgoing.asked == ["https://partner.example/done"] * 3


@pytest.mark.parametrize(
    ("error", "code"),
    [(TargetRefused(why="port"), "port"), (NameNotFound(), "name_not_found")],
)
def test_a_redirect_url_that_cannot_be_asked_says_why(
    on_sqlite: IntegrationWorld, error: OutgoingError, code: str
) -> None:
    on_sqlite.outgoing.answer = error
    answer = on_sqlite.integration.test_redirect(on_sqlite.owner)
    assert (answer.failed, answer.is_good) == (code, False)
    on_sqlite.integration.set_redirect_url(on_sqlite.owner, "")
    assert refusal(on_sqlite.integration.test_redirect, on_sqlite.owner) == "no_redirect_url"


def test_only_metas_regions_are_taken(on_sqlite: IntegrationWorld) -> None:
    verb = on_sqlite.integration.set_region_default
    assert {verb(on_sqlite.owner, code).region_default for code in REGIONS} == set(REGIONS)
    assert refusal(verb, on_sqlite.owner, "US") == "unknown_region"
    assert verb(on_sqlite.owner, "").region_default == ""


@pytest.mark.parametrize(
    "text", ["1234567890123", "1234567890123456789", "12345678901234x", "٣" * 15]
)
def test_a_solution_id_has_14_to_18_digits(on_sqlite: IntegrationWorld, text: str) -> None:
    verb = on_sqlite.integration.set_solution_id
    assert refusal(verb, on_sqlite.owner, text) == "solution_form"
    assert on_sqlite.meta.calls == []


def test_a_solution_that_meta_does_not_know_is_not_saved(on_sqlite: IntegrationWorld) -> None:
    verb = on_sqlite.integration.set_solution_id
    assert refusal(verb, on_sqlite.owner, OTHER_SOLUTION) == "solution_unknown"
    on_sqlite.meta.solutions[OTHER_SOLUTION] = "ACTIVE"
    on_sqlite.meta.fail("solution", Unavailable("down", sent=False))
    with pytest.raises(Unavailable):
        verb(on_sqlite.owner, OTHER_SOLUTION)
    assert on_sqlite.row().solution_id == SOLUTION


def test_the_state_of_the_solution_is_what_meta_says_now(on_sqlite: IntegrationWorld) -> None:
    verbs, owner = on_sqlite.integration, on_sqlite.owner
    on_sqlite.meta.solutions[SOLUTION] = "DEACTIVATED"
    assert verbs.refresh_solution(owner).solution_status == "DEACTIVATED"
    del on_sqlite.meta.solutions[SOLUTION]
    assert verbs.refresh_solution(owner).solution_status == "NONE"
    assert verbs.set_solution_id(owner, "").solution_id == ""
    assert not verbs.refresh_solution(owner).has_active_solution


def test_a_secret_is_made_once_then_rotated_with_an_overlap(world: IntegrationWorld) -> None:
    verbs, owner = world.integration, world.owner
    assert refusal(verbs.rotate_secret, owner) == "secret_missing"
    first = verbs.generate_secret(owner)
    assert first.previous_until is None
    assert refusal(verbs.generate_secret, owner) == "secret_exists"
    second = verbs.rotate_secret(owner)
    until = world.clock.now() + timedelta(days=7)
    assert second.previous_until == until == verbs.look(owner).secret.previous_until
    assert good(world) == [second.secret, first.secret]
    assert refusal(verbs.rotate_secret, owner) == "secret_rotating"

    world.clock.advance(timedelta(days=7))
    assert good(world) == [second.secret]
    assert verbs.look(owner).secret.previous_until is None
    third = verbs.rotate_secret(owner)
    assert good(world) == [third.secret, second.secret]


def test_the_overlap_can_be_ended_now(on_sqlite: IntegrationWorld) -> None:
    verbs, owner = on_sqlite.integration, on_sqlite.owner
    verbs.generate_secret(owner)
    second = verbs.rotate_secret(owner)
    assert verbs.end_overlap(owner).secret.previous_until is None
    assert good(on_sqlite) == [second.secret]
    verbs.end_overlap(owner)
    kinds = [event.type for event in on_sqlite.events()]
    assert kinds.count("platform_secret_overlap_ended") == 1


def test_a_shown_secret_is_told_and_no_event_or_row_holds_it(on_sqlite: IntegrationWorld) -> None:
    verbs, owner = on_sqlite.integration, on_sqlite.owner
    assert refusal(verbs.show_secret, owner) == "secret_missing"
    made = verbs.generate_secret(owner).secret
    assert verbs.show_secret(owner) == made
    kinds = [event.type for event in on_sqlite.events()]
    assert kinds == ["platform_secret_made", "platform_secret_shown"]
    assert not any(made in json.dumps(event.data) for event in on_sqlite.events())
    assert on_sqlite.row().platform_secret != made


def test_a_secret_is_good_for_the_standard_webhooks_libraries(
    on_sqlite: IntegrationWorld,
) -> None:
    made = on_sqlite.integration.generate_secret(on_sqlite.owner).secret
    body, now = b'{"id":"1"}', int(datetime.now(UTC).timestamp())
    headers = signature_headers([made], "1", now, body)
    Webhook(signing_secret(made)).verify(body, headers)


def test_io_signature_needs_a_secret(on_sqlite: IntegrationWorld) -> None:
    verbs, owner = on_sqlite.integration, on_sqlite.owner
    assert refusal(verbs.set_io_signature, owner, True) == "secret_missing"
    verbs.generate_secret(owner)
    assert verbs.set_io_signature(owner, True).io_signature
    assert not verbs.set_io_signature(owner, False).io_signature
    assert world_fields(on_sqlite) == ["io_signature", "io_signature"]


def world_fields(world: IntegrationWorld) -> list[str]:
    return [field for field, _, _ in world.changes()]


def good(world: IntegrationWorld) -> list[str]:
    """The secrets that sign and open now."""
    return current_secrets(world.row(), world.vault, world.clock.now())

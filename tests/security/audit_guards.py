"""The guards of the record, of people's data and of secrets at rest, for the register."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from tests.security.guard import Guard, never_refusing, returning, value


def _same(_was: Any) -> Any:
    return lambda _self, plain, **_: plain


def _seen(fault: str) -> str:
    return f"test_audit.py::test_the_chain_shows_what_was_tampered_with[{fault}]"


AUDIT: tuple[Guard, ...] = (
    Guard(
        name="links only grow",
        target="storage.migrations.belts:make_append_only",
        off=never_refusing,
        test="test_audit.py::test_links_only_grow",
    ),
    Guard(
        name="a changed event is seen",
        target="core.audit.verifying:event_hash",
        off=lambda was: lambda event: was(event | {"actor": "the same"}),
        also=("core.audit.chain:event_hash",),
        test=_seen("changed_event"),
    ),
    Guard(
        name="a deleted event is seen",
        target="core.audit.verifying:_fault",
        off=lambda was: lambda before, place: was(before, place) if place.event else None,
        test=_seen("deleted_event"),
    ),
    Guard(
        name="a changed link is seen",
        target="core.audit.verifying:holds",
        off=returning(True),
        test=_seen("changed_link"),
    ),
    Guard(
        name="a removed link is seen",
        target="core.audit.verifying:_judge",
        off=returning(None),
        test=_seen("removed_link"),
    ),
    Guard(
        name="a changed origin is seen",
        target="core.origin:EventOrigin.is_true",
        off=lambda _was: property(lambda _self: True),
        test=_seen("changed_origin"),
    ),
    Guard(
        name="an event that nobody sealed is seen",
        target="core.audit.verifying:Verifying._unsealed",
        off=returning((0, None)),
        test="test_audit.py::test_an_event_that_nobody_sealed_is_seen",
    ),
    Guard(
        name="a changed end of the record is seen",
        target="core.audit.verifying:_cut_off",
        off=returning(None),
        test="test_audit.py::test_a_record_that_was_emptied_is_seen",
    ),
    Guard(
        name="what staff note is not in the record",
        target="core.audit.trail:STAFF_ONLY",
        off=value(frozenset()),
        test="test_audit.py::test_what_staff_note_is_in_no_list_and_no_file",
    ),
    Guard(
        name="the record is for owners",
        target="core.access:_ALLOWED",
        off=lambda was: was | {"member": was["owner"]},
        test="test_audit.py::test_a_member_reads_no_record",
    ),
    Guard(
        name="cells of the record run nothing",
        target="core.csv_cells:neutral",
        off=lambda _was: lambda cell: cell,
        test="test_audit.py::test_an_exported_cell_runs_nothing",
    ),
    Guard(
        name="where staff sit is not told",
        target="core.audit.names:_strangers",
        off=returning(set()),
        test="test_audit.py::test_partners_do_not_learn_where_the_operators_people_sit",
    ),
    *(
        Guard(
            name=f"who is erased is gone: {what}",
            target=f"core.personal.service:{target}",
            off=returning(nothing),
            test="test_audit.py::test_an_erased_person_is_in_no_byte_of_the_file",
        )
        for what, target, nothing in (
            ("where from", "_erase_origins", 0),
            ("sessions", "_remove", {}),
            ("name and address", "_rewrite", {}),
            ("inside texts", "hide", 0),
        )
    ),
    Guard(
        name="who is erased is gone: the journal",
        target="storage.database:truncate_journal",
        off=returning(True),
        test="test_audit.py::test_an_erased_person_is_in_no_byte_of_the_file",
    ),
    Guard(
        name="where from is no header's word",
        target="ui.guards.hosts:HostGuard._comes_from_proxy",
        off=returning(True),
        test="test_audit.py::test_where_from_is_the_connection_and_no_header",
    ),
    Guard(
        name="where from goes along into threads",
        target="ui.context:copy_context",
        off=returning(Context()),
        test="test_audit.py::test_a_press_on_an_open_page_comes_from_its_browser",
    ),
    Guard(
        name="secrets are sealed",
        target="storage.vault:AesVault.seal",
        off=_same,
        also=("storage.vault:AesVault.open",),
        test="test_secrets_at_rest.py::test_secrets_stand_in_no_file_and_in_no_log",
    ),
    Guard(
        name="log lines are whole",
        target="core.logs:_escaped",
        off=value(str),
        test="test_log_injection.py::test_nothing_that_is_logged_breaks_out_of_its_line[console]",
    ),
)

"""The guards of support and of files from outside, for the register."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.support.states import Side
from tests.security.guard import Guard, never_refusing, returning, value

ANY = 1 << 40


def _notes_for_all(was: Callable[..., Any]) -> Any:
    """Reads for the partner what staff read."""
    return lambda session, conversation_id, _side, before: was(
        session, conversation_id, Side.STAFF, before
    )


SUPPORT: tuple[Guard, ...] = (
    Guard(
        name="the desk is for staff",
        target="core.access:authorize_staff",
        off=never_refusing,
        test="test_support.py::test_only_staff_by_the_flag_in_the_database_have_a_desk",
    ),
    Guard(
        name="notes are for staff",
        target="core.support.reading:_page",
        off=_notes_for_all,
        test="test_support.py::test_notes_stay_at_the_desk",
    ),
    Guard(
        name="what was shown is what is done",
        target="core.support.deciding:_version",
        off=returning("the same"),
        test="test_support.py::test_a_request_that_means_something_else_by_now_is_not_accepted",
    ),
    Guard(
        name="a request is decided once",
        target="core.support.deciding:may_be_decided",
        off=returning(True),
        test="test_support.py::test_a_request_is_not_decided_twice",
    ),
    Guard(
        name="a partner keeps an owner",
        target="core.partners.members:_require_another_owner",
        off=never_refusing,
        test="test_support.py::test_the_last_owner_stays",
    ),
    Guard(
        name="most bytes of an upload",
        target="ui.guards.bodies:limit_for",
        off=returning(ANY),
        test="test_support.py::test_a_large_upload_ends_while_it_comes",
    ),
    Guard(
        name="uploads from our own pages",
        target="ui.api.posted:is_own",
        off=returning(True),
        test="test_support.py::test_another_sites_page_uploads_nothing",
    ),
    Guard(
        name="files of support do nothing",
        target="ui.guards.headers:_FILES",
        off=value(("/logos/",)),
        test="test_support.py::test_a_served_file_can_do_nothing",
    ),
    Guard(
        name="pictures are drawn anew",
        target="core.support.files:PICTURES",
        off=value(frozenset()),
        test="test_support.py::test_nothing_rides_along_with_a_picture",
    ),
    Guard(
        name="pictures are measured before they are decoded",
        target="core.uploads.pictures:MOST_PIXELS",
        also=("core.uploads.pictures:LONGEST_SIDE",),
        off=value(10**9),
        test="test_support.py::test_a_small_file_with_many_pixels_is_not_decoded",
    ),
    Guard(
        name="memory of the decoder",
        target="core.uploads.pictures:MEMORY",
        off=value(ANY),
        test="test_support.py::test_a_decoder_has_so_much_memory_and_no_more",
    ),
)

"""The guards of a partner's brand and of switching between partners, for the register."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlmodel import select

from core.partners.entities import Membership, Partner, Role
from core.partners.sessions import PartnerSummary
from core.ports import Everything
from core.uploads.rules import Kind
from tests.factories import now
from tests.security.guard import Guard, value

ANY = 10**9


def _as_it_came(_was: Any) -> Any:
    """Keeps the file that was posted."""
    return lambda _self, content, kind, **_wanted: (content, kind)


def _acting(_was: Any) -> Any:
    """A preview whose buttons do what they say."""

    async def have_mailed(_self: Any, verb: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        verb("preview", *args, **kwargs)
        return True

    return have_mailed


def _everybodys(_was: Any) -> Any:
    """Looks through all partners."""

    def others(self: Any, _who: Any, _needed: Any) -> list[PartnerSummary]:
        with self._database.reading(Everything("test")) as session:
            return [
                PartnerSummary(id=each.id, brand_name=each.brand_name, logo_hash="")
                for each in session.exec(select(Partner)).all()
            ]

    return others


def _whatever_the_role(_was: Any) -> Any:
    return lambda self, who, _needed: [partner for partner, _ in self._memberships(who)]


def _everywhere_an_owner(was: Callable[..., Any]) -> Any:
    """Everybody works for every partner."""

    def membership(session: Any, person_id: str, partner_id: str | None) -> Any:
        return was(session, person_id, partner_id) or Membership(
            partner_id=partner_id or "",
            person_id=person_id,
            role=Role.OWNER.value,
            created_at=now(),
        )

    return membership


PROFILE: tuple[Guard, ...] = (
    Guard(
        name="most bytes of a logo",
        target="core.uploads.rules:MAX_BYTES",
        off=value(ANY),
        test="test_profile.py::test_a_logo_has_two_mebibytes_at_the_most",
    ),
    Guard(
        name="a logo is measured before it is decoded",
        target="core.uploads.pictures:MOST_PIXELS",
        also=("core.uploads.pictures:LONGEST_SIDE",),
        off=value(ANY),
        test="test_profile.py::test_a_logo_with_many_pixels_is_not_decoded",
    ),
    Guard(
        name="a logo is a picture",
        target="core.partners.profile.service:PICTURES",
        off=value(frozenset(Kind)),
        test="test_profile.py::test_a_logo_is_nothing_but_a_picture",
    ),
    Guard(
        name="a logo is drawn anew",
        target="core.uploads.pictures:Pictures.drawn",
        off=_as_it_came,
        test="test_profile.py::test_nothing_rides_along_with_a_logo",
    ),
    Guard(
        name="names are what they look like",
        target="core.partners.profile.rules:_is_no_letter",
        off=value(lambda _char: False),
        test="test_profile.py::test_a_name_cannot_turn_itself_around",
    ),
    Guard(
        name="a logo comes from our own pages",
        target="ui.api.posted:is_own",
        off=value(lambda *_args: True),
        test="test_profile.py::test_another_sites_page_changes_no_logo",
    ),
    Guard(
        name="a preview's picture is a picture",
        target="ui.elements.logo_crop:_DRAFT",
        off=value(re.compile("")),
        test="test_profile.py::test_the_preview_shows_pictures_from_its_own_browser_only",
    ),
    Guard(
        name="a preview does nothing",
        target="ui.pages.profile_preview:_Still.have_mailed",
        off=_acting,
        test="test_profile.py::test_nothing_comes_of_pressing_a_button_of_the_preview",
    ),
    Guard(
        name="links tell nothing to strangers",
        target="core.whereabouts:Whereabouts._others",
        off=_everybodys,
        test="test_profile.py::test_nobody_learns_whether_a_strangers_thing_exists",
    ),
    Guard(
        name="links tell nothing that the role does not show",
        target="core.whereabouts:Whereabouts._others",
        off=_whatever_the_role,
        test="test_profile.py::test_a_member_there_learns_nothing_of_what_owners_see",
    ),
    Guard(
        name="switching to own partners only",
        target="core.partners.sessions:membership_of",
        off=_everywhere_an_owner,
        test="test_open_pages.py::test_switching_to_a_foreign_partner_changes_nothing",
    ),
    Guard(
        name="switching never by a link",
        target="ui.login:_ACTS",
        off=value(["GET", "POST"]),
        test="test_profile.py::test_following_a_link_switches_nothing",
    ),
)

"""The profile as sentences: each verb saves one thing and tells of it, with what was before.

For owners only. A change is on every open page of the partner, its clients' pages too, for the
event is about ("profile", partner).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from core.access import Gate, Permission, Principal, partner_of
from core.clock import Clock
from core.errors import Conflict, InvalidInput
from core.events import Event, EventType, record
from core.partners.entities import BillingModel, Partner
from core.partners.profile.rules import (
    LOGO_SIDE,
    Crop,
    color_fault,
    name_fault,
    tidy_color,
    tidy_name,
)
from core.ports import Blobs
from core.uploads.pictures import Pictures
from core.uploads.rules import MOST_TIMES, PICTURES, kind_of

SUBJECT = "profile"
# An undo is pressed right away; whoever comes after so many changes uploads the logo again.
_LOOKED_BACK = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """The profile as it is now; `logo_hash` names a blob, '' = no logo; '' = the hub's colour."""

    partner_id: str
    brand_name: str
    logo_hash: str
    brand_color: str
    is_direct_paid: bool
    clients_may_add_numbers: bool


class Profile:
    """What clients see; every verb raises NotSignedIn or Forbidden for whoever is no owner."""

    def __init__(self, gate: Gate, clock: Clock, blobs: Blobs, pictures: Pictures) -> None:
        self._gate = gate
        self._clock = clock
        self._blobs = blobs
        self._pictures = pictures

    def look(self, who: Principal) -> ProfileView:
        """The profile as it is now."""
        with self._gate.reading(who, Permission.SETTINGS) as session:
            return _view(partner_of(session, who))

    def set_brand_name(self, who: Principal, text: str) -> ProfileView:
        """Clients see this name from now on, on pages that are open as well.

        Raises InvalidInput (field brand_name): needed, too_long, signs.
        """
        if fault := name_fault(text):
            raise InvalidInput(code=fault, field="brand_name")
        return self._change(who, "brand_name", tidy_name(text))

    def set_brand_color(self, who: Principal, text: str) -> ProfileView:
        """The colour of buttons on clients' pages, where it can be read; '' for the hub's own.

        Raises InvalidInput (field brand_color): color_form.
        """
        if fault := color_fault(text):
            raise InvalidInput(code=fault, field="brand_color")
        return self._change(who, "brand_color", tidy_color(text))

    def set_logo(self, who: Principal, content: bytes, crop: Crop | None = None) -> ProfileView:
        """The part of the picture is the logo: drawn anew, at most `LOGO_SIDE` pixels a side.

        Raises InvalidInput (field file) with a code of `uploads`, or `crop_outside`.
        """
        self.look(who)  # nobody else has pictures drawn
        kind = kind_of(content, PICTURES)
        cut = (crop.left, crop.top, crop.width, crop.height) if crop else None
        drawn, kind = self._pictures.drawn(
            content, kind, cut=cut, longest=LOGO_SIDE, most_times=MOST_TIMES
        )
        return self._change(who, "logo_hash", self._blobs.put(drawn, kind.value))

    def remove_logo(self, who: Principal) -> ProfileView:
        """Clients see the name alone."""
        return self._change(who, "logo_hash", "")

    def put_logo_back(self, who: Principal) -> ProfileView:
        """The logo that was removed last is there again. Raises Conflict (`logo_changed`)."""
        with self._gate.writing(who, Permission.SETTINGS) as session:
            partner = partner_of(session, who, is_locked=True)
            before = "" if partner.logo_hash else _removed_logo(session, partner.id)
            if not before:
                raise Conflict(code="logo_changed")
            self._set(session, partner, who, "logo_hash", before)
            return _view(partner)

    def set_clients_may_add_numbers(self, who: Principal, is_on: bool) -> ProfileView:
        """Clients that have a number may bring more by themselves, or not.

        Raises Conflict (`direct_paid`): a client that pays for itself decides for itself.
        """
        with self._gate.writing(who, Permission.SETTINGS) as session:
            partner = partner_of(session, who, is_locked=True)
            if partner.billing_model == BillingModel.DIRECT_PAID.value:
                raise Conflict(code="direct_paid")
            self._set(session, partner, who, "clients_may_add_numbers", is_on)
            return _view(partner)

    def _change(self, who: Principal, column: str, value: Any) -> ProfileView:
        with self._gate.writing(who, Permission.SETTINGS) as session:
            partner = partner_of(session, who, is_locked=True)
            self._set(session, partner, who, column, value)
            return _view(partner)

    def _set(
        self, session: Session, partner: Partner, who: Principal, column: str, value: Any
    ) -> None:
        """The same value again changes and tells nothing."""
        before = getattr(partner, column)
        if before == value:
            return
        setattr(partner, column, value)
        session.add(partner)
        record(
            session,
            self._clock,
            EventType.PROFILE_CHANGED,
            partner_id=partner.id,
            subject=(SUBJECT, partner.id),
            actor=who.person_id,
            data={"field": column, "before": before, "after": value},
        )


def _removed_logo(session: Session, partner_id: str) -> str:
    """What the last change of the logo has taken away."""
    found = (
        select(Event.data)
        .where(Event.partner_id == partner_id, Event.type == EventType.PROFILE_CHANGED.value)
        .order_by(col(Event.id).desc())
    )
    changes = (data for data in session.exec(found.limit(_LOOKED_BACK)))
    return next((str(d["before"]) for d in changes if d.get("field") == "logo_hash"), "")


def _view(partner: Partner) -> ProfileView:
    return ProfileView(
        partner_id=partner.id,
        brand_name=partner.brand_name,
        logo_hash=partner.logo_hash,
        brand_color=partner.brand_color,
        is_direct_paid=partner.billing_model == BillingModel.DIRECT_PAID,
        clients_may_add_numbers=partner.clients_may_add_numbers,
    )

"""Looks whether somebody answers where clients come back to, as their browsers would."""

from __future__ import annotations

from core.access import Principal
from core.errors import Conflict, OutgoingError
from core.integration.settings.room import Room
from core.integration.settings.views import RedirectAnswer
from core.ports import Outgoing

_LONGEST = 300  # signs of a header that are shown


class Trying:
    """Only the address that is saved is called, and only by the guarded client."""

    def __init__(self, room: Room, outgoing: Outgoing) -> None:
        self._room = room
        self._outgoing = outgoing

    def test_redirect(self, who: Principal) -> RedirectAnswer:
        """What the registered redirect URL answers to a plain GET, or why it could not be asked.

        Raises Conflict (`no_redirect_url`) when there is none.
        """
        with self._room.reading(who) as (_session, partner):
            url = partner.redirect_url
        if not url:
            raise Conflict(code="no_redirect_url")
        try:
            answer = self._outgoing.get(url, {"accept": "text/html"})
        except OutgoingError as error:
            return RedirectAnswer(url=url, failed=str(error.about.get("why") or error.code))
        told = {name.lower(): value[:_LONGEST] for name, value in answer.headers.items()}
        return RedirectAnswer(
            url=url,
            status=answer.status,
            milliseconds=round(answer.seconds * 1000),
            content_type=told.get("content-type", ""),
            location=told.get("location", ""),
        )

"""The desk: support as the operator's staff have it, across partners, each act under their name.

Whoever acts is staff by the flag in the database at the moment of the act, or gets Forbidden
(`not_staff`). An unknown conversation is NotFound.
"""

from __future__ import annotations

from core.access import Principal
from core.support.views import (
    CannedView,
    ConversationView,
    EffectPreview,
    FileView,
    InboxPage,
    InboxQuery,
    PartnerContext,
    StaffView,
)


class Desk:
    """Verbs of staff."""

    def inbox(self, who: Principal, query: InboxQuery) -> InboxPage:
        """A page of conversations of all partners, and counts."""
        raise NotImplementedError

    def conversation(
        self, who: Principal, conversation_id: str, *, before: str = ""
    ) -> ConversationView:
        """With its newest messages and notes, or those before a cursor. Raises NotFound."""
        raise NotImplementedError

    def context(self, who: Principal, conversation_id: str) -> PartnerContext:
        """The partner as it stands now. Raises NotFound."""
        raise NotImplementedError

    def read(self, who: Principal, conversation_id: str) -> None:
        """This person has read all there is. Raises NotFound."""
        raise NotImplementedError

    def here(self, who: Principal, conversation_id: str, *, is_typing: bool = False) -> None:
        """The partner's side is told that somebody looks, or types; nothing is kept."""
        raise NotImplementedError

    def answer(
        self, who: Principal, conversation_id: str, text: str, file_ids: tuple[str, ...] = ()
    ) -> ConversationView:
        """A message to the partner; a closed conversation is open again. Raises NotFound,
        InvalidInput (as `Support.open`)."""
        raise NotImplementedError

    def note(self, who: Principal, conversation_id: str, text: str) -> ConversationView:
        """For staff only; whose turn it is stays. Raises NotFound, InvalidInput."""
        raise NotImplementedError

    def preview(self, who: Principal, conversation_id: str) -> EffectPreview:
        """What accepting would do now. Raises NotFound, Conflict (no_request, request_decided
        with `status` and `by`)."""
        raise NotImplementedError

    def accept(
        self, who: Principal, conversation_id: str, version: str, text: str = ""
    ) -> ConversationView:
        """The effect is there, and the partner is told. Raises NotFound, Conflict: no_request,
        request_decided, preview_changed (look again), and the code of what is against it."""
        raise NotImplementedError

    def refuse(self, who: Principal, conversation_id: str, why: str) -> ConversationView:
        """The partner is told why. Raises NotFound, InvalidInput (field why), Conflict
        (no_request, request_decided)."""
        raise NotImplementedError

    def assign(
        self, who: Principal, conversation_id: str, person_id: str | None
    ) -> ConversationView:
        """To one of staff, or to nobody. Raises NotFound."""
        raise NotImplementedError

    def close(self, who: Principal, conversation_id: str) -> ConversationView:
        """Nothing is left to do. Raises NotFound, Conflict (request_open: decide it first;
        already_closed)."""
        raise NotImplementedError

    def reopen(self, who: Principal, conversation_id: str) -> ConversationView:
        """It waits for staff again. Raises NotFound, Conflict (not_closed)."""
        raise NotImplementedError

    def staff(self, who: Principal) -> tuple[StaffView, ...]:
        """Everybody a conversation may be assigned to, by name."""
        raise NotImplementedError

    def canned(self, who: Principal) -> tuple[CannedView, ...]:
        """Answers that are written often, by title."""
        raise NotImplementedError

    def add_canned(self, who: Principal, title: str, text: str) -> CannedView:
        """Raises InvalidInput (field title or text), Conflict (title_taken)."""
        raise NotImplementedError

    def change_canned(self, who: Principal, canned_id: str, title: str, text: str) -> CannedView:
        """Raises NotFound, InvalidInput, Conflict (title_taken)."""
        raise NotImplementedError

    def remove_canned(self, who: Principal, canned_id: str) -> None:
        """Raises NotFound."""
        raise NotImplementedError

    def keep_file(
        self, who: Principal, conversation_id: str, name: str, content: bytes
    ) -> FileView:
        """A file to attach to an answer; pages post it to `/desk/files?conversation={id}`.
        Raises as `Support.keep_file`, NotFound."""
        raise NotImplementedError

    def file(self, who: Principal, file_id: str) -> tuple[str, str, bytes]:
        """Name, media type and content; pages link to `/desk/files/{id}`. Raises NotFound."""
        raise NotImplementedError

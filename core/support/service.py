"""Support as a partner's owners have it: conversations with staff, files, requests."""

from __future__ import annotations

from core.access import Principal
from core.support.states import RequestKind, Show
from core.support.views import (
    Choices,
    ConversationRow,
    ConversationView,
    FileView,
    Values,
)


class Support:
    """Verbs of owners; a foreign conversation or file and an unknown one get the same NotFound."""

    def conversations(
        self, who: Principal, *, show: Show = Show.ALL, cursor: str = "", size: int = 50
    ) -> tuple[tuple[ConversationRow, ...], str]:
        """A page, the newest first, and the next page's cursor ('' at the end)."""
        raise NotImplementedError

    def unread(self, who: Principal) -> int:
        """Messages of the other side that this person has not read."""
        raise NotImplementedError

    def conversation(
        self, who: Principal, conversation_id: str, *, before: str = ""
    ) -> ConversationView:
        """With its newest messages, or those before a cursor. Raises NotFound."""
        raise NotImplementedError

    def read(self, who: Principal, conversation_id: str) -> None:
        """This person has read all there is. Raises NotFound."""
        raise NotImplementedError

    def here(self, who: Principal, conversation_id: str, *, is_typing: bool = False) -> None:
        """The other side is told that somebody looks, or types; nothing is kept. Tell it again
        every 10 seconds. Raises NotFound."""
        raise NotImplementedError

    def open(
        self, who: Principal, subject: str, text: str, file_ids: tuple[str, ...] = ()
    ) -> ConversationView:
        """A new conversation. Raises InvalidInput (field subject or text: needed, too_long;
        files: unknown_file, too_many_files)."""
        raise NotImplementedError

    def ask(
        self,
        who: Principal,
        kind: RequestKind,
        facts: Values,
        text: str = "",
        file_ids: tuple[str, ...] = (),
    ) -> ConversationView:
        """A new conversation with the request attached. `facts` by kind: remove_user: person_id;
        company_data: the fields of `DetailsForm`; delete_number: channel_id; other: subject.

        Raises InvalidInput (bad_facts with `faults`: a code by field; else as `open`), NotFound,
        Conflict (already_asked with `conversation_id`; last_owner; nothing_changes; and as
        `Subscriptions.preview_downgrade`).
        """
        raise NotImplementedError

    def write(
        self, who: Principal, conversation_id: str, text: str, file_ids: tuple[str, ...] = ()
    ) -> ConversationView:
        """One message more; a closed conversation is open again. Raises NotFound, InvalidInput."""
        raise NotImplementedError

    def withdraw_request(self, who: Principal, conversation_id: str) -> ConversationView:
        """Nothing is asked for any more. Raises NotFound, Conflict (request_decided with
        `status`)."""
        raise NotImplementedError

    def keep_file(self, who: Principal, name: str, content: bytes) -> FileView:
        """A file to attach: PNG, JPEG, WebP or PDF by its content. Pages post it to
        `/support/files` (ui/api). Raises InvalidInput (field file; codes of
        `core.uploads.rules`), Conflict (too_many_files)."""
        raise NotImplementedError

    def file(self, who: Principal, file_id: str) -> tuple[str, str, bytes]:
        """Name, media type and content. Raises NotFound."""
        raise NotImplementedError

    def choices(self, who: Principal, *, numbers: str = "") -> Choices:
        """What may be asked for; `numbers` searches them."""
        raise NotImplementedError

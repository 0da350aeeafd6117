"""What the accounts slice needs from outside beside the hub's common ports."""

from __future__ import annotations

from typing import Any, Protocol

from sqlmodel import Session

from core.ports import Meta


class ChannelSearch(Protocol):
    """Finds channels by any part of their `search_text`, through a trigram index."""

    def matching(self, session: Session, partner_id: str, text: str, limit: int) -> list[str]:
        """Ids of at most `limit` of the partner's channels whose `search_text` contains `text`.

        `text` comes from `listing.search_form` and has three letters or more; which ones come
        when there are more is the index's choice.
        """
        ...


class AccountsMeta(Meta, Protocol):
    """What the Partner API asks of Meta beyond the common port (`contracts/meta.md` section 6).

    Raises as that port does; refusals of Meta's are handed on as they are.
    """

    def edit_template(self, template_id: str, changes: dict[str, Any], token: str) -> None:
        """The template is reviewed again; components and category only."""
        ...

    def delete_template(
        self, waba_id: str, name: str, token: str, template_id: str | None = None
    ) -> None:
        """In every language of the name, or the one of this id."""
        ...

    def flows(self, waba_id: str, token: str) -> list[dict[str, Any]]: ...

    def flow(self, flow_id: str, token: str) -> dict[str, Any]:
        """With `whatsapp_business_account`, whose it is: a token may reach several."""
        ...

    def create_flow(self, waba_id: str, flow: dict[str, Any], token: str) -> str:
        """A draft; its id. Not repeatable: a name is taken once."""
        ...

    def upload_flow_json(self, flow_id: str, content: bytes, token: str) -> list[dict[str, Any]]:
        """Replaces the draft's JSON; what Meta found wrong in it, which is kept all the same."""
        ...

    def publish_flow(self, flow_id: str, token: str) -> None:
        """For good. Refused (139000) while there are faults."""
        ...

    def commerce_settings(self, phone_id: str, token: str) -> list[dict[str, Any]]:
        """At most one row; none before anybody set anything."""
        ...

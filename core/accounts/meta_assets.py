"""Flows and commerce settings: Meta's own things, read and changed through the hub, kept nowhere.

A flow's id is Meta's. A token may reach several WABAs, so whose a flow is, is asked first.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from core.access import Permission, Principal
from core.accounts import details
from core.accounts.at_meta import AtMeta, WabaDoor
from core.accounts.ports import AccountsMeta
from core.errors import Conflict, InvalidInput, MetaError, NotFound

Json = dict[str, Any]

_MAX_NAME, _MAX_CATEGORIES, _MAX_ENDPOINT = 200, 10, 2_000
_MAX_FILE = 10 * 1024 * 1024  # Meta's own bound
_MAX_ID = 32


class MetaAssets:
    """Every verb takes who acts; unknown and foreign ids are NotFound."""

    def __init__(self, door: WabaDoor, meta: AccountsMeta) -> None:
        self._door = door
        self._meta = meta

    def flows(self, who: Principal, waba_id: str) -> list[Json]:
        """The WABA's flows as Meta tells them. Raises NotFound, Conflict (no_token), MetaError."""
        account = self._door.of_waba(who, waba_id)
        return self._meta.flows(account.external_id, account.token)

    def create_flow(self, who: Principal, waba_id: str, given: Json) -> str:
        """A draft; Meta's id of it. Raises InvalidInput (`field`) and like `flows`."""
        account = self._door.of_waba(who, waba_id)
        sent = flow_form(given)
        if source := sent.get("clone_flow_id"):
            self._require_own(account, source)
        return self._meta.create_flow(account.external_id, sent, account.token)

    def upload_flow_json(
        self, who: Principal, waba_id: str, flow_id: str, content: bytes
    ) -> list[Json]:
        """What Meta finds wrong in it; kept as the draft's JSON all the same. Raises like above."""
        account = self._door.of_waba(who, waba_id)
        self._require_own(account, flow_id)
        if len(content) > _MAX_FILE:
            raise InvalidInput(code="flow_file", field="file", most=_MAX_FILE)
        return self._meta.upload_flow_json(flow_id, content, account.token)

    def publish_flow(self, who: Principal, waba_id: str, flow_id: str) -> None:
        """For good. Raises MetaError 139000 while its JSON has faults, and like above."""
        account = self._door.of_waba(who, waba_id)
        self._require_own(account, flow_id)
        self._meta.publish_flow(flow_id, account.token)

    def commerce_settings(self, who: Principal, client_id: str, channel_id: str) -> list[Json]:
        """At most one row. Raises NotFound, also for a number of another client."""
        with self._door.gate.reading(who, Permission.ACCOUNTS) as session:
            channel, _ = details.find(session, who.tenant.partner_id, channel_id)
        if channel.client_id != client_id:
            raise NotFound("no such number", channel_id=channel_id)
        if not channel.external_id:
            raise Conflict(code="not_at_meta", channel_id=channel_id)
        account = self._door.of_channel(who, channel_id)
        return self._meta.commerce_settings(channel.external_id, account.token)

    def _require_own(self, account: AtMeta, flow_id: str) -> None:
        if not (flow_id.isascii() and flow_id.isdigit() and len(flow_id) <= _MAX_ID):
            raise NotFound("no such flow", flow_id=flow_id)
        try:
            flow = self._meta.flow(flow_id, account.token)
        except MetaError as refused:
            if not refused.is_not_there:
                raise
            raise NotFound("no such flow", flow_id=flow_id) from refused
        owner = flow.get("whatsapp_business_account") or {}
        if str(owner.get("id")) != account.external_id:
            raise NotFound("no such flow", flow_id=flow_id)


def flow_form(given: Json) -> Json:
    """The body of Meta's create call; raises InvalidInput naming the `field`."""
    name, categories = given.get("name"), given.get("categories")
    if not isinstance(name, str) or not name.strip() or len(name) > _MAX_NAME:
        raise InvalidInput(code="flow_name", field="name")
    if not _are_words(categories):
        raise InvalidInput(code="flow_categories", field="categories")
    sent: Json = {"name": name, "categories": categories}
    if source := given.get("clone_flow_id"):
        if not (isinstance(source, str) and source.isascii() and source.isdigit()):
            raise InvalidInput(code="flow_clone", field="clone_flow_id")
        sent["clone_flow_id"] = source
    if endpoint := given.get("endpoint_uri"):
        if not _is_https(endpoint):
            raise InvalidInput(code="flow_endpoint", field="endpoint_uri")
        sent["endpoint_uri"] = endpoint
    try:
        json.dumps(sent, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(code="flow_name", field="name") from error
    return sent


def _are_words(categories: object) -> bool:
    if not isinstance(categories, list) or not 0 < len(categories) <= _MAX_CATEGORIES:
        return False
    # Meta adds categories; which there are is for Meta to say.
    return all(isinstance(one, str) and 0 < len(one) <= 64 for one in categories)  # noqa: PLR2004


def _is_https(endpoint: object) -> bool:
    # Meta calls it, the hub never does.
    if not isinstance(endpoint, str) or len(endpoint) > _MAX_ENDPOINT:
        return False
    try:
        parts = urlsplit(endpoint)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname)

"""A channel as the contract writes it: one number with its client, its WABA and its project.

A page of a thousand costs three statements: columns, not entities, and each client and account
once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlmodel import Session, col

from core.accounts.entities import Channel, ChannelStatus, Client, ConsentState, WabaAccount
from core.accounts.states import Group, State, group_of
from core.errors import NotFound
from core.integration.shapes.client import contact_info
from core.integration.shapes.values import Json, moment, quality, told
from core.integration.shapes.values import limit as tier
from core.integration.shapes.waba import WABA_COLUMNS, waba_account_object
from core.subscriptions.entities import Licence

_CHANNEL_COLUMNS = (
    "id client_id waba_account_id external_id phone_number name requested_name status consent "
    "account_mode messaging_limit quality name_status is_on_biz_app is_oba region state "
    "created_at modified_at cancelled_at billing_started_at terminated_at"
).split()
_CLIENT_COLUMNS = ("id name partner_payload email full_name phone country language contact").split()
_AT_ONCE = 1_000  # bound parameters of one statement


def channel_object(session: Session, channel: Channel | str) -> Json:
    """The channel, by its row or id; raises NotFound for one outside the session's scope.

    What was changed in the session is flushed and told.
    """
    channel_id = channel if isinstance(channel, str) else channel.id
    found = channel_objects(session, [channel_id])
    if not found:
        raise NotFound("no such number", channel_id=channel_id)
    return found[channel_id]


def channel_objects(session: Session, ids: Iterable[str]) -> dict[str, Json]:
    """The channels by id, in the order asked for; those outside the session's scope are missing."""
    asked = list(dict.fromkeys(ids))
    rows = _by_id(session, _LINES, col(Channel.id), asked)
    clients = _clients(session, {row.client_id for row in rows.values()})
    wabas = _wabas(session, {row.waba_account_id for row in rows.values()}, clients)
    return {
        channel_id: _shape(rows[channel_id], clients, wabas)
        for channel_id in asked
        if channel_id in rows
    }


# A number is billed from its first licence on; a larger tier is a later one.
_FIRST_BILLED = (
    select(func.min(col(Licence.since)))
    .where(col(Licence.channel_id) == col(Channel.id))
    .correlate(Channel)
    .scalar_subquery()
)
_LINES = (
    select(*(getattr(Channel, name) for name in _CHANNEL_COLUMNS))
    .add_columns(col(Licence.tier).label("licence_tier"), _FIRST_BILLED.label("first_billed"))
    .outerjoin_from(Channel, Licence, col(Licence.open_key) == col(Channel.id))
)
_CLIENT_LINES = select(*(getattr(Client, name) for name in _CLIENT_COLUMNS))
_WABA_LINES = select(*(getattr(WabaAccount, name) for name in WABA_COLUMNS))


def _by_id(
    session: Session, lines: Select[Any], key: Any, ids: Collection[str]
) -> dict[str, Row[Any]]:
    asked: list[str] = list(ids)
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(asked), _AT_ONCE):
        some = lines.where(key.in_(asked[start : start + _AT_ONCE]))
        found |= {row.id: row for row in session.execute(some)}
    return found


def _clients(session: Session, ids: Collection[str]) -> dict[str, Json]:
    """The client as it stands inside its channels: made once, however many it has."""
    return {
        row.id: {
            "id": row.id,
            "name": row.name,
            "partner_payload": row.partner_payload,
            "contact_info": contact_info(row),
        }
        for row in _by_id(session, _CLIENT_LINES, col(Client.id), ids).values()
    }


def _wabas(session: Session, ids: Collection[str], clients: Mapping[str, Json]) -> dict[str, Json]:
    return {
        row.id: waba_account_object(row, clients[row.client_id]["name"])
        for row in _by_id(session, _WABA_LINES, col(WabaAccount.id), ids).values()
    }


def _shape(row: Any, clients: Mapping[str, Json], wabas: Mapping[str, Json]) -> Json:
    client = clients[row.client_id]
    return told(
        {
            "id": row.id,
            "client_id": row.client_id,
            "external_id": row.external_id or "",
            "account_mode": row.account_mode,
            "status": row.status,
            "hub_status": row.state,
            "availability_status": _availability(row.state),
            "cancelled_at": moment(row.cancelled_at),
            "billing_started_at": moment(row.billing_started_at or row.first_billed),
            "terminated_at": moment(row.terminated_at),
            "created_at": moment(row.created_at),
            "modified_at": moment(row.modified_at),
            "current_limit": tier(row.messaging_limit),
            "current_quality_rating": quality(row.quality),
            "is_on_biz_app": row.is_on_biz_app,
            "has_inbox": None,  # the hub reads nobody's messages
            "is_oba": row.is_oba,
            "client": client,
            "setup_info": _setup_info(row, client["contact_info"]["language"]),
            "waba_account": wabas[row.waba_account_id],
            "waba_account_id": row.waba_account_id,
            "integration": _integration(row),
            "project": _project(client, row.licence_tier),
        }
    )


def app_id(channel_id: str) -> str:
    """The id of the channel's application at the messaging API: one for each channel."""
    return f"{channel_id[:-2]}AP"


def integration_state(channel: Any) -> str:
    """`running` from the moment on at which the partner may send."""
    is_withdrawn = channel.consent == ConsentState.REVOKED or channel.state == State.REMOVED
    if channel.terminated_at is not None or is_withdrawn:
        return "stopped"
    works = channel.status == ChannelStatus.READY and channel.consent == ConsentState.GRANTED
    return "running" if works else "pending"


def _integration(channel: Any) -> Json:
    state = integration_state(channel)
    return {"enabled": state == "running", "app_id": app_id(channel.id), "state": state}


def _setup_info(channel: Any, language: str) -> Json:
    return told(
        {
            "phone_number": channel.phone_number,
            "phone_name": channel.name or channel.requested_name,
            "was_in_use": channel.is_on_biz_app,
            "ivr": False,
            "verification_method": None,  # Meta verifies numbers and does not tell how
            "new_name_status": channel.name_status,
            "default_language": language,
            "has_integration_layer": True,
            "configuration_type": "cloud_api",
            "region": channel.region,
            "shards_number": 1,
        }
    )


def _project(client: Json, licence_tier: str | None) -> Json:
    # A client's numbers are one project; it needs no row of its own.
    return told(
        {
            "id": project_id(client["id"]),
            "name": client["name"],
            "license_model": licence_tier,
        }
    )


def project_id(client_id: str) -> str:
    """The id of the client's project."""
    return f"{client_id[:-2]}PR"


def _availability(state: str) -> str:
    """Whether the number can be written to: a live one that is about to end still can."""
    return "available" if _WORKS.get(state) else "unavailable"


_WORKS = {state.value: group_of(state) == Group.LIVE for state in State}

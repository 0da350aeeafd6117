"""A channel as the contract writes it: one number with its client, its WABA and its project.

A page of a thousand costs one statement: columns, not entities, and joins, not look-ups.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Select, select
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
_AT_ONCE = 500  # bound parameters of one statement

_Channel = namedtuple("_Channel", _CHANNEL_COLUMNS)  # type: ignore[misc]  # the names above
_Client = namedtuple("_Client", _CLIENT_COLUMNS)  # type: ignore[misc]
_Waba = namedtuple("_Waba", WABA_COLUMNS)  # type: ignore[misc]
_CLIENT_FROM = len(_CHANNEL_COLUMNS)
_WABA_FROM = _CLIENT_FROM + len(_CLIENT_COLUMNS)
_REST_FROM = _WABA_FROM + len(WABA_COLUMNS)


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
    rows: dict[str, Json] = {}
    for start in range(0, len(asked), _AT_ONCE):
        some = col(Channel.id).in_(asked[start : start + _AT_ONCE])
        rows |= {row[0]: channel_shape(row) for row in session.execute(channel_lines().where(some))}
    return {channel_id: rows[channel_id] for channel_id in asked if channel_id in rows}


def channel_lines() -> Select[Any]:
    """Rows for `channel_shape`, of all channels in scope: add conditions, order and limit."""
    return _LINES


_LINES = (
    select(*(getattr(Channel, name) for name in _CHANNEL_COLUMNS))
    .add_columns(*(getattr(Client, name).label(f"client_{name}") for name in _CLIENT_COLUMNS))
    .add_columns(*(getattr(WabaAccount, name).label(f"waba_{name}") for name in WABA_COLUMNS))
    .add_columns(col(Licence.tier).label("licence_tier"))
    # From the channel outwards, so that a planner keeps the order of the channel's index.
    .select_from(Channel)
    .join(Client, col(Client.id) == col(Channel.client_id))
    .join(WabaAccount, col(WabaAccount.id) == col(Channel.waba_account_id))
    .outerjoin(Licence, col(Licence.open_key) == col(Channel.id))
)


def channel_shape(row: Row[Any]) -> Json:
    """The object of one of `channel_lines`."""
    channel: Any = _Channel(*row[:_CLIENT_FROM])
    client: Any = _Client(*row[_CLIENT_FROM:_WABA_FROM])
    waba: Any = _Waba(*row[_WABA_FROM:_REST_FROM])
    return told(
        {
            "id": channel.id,
            "client_id": channel.client_id,
            "external_id": channel.external_id or "",
            "account_mode": channel.account_mode,
            "status": channel.status,
            "hub_status": channel.state,
            "availability_status": _availability(channel.state),
            "cancelled_at": moment(channel.cancelled_at),
            "billing_started_at": moment(channel.billing_started_at),
            "terminated_at": moment(channel.terminated_at),
            "created_at": moment(channel.created_at),
            "modified_at": moment(channel.modified_at),
            "current_limit": tier(channel.messaging_limit),
            "current_quality_rating": quality(channel.quality),
            "is_on_biz_app": channel.is_on_biz_app,
            "has_inbox": None,  # the hub reads nobody's messages
            "is_oba": channel.is_oba,
            "client": _client(client),
            "setup_info": _setup_info(channel, client),
            "waba_account": waba_account_object(waba, client),
            "waba_account_id": channel.waba_account_id,
            "integration": _integration(channel),
            "project": _project(client, row[_REST_FROM]),
        }
    )


def app_id(channel_id: str) -> str:
    """The id of the channel's application at the messaging API: one for each channel."""
    return f"{channel_id[:-2]}AP"


def integration_state(channel: Any) -> str:
    """`running` from the moment on at which the partner may send."""
    if channel.terminated_at is not None or channel.consent == ConsentState.REVOKED:
        return "stopped"
    works = channel.status == ChannelStatus.READY and channel.consent == ConsentState.GRANTED
    return "running" if works else "pending"


def _integration(channel: Any) -> Json:
    state = integration_state(channel)
    return {"enabled": state == "running", "app_id": app_id(channel.id), "state": state}


def _client(client: Any) -> Json:
    return {
        "id": client.id,
        "name": client.name,
        "partner_payload": client.partner_payload,
        "contact_info": contact_info(client),
    }


def _setup_info(channel: Any, client: Any) -> Json:
    return told(
        {
            "phone_number": channel.phone_number,
            "phone_name": channel.name or channel.requested_name,
            "was_in_use": channel.is_on_biz_app,
            "ivr": False,
            "verification_method": None,  # Meta verifies numbers and does not tell how
            "new_name_status": channel.name_status,
            "default_language": client.language,
            "has_integration_layer": True,
            "configuration_type": "cloud_api",
            "region": channel.region,
            "shards_number": 1,
        }
    )


def _project(client: Any, licence_tier: str | None) -> Json:
    # A client's numbers are one project; it needs no row of its own.
    return told(
        {
            "id": project_id(client.id),
            "name": client.name,
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

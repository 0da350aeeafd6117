"""By what the partner API's list of channels is filtered and sorted.

A filter on the client, the account or the project is a sub-select: the channels' own index keeps
the order, whatever is filtered.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlmodel import col

from core.accounts import listing
from core.accounts.entities import Channel, Client, WabaAccount
from core.integration.api.clients import CLIENT_FILTERS
from core.integration.api.lists import (
    Condition,
    ListOf,
    always,
    at,
    equals,
    is_flag,
    unless_unknown,
)
from core.integration.shapes.values import VERIFICATIONS
from core.integration.shapes.waba import SHARED, TAKEN_AWAY
from core.subscriptions.entities import Licence

# Finds channels by any part of their texts and numbers.
FREE_TEXT = "q"
_QUALITY = {"green": 1, "yellow": 2, "red": 3}


def _of_client(key: str) -> Condition:
    condition = CLIENT_FILTERS[key]
    return lambda value: col(Channel.client_id).in_(select(col(Client.id)).where(condition(value)))


def _of_waba(condition: Condition) -> Condition:
    return lambda value: col(Channel.waba_account_id).in_(
        select(col(WabaAccount.id)).where(condition(value))
    )


def _phone(value: str) -> ColumnElement[bool]:
    return col(Channel.phone_number) == re.sub(r"\D", "", value)


def _name(value: str) -> ColumnElement[bool]:
    named = col(Channel.name) == value
    return or_(named, (col(Channel.name) == "") & (col(Channel.requested_name) == value))


def _limit(value: str) -> ColumnElement[bool]:
    rank = listing.limit_rank(value)
    if rank == listing.LIMIT_UNTOLD:
        return false()
    known = col(Channel.limit_rank) == rank
    is_word = rank == listing.LIMIT_UNKNOWN
    return known & (col(Channel.messaging_limit) == value) if is_word else known


def _quality(value: str) -> ColumnElement[bool]:
    if value.lower() == "unknown":
        return col(Channel.quality_rank) >= listing.QUALITY_UNKNOWN
    rank = _QUALITY.get(value.lower())
    return false() if rank is None else col(Channel.quality_rank) == rank


def _verification(value: str) -> ColumnElement[bool]:
    told = func.lower(col(WabaAccount.business_verification))
    if value == "not_verified":
        others = [word for word in VERIFICATIONS if word != "not_verified"]
        return told.not_in([*others, ""])
    return told == value if value in VERIFICATIONS else false()


def _waba_status(value: str) -> ColumnElement[bool]:
    return (
        func.lower(
            func.coalesce(func.nullif(col(WabaAccount.review_status), ""), col(WabaAccount.status))
        )
        == value
    )


def _sharing(value: str) -> ColumnElement[bool]:
    words = {SHARED: False, TAKEN_AWAY: True}
    return col(WabaAccount.removed).is_(words[value]) if value in words else false()


def _meta_id(value: str) -> ColumnElement[bool]:
    # An account that was let go keeps Meta's id in front of ours.
    former = col(WabaAccount.external_id).startswith(f"{value}-", autoescape=True)
    return or_(col(WabaAccount.external_id) == value, former)


def _project(value: str) -> ColumnElement[bool]:
    if not value.endswith("PR"):
        return false()
    return col(Channel.client_id) == f"{value[:-2]}CL"


def _licence(value: str) -> ColumnElement[bool]:
    return col(Channel.id).in_(select(col(Licence.open_key)).where(col(Licence.tier) == value))


CHANNEL_FILTERS: dict[str, Condition] = {
    "id": equals(col(Channel.id)),
    "client_id": equals(col(Channel.client_id)),
    "waba_account_id": equals(col(Channel.waba_account_id)),
    "status": unless_unknown(col(Channel.status)),
    "hub_status": equals(col(Channel.state)),
    "account_mode": unless_unknown(col(Channel.account_mode)),
    "current_limit": _limit,
    "current_quality_rating": _quality,
    "external_id": equals(col(Channel.external_id)),
    "created_at": at(col(Channel.created_at)),
    "modified_at": at(col(Channel.modified_at)),
    "is_on_biz_app": is_flag(col(Channel.is_on_biz_app)),
    "setup_info.phone_number": _phone,
    "setup_info.phone_name": _name,
    "setup_info.was_in_use": is_flag(col(Channel.is_on_biz_app)),
    "setup_info.ivr": always("false"),
    "setup_info.verification_method": always(None),
    "setup_info.new_name_status": equals(col(Channel.name_status)),
    "setup_info.default_language": _of_client("contact_info.language"),
    "setup_info.has_integration_layer": always("true"),
    "setup_info.configuration_type": always("cloud_api"),
    "setup_info.region": equals(col(Channel.region)),
    "setup_info.shards_number": always("1"),
    **{f"client.{key}": _of_client(key) for key in CLIENT_FILTERS},
    "waba_account.id": equals(col(Channel.waba_account_id)),
    "waba_account.external_id": _of_waba(_meta_id),
    "waba_account.client_id": equals(col(Channel.client_id)),
    "waba_account.name": _of_waba(equals(col(WabaAccount.name))),
    "waba_account.namespace": _of_waba(equals(col(WabaAccount.namespace))),
    "waba_account.status": _of_waba(_waba_status),
    "waba_account.fb_account_status": _of_waba(_verification),
    "waba_account.fb_business_id": _of_waba(equals(col(WabaAccount.owner_business_id))),
    "waba_account.consents": always(None),
    "waba_account.created_at": _of_waba(at(col(WabaAccount.created_at))),
    "waba_account.created_by.user_id": equals(col(Channel.client_id)),
    "waba_account.created_by.user_name": _of_client("name"),
    "waba_account.on_behalf_of_business_info.id": _of_waba(
        equals(col(WabaAccount.owner_business_id))
    ),
    "waba_account.on_behalf_of_business_info.name": _of_waba(
        equals(col(WabaAccount.owner_business_name))
    ),
    "waba_account.on_behalf_of_business_info.status": _of_waba(_sharing),
    "waba_account.on_behalf_of_business_info.type": _of_waba(
        equals(col(WabaAccount.ownership_type))
    ),
    "project.id": _project,
    "project.name": _of_client("name"),
    "project.license_model": _licence,
}
CHANNEL_SORTS: dict[str, Any] = {
    "id": col(Channel.id),
    "client_id": col(Channel.client_id),
    "status": col(Channel.status),
    "account_mode": col(Channel.account_mode),
    "current_limit": col(Channel.limit_rank),
    "current_quality_rating": col(Channel.quality_rank),
    "external_id": col(Channel.external_id),
    "created_at": col(Channel.created_at),
    "modified_at": col(Channel.modified_at),
    "setup_info.phone_number": col(Channel.phone_number),
    "setup_info.phone_name": col(Channel.name_key),
    "client.name": col(Channel.client_key),
}
CHANNELS = ListOf(
    key=col(Channel.id),
    newest=col(Channel.created_at),
    filters=CHANNEL_FILTERS,
    sorts=CHANNEL_SORTS,
    beside=(FREE_TEXT,),
)

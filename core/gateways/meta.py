"""Meta's Graph API as the hub calls it; the port is `core.ports.Meta`.

Only base URL and version come from the settings: the same code speaks to Meta and to the sandbox.
Source: contracts/meta.md sections 3 to 7.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from core.accounts.meta_reading import NUMBER_FIELDS, WABA_FIELDS
from core.clock import Clock, SystemClock
from core.errors import MetaError
from core.gateways.graph import Graph, Json, node_id
from core.operations.way_out import OPEN, WayOut
from core.ports import MetaToken
from core.settings import Settings

_TEMPLATE_FIELDS = (
    "id,name,language,status,category,sub_category,correct_category,parameter_format,components,"
    "quality_score,rejected_reason"
)
_FLOW_FIELDS = "id,name,status,categories,validation_errors,json_version,endpoint_uri"
_SOLUTION_FIELDS = "id,name,status,status_for_pending_request"


class GraphMeta:
    """`core.ports.Meta` over HTTP; `transport` is for tests."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        way_out: WayOut = OPEN,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._graph = Graph(settings, way_out=way_out, transport=transport)

    def exchange_code(self, code: str) -> MetaToken:
        """Not repeatable. Without `redirect_uri`: the popup of the JavaScript SDK has none."""
        answer = self._graph.get(
            "oauth/access_token",
            client_id=self._settings.meta_app_id,
            client_secret=self._settings.meta_app_secret.get_secret_value(),
            code=code,
        )
        seconds = answer.get("expires_in")
        limited = isinstance(seconds, int) and seconds > 0
        return MetaToken(
            value=_required(answer, "access_token"),
            expires_at=self._clock.now() + timedelta(seconds=int(seconds or 0))
            if limited
            else None,
        )

    def debug_token(self, token: str) -> Json:
        """The `data` object, as the app sees the token."""
        data = self._graph.get("debug_token", self._app_token(), input_token=token).get("data")
        return data if isinstance(data, dict) else {}

    def waba(self, waba_id: str, token: str) -> Json:
        return self._graph.get(node_id(waba_id), token, fields=WABA_FIELDS)

    def phone_numbers(self, waba_id: str, token: str) -> list[Json]:
        return self._graph.pages(
            f"{node_id(waba_id)}/phone_numbers",
            token,
            fields=NUMBER_FIELDS,
            sort="last_onboarded_time.desc",
        )

    def phone_number(self, phone_id: str, token: str) -> Json:
        return self._graph.get(node_id(phone_id), token, fields=NUMBER_FIELDS)

    def subscribe(self, waba_id: str, token: str) -> None:
        self._graph.post(f"{node_id(waba_id)}/subscribed_apps", token)

    def is_subscribed(self, waba_id: str, token: str) -> bool:
        rows = self._graph.get(f"{node_id(waba_id)}/subscribed_apps", token).get("data") or []
        apps = [row.get("whatsapp_business_api_data") or {} for row in rows]
        return any(str(app.get("id")) == self._settings.meta_app_id for app in apps)

    def unsubscribe(self, waba_id: str, token: str) -> None:
        self._graph.delete(f"{node_id(waba_id)}/subscribed_apps", token)

    def storage_region(self, phone_id: str, token: str) -> str | None:
        answer = self._graph.get(f"{node_id(phone_id)}/settings", token)
        storage = answer.get("storage_configuration") or {}
        # AWS's mirror of the answer calls it by the longer name.
        region = storage.get("data_localization_region")
        return str(region) if region else None

    def set_storage_region(self, phone_id: str, region: str, token: str) -> None:
        storage = {
            "status": "IN_COUNTRY_STORAGE_ENABLED",
            "data_localization_region": region,
        }
        self._graph.post(f"{node_id(phone_id)}/settings", token, {"storage_configuration": storage})

    def register(self, phone_id: str, pin: str, token: str) -> None:
        body = {"messaging_product": "whatsapp", "pin": pin}
        self._graph.post(f"{node_id(phone_id)}/register", token, body)

    def deregister(self, phone_id: str, token: str) -> None:
        self._graph.post(f"{node_id(phone_id)}/deregister", token)

    def sync_app_data(self, phone_id: str, sync_type: str, token: str) -> str:
        body = {"messaging_product": "whatsapp", "sync_type": sync_type}
        answer = self._graph.post(f"{node_id(phone_id)}/smb_app_data", token, body)
        return _required(answer, "request_id")

    def client_wabas(self, created_after: datetime) -> list[Json]:
        after = {
            "field": "creation_time",
            "operator": "GREATER_THAN",
            "value": int(created_after.timestamp()),
        }
        return self._graph.pages(
            f"{node_id(self._settings.meta_business_id)}/client_whatsapp_business_accounts",
            self._system_token(),
            fields="id,name,creation_time,owner_business_info",
            filtering=json.dumps([after]),
            sort="creation_time_descending",
        )

    def solution(self, solution_id: str) -> Json:
        return self._graph.get(node_id(solution_id), self._system_token(), fields=_SOLUTION_FIELDS)

    def solution_token(self, solution_id: str, business_id: str) -> MetaToken:
        """A token for one client of the solution; repeatable, unlike the code."""
        answer = self._graph.get(
            f"{node_id(solution_id)}/access_token", self._system_token(), business_id=business_id
        )
        ends = answer.get("expires_at")
        limited = isinstance(ends, int) and ends > 0
        return MetaToken(
            value=_required(answer, "access_token"),
            expires_at=datetime.fromtimestamp(int(ends or 0), UTC) if limited else None,
        )

    def templates(self, waba_id: str, token: str) -> list[Json]:
        return self._graph.pages(
            f"{node_id(waba_id)}/message_templates", token, fields=_TEMPLATE_FIELDS
        )

    def create_template(self, waba_id: str, template: dict[str, Any], token: str) -> Json:
        return self._graph.post(f"{node_id(waba_id)}/message_templates", token, template)

    def edit_template(self, template_id: str, changes: dict[str, Any], token: str) -> None:
        self._graph.post(node_id(template_id), token, changes)

    def delete_template(
        self, waba_id: str, name: str, token: str, template_id: str | None = None
    ) -> None:
        only = {"hsm_id": template_id} if template_id else {}
        self._graph.delete(f"{node_id(waba_id)}/message_templates", token, name=name, **only)

    def flows(self, waba_id: str, token: str) -> list[Json]:
        return self._graph.pages(f"{node_id(waba_id)}/flows", token, fields=_FLOW_FIELDS)

    def flow(self, flow_id: str, token: str) -> Json:
        fields = f"{_FLOW_FIELDS},whatsapp_business_account"
        return self._graph.get(node_id(flow_id), token, fields=fields)

    def create_flow(self, waba_id: str, flow: dict[str, Any], token: str) -> str:
        return _required(self._graph.post(f"{node_id(waba_id)}/flows", token, flow), "id")

    def upload_flow_json(self, flow_id: str, content: bytes, token: str) -> list[Json]:
        file = ("flow.json", content, "application/json")
        answer = self._graph.upload(
            f"{node_id(flow_id)}/assets", token, file, name="flow.json", asset_type="FLOW_JSON"
        )
        return [row for row in answer.get("validation_errors") or [] if isinstance(row, dict)]

    def publish_flow(self, flow_id: str, token: str) -> None:
        self._graph.post(f"{node_id(flow_id)}/publish", token)

    def commerce_settings(self, phone_id: str, token: str) -> list[Json]:
        answer = self._graph.get(f"{node_id(phone_id)}/whatsapp_commerce_settings", token)
        return [row for row in answer.get("data") or [] if isinstance(row, dict)]

    def solutions_of(self, waba_id: str, token: str) -> list[str]:
        rows = self._graph.get(f"{node_id(waba_id)}/solutions", token).get("data") or []
        return [str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row]

    def close(self) -> None:
        """Close the pooled connections."""
        self._graph.close()

    def _app_token(self) -> str:
        secret = self._settings.meta_app_secret.get_secret_value()
        return f"{self._settings.meta_app_id}|{secret}"

    def _system_token(self) -> str:
        return self._settings.meta_system_user_token.get_secret_value()


def _required(answer: Json, name: str) -> str:
    """Raises MetaError (135000, generic) when Meta's answer lacks what it promises."""
    value = answer.get(name)
    if not isinstance(value, str | int) or not str(value):
        raise MetaError(f"Meta's answer has no {name}", meta_code=135000)
    return str(value)

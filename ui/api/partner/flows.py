"""WhatsApp Flows and commerce settings: Meta's own things, read and changed through the hub."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from core.errors import InvalidInput
from ui.api.partner.answers import answer, listed
from ui.api.partner.asked import documented, page_of, path_id
from ui.api.partner.bodies import MALFORMED
from ui.api.partner.call import PARTNER, Called
from ui.api.partner.describe import told
from ui.api.partner.schemas.templates import (
    CommerceSettings,
    FlowId,
    FlowList,
    FlowPublished,
    FlowUploaded,
    NewFlow,
)

log = structlog.get_logger()

_ALL = f"{PARTNER}/waba_accounts/{{waba_id}}/flows"
_ONE = f"{_ALL}/{{flow_id}}"
_COMMERCE = f"{PARTNER}/clients/{{client_id}}/channels/{{channel_id}}/whatsapp_commerce_settings"
_NAMES = ("id", "name", "status")
_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "The flow's JSON.",
                        },
                        "name": {"type": "string", "description": "Always flow.json."},
                        "asset_type": {"type": "string", "description": "Always FLOW_JSON."},
                    },
                }
            }
        },
    }
}


async def _file(request: Request) -> bytes | InvalidInput:
    """The file of a multipart form, or what is wrong with it (malformed: 422).

    Not raised here: first comes who asks, and strangers learn nothing of their bodies.
    """
    await request.body()  # kept, so that it can be read again
    try:
        async with request.form(max_files=2, max_fields=20) as form:
            file = form.get("file")
            if isinstance(file, UploadFile):
                return await file.read()
    except (HTTPException, MultiPartException, UnicodeDecodeError) as error:
        log.info("api_form_unreadable", error=type(error).__name__)
        return InvalidInput("the form cannot be read", code=MALFORMED)
    return InvalidInput(
        "the form has no file", code=MALFORMED, details=("file: send flow.json as multipart",)
    )


Uploaded = Annotated[bytes | InvalidInput, Depends(_file)]


def routes(router: APIRouter) -> None:
    @router.get(_ALL, **told("List flows", FlowList, lists=documented(_NAMES, _NAMES)))
    def list_flows(call: Called) -> Response:
        who, query = call.who, call.listing()
        rows = call.hub.assets.flows(who, path_id(call, "waba_id"))
        by = {name: _word(name) for name in _NAMES}
        return listed("flows", page_of(rows, query, filters=by, sorts=by), query)

    @router.post(_ALL, **told("Create a flow", FlowId, takes=NewFlow))
    def create_flow(call: Called) -> Response:
        who, given = call.who, call.body(NewFlow).model_dump(exclude_none=True)
        return answer({"id": call.hub.assets.create_flow(who, path_id(call, "waba_id"), given)})

    upload = told(
        "Upload a flow's JSON",
        FlowUploaded,
        about="Replaces the draft's JSON. With faults it is kept, and cannot be published.",
        writes=True,
    )
    upload["openapi_extra"] = upload["openapi_extra"] | _FILE

    @router.post(f"{_ONE}/assets", **upload)
    def upload_flow(call: Called, file: Uploaded) -> Response:
        who, flow_id = call.who, path_id(call, "flow_id")
        if isinstance(file, InvalidInput):
            raise file
        faults = call.hub.assets.upload_flow_json(who, path_id(call, "waba_id"), flow_id, file)
        return answer({"id": flow_id, "success": True, "validation_errors": faults})

    @router.post(
        f"{_ONE}/publish",
        **told(
            "Publish a flow",
            FlowPublished,
            about="For good. Meta refuses it (139000) while its JSON has faults.",
            writes=True,
        ),
    )
    def publish_flow(call: Called) -> Response:
        who, flow_id = call.who, path_id(call, "flow_id")
        call.hub.assets.publish_flow(who, path_id(call, "waba_id"), flow_id)
        return answer({"id": flow_id, "success": True})

    @router.get(_COMMERCE, **told("Get commerce settings", CommerceSettings))
    def get_commerce_settings(call: Called) -> Response:
        who, place = call.who, (path_id(call, "client_id"), path_id(call, "channel_id"))
        return answer({"data": call.hub.assets.commerce_settings(who, *place)})


def _word(name: str) -> Any:
    return lambda flow: str(flow.get(name, ""))

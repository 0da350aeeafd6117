"""All routes of the Meta room on one router: Graph, SDK, popup and control."""

from fastapi import APIRouter, Request, Response
from starlette.convertors import StringConvertor, register_url_convertor

from sandbox.meta import (
    businesses,
    commerce,
    credit,
    flows,
    oauth,
    phones,
    registration,
    solutions,
    templates,
    wabas,
)
from sandbox.meta.control import build_control_router
from sandbox.meta.graph import GraphServer, Table
from sandbox.meta.popup import build_popup_router
from sandbox.meta.world import MetaWorld

TABLES = (
    oauth.TABLE,
    wabas.TABLE,
    phones.TABLE,
    commerce.TABLE,
    registration.TABLE,
    templates.TABLE,
    flows.TABLE,
    businesses.TABLE,
    solutions.TABLE,
    credit.TABLE,
)


class _GraphVersion(StringConvertor):
    # Narrow, so that Graph paths never swallow another room's addresses.
    regex = r"v[0-9]+(?:\.[0-9]+)?"


register_url_convertor("graph_version", _GraphVersion())


def build_router(world: MetaWorld) -> APIRouter:
    """The room as one router; the dialog is matched before Graph's catch-all."""
    table: Table = {}
    for part in TABLES:
        table |= part
    server = GraphServer(world, table)

    async def graph(version: str, path: str, request: Request) -> Response:
        return await server.answer(request, version, path)

    router = APIRouter()
    router.include_router(build_control_router(world))
    router.include_router(build_popup_router(world))
    router.add_api_route(
        "/{version:graph_version}/{path:path}",
        graph,
        methods=["GET", "POST", "DELETE"],
        response_model=None,
        include_in_schema=False,
    )
    return router

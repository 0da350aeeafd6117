"""The peer: what most people write with the same framework, 500 labels, one per cell.

`python -m bench.peer PORT`.
"""

from __future__ import annotations

import sys

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from nicegui import ui

from bench.floor import serve

_LABELS = 500


def app() -> FastAPI:
    api = FastAPI()

    @api.get("/healthz")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @ui.page("/")
    def page() -> None:
        for number in range(_LABELS):
            ui.label(f"Number {number}")

    ui.run_with(api, show_welcome_message=False)
    return api


if __name__ == "__main__":
    serve(app(), int(sys.argv[1]))

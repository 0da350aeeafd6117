"""Handing an invoice's PDF to the browser."""

from __future__ import annotations

from nicegui import ui

from core.errors import Conflict
from ui.context import PageContext
from ui.dialogs import toast


async def download(page: PageContext, invoice_id: str) -> None:
    """The file as it was made once; says so while the worker still draws it."""
    try:
        file = await page.call(page.hub.billing.invoices.pdf, invoice_id)
    except Conflict:
        toast("The PDF is being made. Try again in a few seconds.", "info")
        return
    ui.download.content(file.content, file.name, "application/pdf")

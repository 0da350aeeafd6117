"""What the simulated browsers of the tests must not do to each other."""

from __future__ import annotations

from threading import Thread

from nicegui import ui
from nicegui.functions.notify import notify

from tests.ui.conftest import Serve


async def test_a_browser_that_a_test_left_behind_takes_no_toasts(serve: Serve) -> None:
    async with serve() as site:
        left = site.browser()
        await left.look("/")
    assert not isinstance(left, Thread)  # NiceGUI asks so about every object for its server
    assert ui.notify is notify

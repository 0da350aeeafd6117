"""The press renders in processes of its own, and comes back when one of them dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.rendering import InvoicePress, render
from tests.support.invoices import invoice
from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[2]


@pytest.fixture
def press() -> Iterator[InvoicePress]:
    with InvoicePress() as started:
        yield started


def test_the_press_gives_the_same_bytes_as_the_pure_function(press: InvoicePress) -> None:
    documents = [invoice(kind) for kind in InvoiceKind]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(press.render, documents)) == [render(d) for d in documents]


def test_a_press_whose_worker_was_killed_goes_on(press: InvoicePress) -> None:
    document = invoice(InvoiceKind.PLAN)
    press.render(document)
    for worker in multiprocessing.active_children():
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
    assert press.render(document) == render(document)


@pytest.mark.parametrize("is_born", [True, False])
def test_a_terminals_ctrl_c_is_the_hubs_matter(press: InvoicePress, is_born: bool) -> None:
    """It goes to every process of the terminal; a worker that dies of it may take the hub along."""
    document = invoice(InvoiceKind.PLAN)
    if is_born:
        press.render(document)
    with ThreadPoolExecutor(1) as thread:
        drawing = thread.submit(press.render, document)
        wait_for(multiprocessing.active_children)
        workers = multiprocessing.active_children()
        for worker in workers:
            os.kill(worker.pid or 0, signal.SIGINT)
        assert drawing.result(60) == render(document)
    assert multiprocessing.active_children() == workers


def test_a_closed_press_leaves_no_process_behind() -> None:
    before = set(multiprocessing.active_children())
    press = InvoicePress().start()
    press.render(invoice(InvoiceKind.PLAN))
    assert set(multiprocessing.active_children()) > before
    press.close()
    assert set(multiprocessing.active_children()) == before


def test_a_hub_that_is_killed_leaves_no_worker_behind() -> None:
    hub = subprocess.Popen(
        [sys.executable, "-c", _HUB], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert hub.stdout is not None
    worker = int(hub.stdout.readline())
    hub.kill()
    hub.communicate()
    wait_for(lambda: not _runs(worker), seconds=30)


_HUB = """
import multiprocessing, time
from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.rendering import InvoicePress
from tests.support.invoices import invoice
press = InvoicePress().start()
press.render(invoice(InvoiceKind.PLAN))
print(multiprocessing.active_children()[0].pid, flush=True)
time.sleep(600)
"""


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")  # nobody may be there to bury it
    return not state.exists() or state.read_text().split()[2] != "Z"

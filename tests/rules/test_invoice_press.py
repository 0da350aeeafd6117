"""The press renders in processes of its own, and comes back when one of them dies."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.billing.invoices.document import InvoiceKind
from core.billing.invoices.rendering import InvoicePress, render
from tests.support.invoices import invoice


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


def test_a_closed_press_leaves_no_process_behind() -> None:
    before = set(multiprocessing.active_children())
    press = InvoicePress().start()
    press.render(invoice(InvoiceKind.PLAN))
    assert set(multiprocessing.active_children()) > before
    press.close()
    assert set(multiprocessing.active_children()) == before

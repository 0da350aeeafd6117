"""From a document to the bytes that are stored: pure, and in a process of its own when served.

fpdf2 holds the interpreter for milliseconds an invoice, so pages would stall (performance.md,
rule 7). The press is started once and closed at the end; it knows neither database nor disk.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Lock, Thread
from types import TracebackType
from typing import Self, TypeVar

from core.billing.invoices.document import InvoiceDocument
from core.billing.invoices.paper.faces import Part, Weight, face
from core.billing.invoices.paper.invoice import invoice_pdf
from core.billing.invoices.paper.statement import statement_pdf
from core.billing.invoices.statement import Statement
from core.billing.invoices.xml import cii_xml

_T = TypeVar("_T")
_LOOK_EVERY = 1  # seconds


def render(document: InvoiceDocument) -> bytes:
    """The invoice as PDF/A-3 with its XML; the same document gives the same bytes anywhere."""
    return invoice_pdf(document, cii_xml(document))


def begin(parent: int) -> None:
    """In a worker: faces are parsed before the first invoice, and it ends when `parent` is gone.

    A hub that is killed cannot close its press, and a worker would wait for work for ever.
    """
    Thread(target=_end_with, args=(parent,), daemon=True).start()
    load_faces()


def load_faces() -> None:
    """Parses the faces before the first invoice asks for them."""
    for part in Part:
        for weight in Weight:
            face(part, weight)


class InvoicePress:
    """Worker processes that render; calls wait for the result, so call it from a thread."""

    def __init__(self, workers: int = 1) -> None:
        """The processes start with the first document, so that a press costs nothing unused."""
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._changing = Lock()

    def start(self) -> Self:
        """Ready to render; a second call changes nothing."""
        self._running()
        return self

    def render(self, document: InvoiceDocument) -> bytes:
        """`rendering.render` in a worker."""
        return self._call(render, document)

    def render_statement(self, statement: Statement) -> bytes:
        """`statement_pdf` in a worker; takes seconds for a hundred thousand rows."""
        return self._call(statement_pdf, statement)

    def close(self) -> None:
        """Ends the workers after what they are at."""
        with self._changing:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _call(self, work: Callable[[_T], bytes], value: _T) -> bytes:
        """A killed worker breaks its pool; rendering is pure, so a new one does it again, once."""
        pool = self._running()
        try:
            return _submit(pool, work, value).result()
        except BrokenProcessPool:
            self._drop(pool)
        return _submit(self._running(), work, value).result()

    def _running(self) -> ProcessPoolExecutor:
        with self._changing:
            if self._pool is None:
                # spawn: a fork would copy the locks of the hub's threads in whatever state.
                self._pool = ProcessPoolExecutor(
                    self._workers,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=begin,
                    initargs=(os.getpid(),),
                )
            return self._pool

    def _drop(self, broken: ProcessPoolExecutor) -> None:
        with self._changing:
            if self._pool is broken:  # else another thread was first
                self._pool = None
        broken.shutdown()


def _submit(pool: ProcessPoolExecutor, work: Callable[[_T], bytes], value: _T) -> Future[bytes]:
    """A worker that begins with it is born deaf to Ctrl-C.

    A terminal sends that to every process; one that dies of it while it is being born takes its
    pool's thread with it, and the hub would wait for the document for ever.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(work, value)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    os._exit(0)

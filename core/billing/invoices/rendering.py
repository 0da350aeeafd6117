"""From a document to the bytes that are stored: pure, and in a process of its own when served.

fpdf2 holds the interpreter for milliseconds an invoice, so pages would stall (performance.md,
rule 7). The press is started once and closed at the end; it knows neither database nor disk.
"""

from __future__ import annotations

import multiprocessing
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Self

from core.billing.invoices.document import InvoiceDocument
from core.billing.invoices.faces import Part, Weight, face
from core.billing.invoices.pdf import invoice_pdf
from core.billing.invoices.statement import Statement
from core.billing.invoices.statement_pdf import statement_pdf
from core.billing.invoices.xml import cii_xml


def render(document: InvoiceDocument) -> bytes:
    """The invoice as PDF/A-3 with its XML; the same document gives the same bytes anywhere."""
    return invoice_pdf(document, cii_xml(document))


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

    def start(self) -> Self:
        """Ready to render; a second call changes nothing."""
        if self._pool is None:
            # spawn: a fork would copy the hub's threads' locks in whatever state they are.
            self._pool = ProcessPoolExecutor(
                self._workers,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=load_faces,
            )
        return self

    def render(self, document: InvoiceDocument) -> bytes:
        """`rendering.render` in a worker; raises BrokenProcessPool when the worker was killed."""
        return self._call(self._running().submit(render, document))

    def render_statement(self, statement: Statement) -> bytes:
        """`statement_pdf` in a worker; takes seconds for a hundred thousand rows."""
        return self._call(self._running().submit(statement_pdf, statement))

    def close(self) -> None:
        """Ends the workers after what they are at."""
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

    def _running(self) -> ProcessPoolExecutor:
        self.start()
        assert self._pool is not None  # noqa: S101 - what start() made
        return self._pool

    def _call(self, future: Future[bytes]) -> bytes:
        """A worker that died takes its pool along: the next call starts a new one."""
        try:
            return future.result()
        except BrokenProcessPool:
            self.close()
            raise

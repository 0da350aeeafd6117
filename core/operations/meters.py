"""What a process counts about itself, for Prometheus.

Labels are words of ours: route templates, methods, statuses, results. Never an id, an address or a
name: there would be as many series as partners, and they would be readable by whoever scrapes.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, Info, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from core.operations.figures import Figure
from core.operations.way_out import Result, Whom
from core.version import VERSION

MEDIA_TYPE = CONTENT_TYPE_LATEST
# Around what is promised: a page within 10 ms, Meta answered within 250, a person waits 1 s.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

Look = Callable[[], Iterable[Figure]]


class Meters:
    """One for each process; thread-safe."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=True)
        self._requests = Counter(
            "hub_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._request_seconds = Histogram(
            "hub_request_seconds",
            "How long answers took.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._calls = Counter(
            "hub_outgoing_calls",
            "Calls to the outside, by what became of them.",
            ("to", "result"),
            registry=self._registry,
        )
        self._call_seconds = Histogram(
            "hub_outgoing_call_seconds",
            "How long calls to the outside took.",
            ("to",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._intake = Counter(
            "hub_intake",
            "Webhooks that came in, by the status they were answered with.",
            ("source", "status"),
            registry=self._registry,
        )
        self._lag = Histogram(
            "hub_event_loop_lag_seconds",
            "How late the event loop came to what was due.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        about = {"version": VERSION, "python": platform.python_version()}
        Info("hub_build", "What runs here.", registry=self._registry).info(about)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def call(self, whom: Whom, result: Result, seconds: float) -> None:
        self._calls.labels(whom.value, result.value).inc()
        self._call_seconds.labels(whom.value).observe(seconds)

    def intake(self, source: str, status: int) -> None:
        self._intake.labels(source, str(status)).inc()

    def lag(self, seconds: float) -> None:
        self._lag.observe(seconds)

    def watch(self, look: Look) -> None:
        """Ask `look` for figures whenever somebody scrapes."""
        self._registry.register(_Watched(look))

    def text(self) -> bytes:
        """Everything, as Prometheus reads it; what is watched is asked now, in this thread."""
        return generate_latest(self._registry)


class _Watched:
    """Makes families of figures; says nothing of itself beforehand, for that would be a look."""

    def __init__(self, look: Look) -> None:
        self._look = look

    def describe(self) -> Sequence[GaugeMetricFamily]:
        return ()

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        families: dict[str, GaugeMetricFamily | CounterMetricFamily] = {}
        for figure in self._look():
            family = families.setdefault(figure.name, _family(figure))
            family.add_metric(list(figure.labels.values()), figure.value)
        return families.values()


def _family(figure: Figure) -> GaugeMetricFamily | CounterMetricFamily:
    kind = CounterMetricFamily if figure.only_grows else GaugeMetricFamily
    return kind(figure.name, figure.about, labels=list(figure.labels))

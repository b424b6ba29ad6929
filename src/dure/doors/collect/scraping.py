"""GET /metrics, for the operator's Prometheus: what all web processes have counted, as text."""

from __future__ import annotations

from collections.abc import Iterable
from hmac import compare_digest
from itertools import accumulate

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from dure.doors.collect import exchange, metrics
from dure.doors.collect.exchange import Receive, Scope, Send, UsePost
from dure.doors.collect.measures import MEASURES, Measure
from dure.errors import NotSignedIn, Refusal


class UseGet(UsePost):
    """Only GET is answered here."""

    allow = b"GET"


class NotTheOperator(NotSignedIn):
    """Metrics are for the operator; send the token of DURE_METRICS_TOKEN as a Bearer token."""


async def scrape(scope: Scope, _receive: Receive, send: Send, *, token: str) -> None:
    """Reply with all metrics to whoever sends the operator's token."""
    try:
        _check(scope, token=token)
    except Refusal as refusal:
        await exchange.refuse(send, refusal)
        return
    await exchange.send_whole(
        send, 200, generate_latest(_Sums()), kind=CONTENT_TYPE_PLAIN_0_0_4.encode()
    )


def _check(scope: Scope, *, token: str) -> None:
    assert token
    if scope["method"] != "GET":
        raise UseGet
    given = dict(scope["headers"]).get(b"authorization", b"")
    if not compare_digest(given, b"Bearer " + token.encode()):
        raise NotTheOperator


class _Sums(Collector):
    def collect(self) -> Iterable[Metric]:
        sums = metrics.counts.sums()
        for measure in MEASURES:
            yield _family(measure, sums)


def _family(measure: Measure, sums: list[float]) -> Metric:
    if measure.kind == "histogram":
        histogram = HistogramMetricFamily(measure.name, measure.help, labels=measure.labels)
        for labels, place in measure.places.items():
            *tallies, total = sums[place : place + measure.width]
            bounds = [*map(str, map(float, measure.bounds)), "+Inf"]
            buckets = list(zip(bounds, accumulate(tallies), strict=True))
            histogram.add_metric(labels, buckets, sum_value=total)
        return histogram
    form = CounterMetricFamily if measure.kind == "counter" else GaugeMetricFamily
    family = form(measure.name, measure.help, labels=measure.labels)
    for labels, place in measure.places.items():
        family.add_metric(labels, sums[place])
    return family

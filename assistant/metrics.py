"""/metrics: what Prometheus reads, out of the database, and so of all processes together."""

from collections.abc import Iterator

from flask import Blueprint, Response, current_app, request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from assistant.clients import is_among
from assistant.database import reading
from assistant.errors import RefusedError
from assistant.runs import queries, queue
from assistant.runs.evidence import evidence_queries
from assistant.runs.tables import LOADING, STALLED, WARM, WARMING
from assistant.tallies import ASKED, DRAWN, ENDED, TRAINED, WAITED, tallies

metrics = Blueprint("metrics", __name__)
LOOPBACK = "127.0.0.0/8 ::1"


@metrics.get("/metrics")
def read() -> Response:
    """Return all metrics, to this machine and to the addresses of METRICS_FROM."""
    settings = current_app.config["SETTINGS"]
    # A request that a proxy forwarded, although none is trusted, seems to come from this machine.
    unknown_proxy = "X-Forwarded-For" in request.headers and not settings.trusted_proxies
    if unknown_proxy or not is_among(request.remote_addr or "", f"{LOOPBACK} {settings.metrics_from}"):
        raise RefusedError("The metrics are for this machine, and for the addresses in the setting METRICS_FROM.")
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    with reading():
        answer = Response(encode(FromDatabase()), content_type=content_type)
    answer.headers["Cache-Control"] = "no-store"
    return answer


class FromDatabase(Collector):
    """Reads each metric from the database when it is asked for."""

    def collect(self) -> Iterator[Metric]:
        """Yield all metrics."""
        asked = tallies(ASKED)
        questions = CounterMetricFamily("askneuron_questions", "Questions that were asked.", labels=["outcome"])
        for outcome, row in asked.items():
            questions.add_metric([outcome], row.count)
        yield questions
        yield _summary("askneuron_matching_seconds", "Finding what a question means.", ASKED, "outcome")

        runs = GaugeMetricFamily("askneuron_runs", "Runs that are stored.", labels=["state"])
        for state, count in queries.count_by_state().items():
            runs.add_metric([state], count)
        yield runs
        ended = CounterMetricFamily("askneuron_runs_ended", "Runs that came to an end.", labels=["state"])
        for state, row in tallies(ENDED).items():
            ended.add_metric([state], row.count)
        yield ended
        waiting = "Seconds that the oldest run waits which a visitor asked for."
        yield GaugeMetricFamily("askneuron_oldest_waiting_seconds", waiting, queries.waiting_since().total_seconds())
        yield _summary("askneuron_waiting_seconds", "From a visitor's asking for a run to its start.", WAITED)
        yield _summary("askneuron_training_seconds", "Compiling and training a run.", TRAINED, "experiment")
        yield _summary("askneuron_drawing_seconds", "Drawing a run's figures.", DRAWN, "experiment")

        states = [each.state for each in queue.live_workers()]
        workers = GaugeMetricFamily("askneuron_workers", "Workers that are alive.", labels=["state"])
        for state in (LOADING, WARMING, WARM, STALLED):
            workers.add_metric([state], states.count(state))
        yield workers

        judged = GaugeMetricFamily("askneuron_claims_judged", "Claims with many runs to date.", labels=["entry"])
        few = f"Of these, those that held in less than {evidence_queries.ENOUGH:.0%} of the runs to date."
        drifted = GaugeMetricFamily("askneuron_claims_drifted", few, labels=["entry"])
        for slug, (of, fell_short) in evidence_queries.drifted_claims().items():
            judged.add_metric([slug], of)
            drifted.add_metric([slug], fell_short)
        yield judged
        yield drifted


def _summary(name: str, help_text: str, tallied: str, label: str = "") -> SummaryMetricFamily:
    """Return how often something was done and how many seconds it took."""
    found = SummaryMetricFamily(name, help_text, labels=[label] if label else [])
    for value, row in tallies(tallied).items():
        found.add_metric([value] if label else [], row.count, row.seconds)
    return found

"""What a server counts, as Prometheus takes it; all processes of a server count together.

They do so in files of a folder, which the environment must name before prometheus_client is imported.
"""

import os
from pathlib import Path

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
SIZES = (1, 2, 4, 8, 16, 32, 64)
PATHS = ("/predict", "/health", "/ready", "/metrics", "/openapi.json")  # others are counted as one


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        from prometheus_client import Counter, Gauge, Histogram

        self._requests = Counter("kerasvgg_requests_total", "Requests that were answered.", ["path", "status"])
        self._seconds = Histogram(
            "kerasvgg_request_seconds", "Seconds from a request's head to its answer.", ["path"], buckets=SECONDS
        )
        self._pictures = Counter("kerasvgg_pictures_total", "Pictures of requests.", ["outcome"])
        self._batches = Histogram("kerasvgg_batch_pictures", "Pictures computed at a time.", buckets=SIZES)
        self._computing = Histogram("kerasvgg_batch_seconds", "Seconds that a batch took.", buckets=SECONDS)
        self._waiting = Gauge(
            "kerasvgg_queue_pictures", "Pictures that wait for an answer.", multiprocess_mode="livesum"
        )
        self._model = Gauge(
            "kerasvgg_model_info", "The model that answers.", ["model", "engine"], multiprocess_mode="livemax"
        )

    def request(self, path: str, status: int, seconds: float) -> None:
        """Counts a request."""
        known = path if path in PATHS else "other"
        self._requests.labels(known, status).inc()
        self._seconds.labels(known).observe(seconds)

    def picture(self, outcome: str) -> None:
        """Counts a picture: `answered`, or `refused` as none."""
        self._pictures.labels(outcome).inc()

    def batch(self, count: int, seconds: float) -> None:
        """Counts a batch."""
        self._batches.observe(count)
        self._computing.observe(seconds)

    def waiting(self, count: int) -> None:
        """Notes how many pictures wait."""
        self._waiting.set(count)

    def model(self, name: str, engine: str) -> None:
        """Notes what answers."""
        self._model.labels(name, engine).set(1)


def exposition() -> tuple[bytes, str]:
    """Returns the figures of all processes as text, and what kind of text that is."""
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST


def count_in(folder: Path) -> None:
    """Has this process, and those that it begins, count in a folder."""
    os.environ[FOLDER] = str(folder)


def forget(process: int) -> None:
    """Takes a process that has ended out of what is said of those that live."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(process)

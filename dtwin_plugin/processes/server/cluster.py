"""One job on a Dask cluster: inputs and results travel, progress is heard, and a worker that dies loses nothing."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable

from dtwin_plugin.errors import Cancelled, DtwinError

from ..media import Value
from .calculation import calculate
from .orders import Order
from .problems import of_error

_LOOK = 0.5  # s, between two questions to the scheduler whether the work must stop


class Remote:
    """Progress of work on a worker: told to the server as an event, and stopped by a mark that the server sets."""

    def __init__(self, job_id: str) -> None:
        from distributed import get_worker

        self._job, self._worker, self._asked, self._stop = job_id, get_worker(), 0.0, False
        self.warnings: list[str] = []

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Tell how far the work is."""
        text = message.format(**values) if values else message
        self._worker.log_event(topic_of(self._job), {"progress": int(100 * fraction), "message": text})

    def warn(self, message: str, **values: Any) -> None:
        """Keep a warning, which goes back with the results."""
        self.warnings.append(message.format(**values) if values else message)

    def is_cancelled(self) -> bool:
        """Tell whether the job was dismissed."""
        if time.monotonic() - self._asked > _LOOK:
            from distributed import Event

            self._asked = time.monotonic()
            self._stop = Event(topic_of(self._job), client=self._worker._get_client()).is_set()
        return self._stop


def topic_of(job_id: str) -> str:
    """Return the name under which a job is spoken of."""
    return f"dtwin-job-{job_id}"


def on_worker(job_id: str, order: Order, inputs: Mapping[str, Value]) -> dict[str, Any]:
    """Carry out an order on a worker: the files of its results as bytes, or what was wrong; the work of one task."""
    from dtwin_plugin.models import MODELS

    progress = Remote(job_id)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "results"
        try:
            calculate(MODELS[order.model], order, inputs, folder, progress)
        except Cancelled:
            return {"files": {}, "warnings": progress.warnings}
        except DtwinError as error:
            return {"problem": of_error(error), "warnings": progress.warnings}
        return {"files": {path.name: path.read_bytes() for path in folder.iterdir()}, "warnings": progress.warnings}


def run(
    client: Any,
    job_id: str,
    order: Order,
    inputs: Mapping[str, Value],
    heard: Callable[[int, str], None],
    stop: threading.Event,
) -> dict[str, Any]:
    """Have an order carried out on a cluster, and return what `on_worker` returns.

    Raises
    ------
    Cancelled
        If `stop` is set.
    """
    from distributed import Event
    from distributed import TimeoutError as NotYet

    topic = topic_of(job_id)
    client.subscribe_topic(topic, lambda event: heard(event[1]["progress"], event[1]["message"]))
    future = client.submit(on_worker, job_id, order, dict(inputs), key=topic, pure=False)
    try:
        while True:
            if stop.is_set():
                Event(topic, client=client).set()
                raise Cancelled
            try:
                return dict(future.result(timeout=_LOOK))
            except NotYet:
                continue
    finally:
        client.unsubscribe_topic(topic)
        future.cancel()

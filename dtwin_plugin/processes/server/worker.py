"""One job in a process of its own: `python -m dtwin_plugin.processes.server.worker`, told by a line on its input.

A process for each job can be stopped at once, and takes nothing with it when it dies. What it has to say stands in a
file in the folder of the job, which the server reads: how far it is, and at the end what became of it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

from dtwin_plugin.data.atomic import written_beside
from dtwin_plugin.errors import Cancelled, DtwinError

from .calculation import calculate, fetched
from .problems import of_error, of_fault
from .references import Reach
from .store import RESULTS, Store

TOLD = "told.json"
_EVERY = 0.3  # s, between two words on progress


class Told:
    """Progress that is written to a file."""

    def __init__(self, file: Path) -> None:
        self._file, self._next, self._parent = file, 0.0, os.getppid()
        self.said: dict[str, Any] = {"progress": 0, "message": "", "warnings": []}

    def report(self, fraction: float, message: str = "", **values: Any) -> None:
        """Keep how far the work is, and write it now and then."""
        self.said["progress"] = int(100 * min(1.0, max(0.0, fraction)))
        if message:
            self.said["message"] = message.format(**values) if values else message
        if time.monotonic() >= self._next:
            self.write()
            self._next = time.monotonic() + _EVERY

    def warn(self, message: str, **values: Any) -> None:
        """Keep a warning."""
        self.said["warnings"].append(message.format(**values) if values else message)

    def is_cancelled(self) -> bool:
        """Tell whether the server is gone; who stops the work otherwise ends this process."""
        return os.getppid() != self._parent

    def write(self, **more: Any) -> None:
        """Write all that was said."""
        with written_beside(self._file) as temporary:
            temporary.write_text(json.dumps({**self.said, **more}), encoding="utf-8")


def work(folder: Path, reach: Reach) -> None:
    """Carry out the order in the folder of a job, and tell how it ended."""
    from dtwin_plugin.models import MODELS

    told = Told(folder / TOLD)
    try:
        order = Store(folder.parent).order(folder.name)
        model = MODELS[order.model]
        calculate(model, order, fetched(order, model, reach.fetch), folder / RESULTS, told)
    except Cancelled:
        pass  # the next server begins again
    except DtwinError as error:
        told.write(problem=of_error(error))
    except Exception as fault:  # the server must hear of it, whatever it is
        logging.exception("job %s", folder.name)
        told.write(problem=of_fault(fault))
    else:
        told.report(1.0)
        told.write(done=True)


def reach_from(row: dict[str, Any]) -> Reach:
    """Return where inputs may come from, as the server gives it to its workers."""
    return Reach(Path(row["data"]) if row["data"] else None, tuple(row["hosts"]), row["largest"], row["timeout"])


def main() -> None:
    """Make ready, wait for a line of JSON with the folder of a job and its reach, and carry it out."""
    import dtwin_plugin.models.registry  # noqa: F401  (takes longer than a small job does)

    line = sys.stdin.readline()
    if line:
        row = json.loads(line)
        work(Path(row["folder"]), reach_from(row["reach"]))


if __name__ == "__main__":
    main()

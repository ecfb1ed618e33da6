"""The server with all models; `make serve` runs `python -m dtwin_plugin.processes.server --folder build/serve`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Any

from dtwin_plugin.models import MODELS
from dtwin_plugin.models.executors import scheduler_of

from .configuration import Place, left_out, write
from .manager import DAYS


def _place() -> Place:
    parser = argparse.ArgumentParser(prog="python -m dtwin_plugin.processes.server", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="for configuration and jobs")
    parser.add_argument("--host", default="127.0.0.1", help="to listen at; 0.0.0.0 for all (default: %(default)s)")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--url", default="", help="address by which others reach the server")
    parser.add_argument("--data", type=Path, help="folder whose files requests may name")
    parser.add_argument("--allow", action="append", default=[], metavar="HOST", help="inputs may come from this host")
    parser.add_argument("--workers", type=int, default=1, help="jobs at once (default: %(default)s)")
    parser.add_argument("--days", type=float, default=DAYS, help="that a job is kept (default: %(default)s)")
    found = parser.parse_args()
    hosts = tuple(found.allow)
    return Place(found.folder, found.host, found.port, found.url, found.data, hosts, found.workers, found.days)


def main() -> int:
    """Write the configuration, and serve until the process is ended."""
    place = _place()
    config, document = write(MODELS, place)
    os.environ["PYGEOAPI_CONFIG"], os.environ["PYGEOAPI_OPENAPI"] = str(config), str(document)
    from waitress import serve

    from .application import LARGEST, make_application

    application = make_application()
    for name, reason in left_out(MODELS.values()).items():
        _say(f"left out: {name}: {reason}")
    where = scheduler_of() or f"{place.workers} at once on this machine"
    _say(f"{len(MODELS) - len(left_out(MODELS.values()))} models at http://{place.host}:{place.port}, jobs: {where}")
    signal.signal(signal.SIGTERM, _leave)
    serve(application, host=place.host, port=place.port, threads=16, max_request_body_size=LARGEST, ident="dtwin")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _leave(*_: Any) -> None:
    raise SystemExit(0)  # so that jobs are put back in the queue


if __name__ == "__main__":
    sys.exit(main())

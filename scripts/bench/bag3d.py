"""How fast the 3DBAG client is: buildings per second against a server on this machine.

The baseline downloads the same pages and parses their JSON, and does nothing with them.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "servers")]

from dtwin_plugin.data import Extent  # noqa: E402
from dtwin_plugin.sources.bag3d import Bag3dSource  # noqa: E402
from dtwin_plugin.sources.bag3d_pages import CRS_URI  # noqa: E402
from dtwin_plugin.sources.requests_transport import RequestsTransport  # noqa: E402

BUILDINGS = 2000
AREA = Extent(84_000, 447_000, 85_000, 448_000)


def _server():
    """The server of the tests, as a module."""
    return importlib.import_module("bag3d_server")


def serve(count=BUILDINGS):
    """Run the server with its answers made beforehand, so that making them is not measured."""
    module = _server()
    state = module.Bag3d(module.street(count, step=20.0, columns=45 if count == BUILDINGS else 100))
    made, answer = {}, state.answer

    def kept(query):
        key = tuple(sorted(query.items()))
        if key not in made:
            made[key] = answer(query)
        return made[key]

    state.answer = kept
    with module.serve(state):
        print(state.url, flush=True)
        sys.stdin.read()


def _raw(url: str) -> int:
    """Download and parse all pages."""
    count, offset, matched = 0, 1, 1
    box = ",".join(f"{edge:.3f}" for edge in AREA.bounds)
    while offset <= matched:
        query = f"limit=100&offset={offset}&crs={CRS_URI}&bbox={box}&bbox-crs={CRS_URI}"
        with urlopen(f"{url}?{query}", timeout=60) as answer:
            page = json.loads(answer.read())
        matched, offset, count = page["numberMatched"], offset + 100, count + len(page["features"])
    return count


def _client(url: str) -> int:
    chunks = Bag3dSource(url, transport=RequestsTransport(), lod="2.2").read(AREA)
    return sum(len(set(chunk.columns["id"])) for chunk in chunks)


def _best(run, url: str, times: int = 3) -> float:
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        run(url)
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def rows() -> list[dict]:
    """Buildings per second of the client and of the baseline."""
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        url = server.stdout.readline().strip()
        _raw(url)  # makes the answers
        baseline, client = BUILDINGS / _best(_raw, url), BUILDINGS / _best(_client, url)
    finally:
        server.stdin.close()
        server.wait(10)
        server.stdout.close()
    return [
        {
            "name": "3DBAG client, LoD 2.2 to surfaces",
            "value": round(client),
            "unit": "buildings/s",
            "baseline": round(baseline),
            "ratio": round(client / baseline, 2),
            "target": 0.5,
        }
    ]


if __name__ == "__main__":
    serve(*map(int, sys.argv[2:3])) if "--serve" in sys.argv else print(json.dumps(rows(), indent=1))

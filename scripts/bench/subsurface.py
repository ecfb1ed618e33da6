"""How fast what lies below the ground is read: files a second, against the least that any reader does with them."""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "servers")]

from dtwin_plugin.sources.bro import BroSource  # noqa: E402

TESTS = 200
ROWS = 1250  # of a test: 25 m, each 20 mm, as most have


def rows() -> list[dict]:
    """Files a second of each format."""
    return [*_bro()]


def best(run: Callable[[], int], times: int = 3) -> float:
    """Return the shortest of some runs [s]."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def _bro() -> list[dict]:
    """Cone penetration tests as XML, to logs; the baseline parses the same XML and its numbers, and drops both."""
    writer = importlib.import_module("bro_server")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(TESTS):
            test = f"CPT{number:012d}"
            (folder / f"{test}.xml").write_bytes(writer.cpt(test, 84_000 + number, 447_000, ROWS))

        def ours() -> int:
            found = sum(len(logs.rows["depth"]) for logs in BroSource(folder).read())
            assert found == TESTS * ROWS
            return found

        own, least = best(ours), best(lambda: _least(folder))
    return [
        {
            "name": f"BRO cone tests of {ROWS} rows, XML to logs",
            "value": round(TESTS / own),
            "unit": "files/s",
            "baseline": round(TESTS / least),
            "ratio": round(least / own, 2),
            "target": 0.5,
        }
    ]


def _least(folder: Path) -> int:
    from lxml import etree

    count = 0
    for path in sorted(folder.glob("*.xml")):
        values = next(etree.parse(str(path)).iter("{*}values")).text
        count += sum(len([float(item) for item in row.split(",")]) for row in values.split(";") if row)
    return count

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
from dtwin_plugin.sources.gef import GefSource  # noqa: E402
from scripts.bench import klic, voxels  # noqa: E402

TESTS = 200
ROWS = 1250  # of a test: 25 m, each 20 mm, as most have


def rows() -> list[dict]:
    """Files and lines a second of each format, and voxels a second to a layer."""
    return [*_bro(), *_gef(), *klic.rows(best), *voxels.rows()]


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


_HEAD = """#GEFID= 1, 1, 0
#REPORTCODE= GEF-CPT-Report, 1, 1, 2
#COLUMNSEPARATOR= ;
#RECORDSEPARATOR= !
#COLUMNINFO= 1, m, sondeertrajectlengte, 1
#COLUMNINFO= 2, MPa, conusweerstand, 2
#COLUMNINFO= 3, m, diepte, 11
#COLUMNINFO= 4, s, verlopen tijd, 12
#COLUMNINFO= 5, graden, hellingresultante, 8
#COLUMNINFO= 6, MPa, plaatselijke wrijving, 3
#COLUMNINFO= 7, MPa, waterspanning u2, 6
#COLUMNINFO= 8, %, wrijvingsgetal, 4
#COLUMNVOID= 7, 99.999
#XYID= 28992, {x}, 447000
#ZID= 31000, -0.5
#TESTID= CPT{number:012d}
#EOH=
"""


def _gef() -> list[dict]:
    """Cone penetration tests as GEF, to logs; the baseline makes numbers of the same texts, and drops them."""
    line = "{0:.3f};{1:.3f};{0:.3f};{2:.1f};1;0.050;99.999;1.2;!"
    body = "\n".join(line.format(n / 50, 5 + n % 7, n / 2) for n in range(ROWS))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(TESTS):
            text = _HEAD.format(x=84_000 + number, number=number) + body
            (folder / f"{number}.gef").write_text(text)

        def ours() -> int:
            found = sum(len(logs.rows["depth"]) for logs in GefSource(folder).read())
            assert found == TESTS * ROWS
            return found

        own, least = best(ours), best(lambda: _least_gef(folder))
    return [
        {
            "name": f"GEF cone tests of {ROWS} rows to logs",
            "value": round(TESTS / own),
            "unit": "files/s",
            "baseline": round(TESTS / least),
            "ratio": round(least / own, 2),
            "target": 0.5,
        }
    ]


def _least_gef(folder: Path) -> int:
    count = 0
    for path in sorted(folder.glob("*.gef")):
        _, _, body = path.read_text().partition("#EOH=\n")
        count += sum(len([float(item) for item in row.split(";")[:-1]]) for row in body.split("\n"))
    return count

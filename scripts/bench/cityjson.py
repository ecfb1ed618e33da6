"""How fast CityJSON is read: objects and megabytes per second, from a file to surfaces with their attributes.

Seconds are better when lower (ratio at most the target), rates when higher (ratio at least the target).

The baseline is `json.load` of the same file in the same process, which only parses; the peer is cjio, whose reader
parses and checks the version. All times are the best of three.
"""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dtwin_plugin.sources.cityjson import CityJsonSource  # noqa: E402

SIZE = 20_000_000  # bytes
PEER = ROOT / ".venv-peers" / "bin" / "python"
CJIO = """
import sys, time
from cjio import cityjson
best = float("inf")
for _ in range(3):
    begin = time.perf_counter()
    with open(sys.argv[1], encoding="utf-8") as stream:
        model = cityjson.reader(stream)
    best = min(best, time.perf_counter() - begin)
print(len(model.j["CityObjects"]), best)
"""


def building(name, dice, base):
    """Return the objects and vertices of a building of 3DBAG's make: an outline and a part at three levels."""
    x, y, corners = dice.randrange(5_000_000), dice.randrange(5_000_000), dice.randrange(4, 14)
    vertices = [
        [x + 1300 * i + dice.randrange(900), y + 1200 * (i % 4) + dice.randrange(900), z]
        for z in (0, 3000, dice.randrange(4000, 20000))
        for i in range(corners)
    ]
    floor = list(range(base, base + corners))
    walls = [
        [[a + low, b + low, b + low + corners, a + low + corners]]
        for low in (0, corners)
        for a, b in zip(floor, floor[1:] + floor[:1])
    ]
    shell = [[floor[::-1]], *walls, [[i + 2 * corners for i in floor]]]
    kinds = [{"type": "GroundSurface"}, {"type": "WallSurface"}, {"type": "RoofSurface", "b3_azimut": dice.random()}]
    semantics = {"surfaces": kinds, "values": [[0] + [1] * len(walls) + [2]]}
    solids = [
        {"type": "Solid", "lod": lod, "boundaries": [shell], "semantics": semantics} for lod in ("1.2", "1.3", "2.2")
    ]
    outline = {"type": "MultiSurface", "lod": "0", "boundaries": [[floor]]}
    attributes = {f"b3_attribute_{n}": round(100 * dice.random(), 3) for n in range(40)}
    part = f"{name}-0"
    objects = {
        name: {"type": "Building", "attributes": attributes, "children": [part], "geometry": [outline]},
        part: {"type": "BuildingPart", "parents": [name], "geometry": solids},
    }
    return objects, vertices


HEAD = {
    "type": "CityJSON",
    "version": "2.0",
    "transform": {"scale": [0.001, 0.001, 0.001], "translate": [85000.0, 447000.0, 0.0]},
    "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/7415"},
}


def text(item):
    return json.dumps(item, separators=(",", ":"))


def write_document(path, size):
    """Write a document of at least `size` bytes, piece by piece."""
    dice, vertices, number = random.Random(1), [], 0
    with path.open("w") as stream:
        stream.write(text(HEAD)[:-1] + ',"CityObjects":{')
        while stream.tell() + 25 * len(vertices) < size:
            objects, more = building(f"NL.IMBAG.Pand.{number:016d}", dice, len(vertices))
            stream.write(("," if number else "") + text(objects)[1:-1])
            vertices += [text(vertex) for vertex in more]
            number += 1
        stream.write('},"vertices":[' + ",".join(vertices) + "]}")


def write_sequence(path, size):
    dice, number = random.Random(1), 0
    with path.open("w") as stream:
        stream.write(text({**HEAD, "CityObjects": {}, "vertices": []}) + "\n")
        while stream.tell() < size:
            name = f"NL.IMBAG.Pand.{number:016d}"
            objects, vertices = building(name, dice, 0)
            feature = {"type": "CityJSONFeature", "id": name, "CityObjects": objects, "vertices": vertices}
            stream.write(text(feature) + "\n")
            number += 1


def _best(work, repeats=3):
    best, result = float("inf"), None
    for _ in range(repeats):
        gc.collect()
        begin = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - begin)
    return best, result


def _read(path):
    return sum(chunk.object_count for chunk in CityJsonSource(path, lod="2.2").read())


def _read_all(path):
    return sum(len(chunk) for chunk in CityJsonSource(path).read())


def _parse(path):
    with path.open(encoding="utf-8") as stream:
        return len([json.loads(line) for line in stream] if path.suffix == ".jsonl" else json.load(stream))


def _cjio(path):
    """Return the seconds that cjio takes, None where it is not installed."""
    if not PEER.is_file():
        return None
    done = subprocess.run([PEER, "-c", CJIO, path], capture_output=True, text=True, check=False, timeout=300)
    return float(done.stdout.split()[-1]) if done.returncode == 0 and done.stdout else None


def _row(name, value, unit, baseline=None, ratio=None, target=None):
    return {"name": name, "value": value, "unit": unit, "baseline": baseline, "ratio": ratio, "target": target}


def rows():
    """The figures of a document and of a sequence of about 20 MB."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, suffix, write in (("CityJSON", "json", write_document), ("CityJSONSeq", "jsonl", write_sequence)):
            path = Path(folder) / f"a.city.{suffix}"
            write(path, SIZE)
            megabytes = path.stat().st_size / 1e6
            parsed, _ = _best(lambda path=path: _parse(path))
            seconds, surfaces = _best(lambda path=path: _read_all(path))
            objects = CityJsonSource(path).describe().count
            found += [
                _row(f"{kind} read, all levels of detail", seconds, "s", parsed, seconds / parsed, 1.5),
                _row(f"{kind} objects", objects / seconds, "objects/s", objects / parsed, parsed / seconds, 0.67),
                _row(f"{kind} surfaces", surfaces / seconds, "surfaces/s"),
                _row(f"{kind} text", megabytes / seconds, "MB/s", megabytes / parsed, parsed / seconds, 0.67),
            ]
            one, _ = _best(lambda path=path: _read(path))
            found.append(_row(f"{kind} read, LoD 2.2 only", one, "s", parsed, one / parsed, 1.5))
            peer = _cjio(path) if suffix == "json" else None
            if peer is not None:
                found.append(
                    _row(
                        f"{kind} read, beside cjio (which keeps the JSON as it is)", seconds, "s", peer, seconds / peer
                    )
                )
    return found

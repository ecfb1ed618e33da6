"""How fast the geometry of real LoD 2.2 buildings is examined, with compiled loops and, as the baseline, without."""

from __future__ import annotations

import os
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNS = 3
TARGET = 2


def rows() -> list[dict]:
    """The best of some runs; the compiled loops are loaded beforehand."""
    from dtwin_plugin.data import Surfaces
    from dtwin_plugin.models.quality import boxes, examine, inside, polygons
    from dtwin_plugin.sources.cityjson import CityJsonSource

    folder = Path(os.environ.get("DTWIN_SHARED", ROOT.parent / "shared"))
    path = folder / "data" / "cityjson" / "delft_3dbag" / "extension.city.jsonl"
    if not path.is_file():
        return []
    surfaces = Surfaces.concatenate(list(CityJsonSource(path, lod="2.2").read()))
    best = {}
    for load in (lambda _: None, _kernels):
        for module in (boxes, inside, polygons):
            module.compiled = load
        examine(surfaces)
        seconds = []
        for _ in range(RUNS):
            begin = time.perf_counter()
            examine(surfaces)
            seconds.append(time.perf_counter() - begin)
        best[load is _kernels] = surfaces.object_count / min(seconds)
    return [
        {
            "name": "3DBAG examined, LoD 2.2 of 129 polygons (baseline: no Numba)",
            "value": best[True],
            "unit": "buildings/s",
            "baseline": best[False],
            "ratio": best[True] / best[False],
            "target": f">= {TARGET}",
        }
    ]


def _kernels(_: int) -> object:
    from dtwin_plugin.models.quality import kernels

    return kernels

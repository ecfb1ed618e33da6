"""What it costs to make COPC of LAZ, against unpacking the same file with laspy and lazrs in the same run."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

POINTS = 5_000_000
DENSITY = 12  # points a m2, as AHN5 has about
TARGET = 0.70
RUNS = 3


def write_laz(path: Path, points: int = POINTS) -> None:
    """A scan like the AHN, LAZ 1.4: flight lines over a town with streets, roofs and trees."""
    import laspy

    random = np.random.default_rng(1)
    side = (points / DENSITY) ** 0.5
    x, y = side * random.random(points), side * np.arange(points) / points
    built = (x // 20 % 3 == 0) & (y // 20 % 3 == 0)
    tree = ~built & (np.sin(x / 3) * np.sin(y / 3) > 0.9)
    z = np.sin(x / 50) + np.where(built, 8.0, 0) + np.where(tree, 6 * random.random(points), 0)
    header = laspy.LasHeader(version="1.4", point_format=6)
    header.scales, header.offsets = np.full(3, 0.001), np.array([84_000.0, 447_000.0, 0.0])
    las = laspy.LasData(header)
    las.x, las.y, las.z = 84_000 + x, 447_000 + y, z + random.normal(0, 0.03, points)
    las.classification = np.select([built, tree], [6, 1], 2)
    las.intensity = random.integers(0, 2000, points)
    las.gps_time = 3e8 + np.arange(points) * 1e-5
    las.return_number = las.number_of_returns = np.ones(points, np.uint8)
    las.scan_angle = random.normal(0, 100, points).astype(np.int16)
    las.point_source_id = np.full(points, 12)
    las.write(str(path))


def rows() -> list[dict]:
    """The best of some runs of each, in turn, so that both meet the same machine."""
    import laspy

    from dtwin_plugin.sources.copc import write_copc
    from dtwin_plugin.sources.las import LasSource

    with tempfile.TemporaryDirectory() as folder:
        laz, copc = Path(folder) / "a.laz", Path(folder) / "a.copc.laz"
        write_laz(laz)
        write_copc(LasSource(laz, every=10).read(), copc)  # compiles what is compiled
        laspy_on = {"one core": laspy.LazBackend.Lazrs, "all cores": laspy.LazBackend.LazrsParallel}
        unpacking: dict[str, list[float]] = {cores: [] for cores in laspy_on}
        making = []
        for _ in range(RUNS):
            for cores, backend in laspy_on.items():
                begin = time.perf_counter()
                assert len(laspy.read(laz, laz_backend=backend)) == POINTS
                unpacking[cores].append(time.perf_counter() - begin)
            begin = time.perf_counter()
            assert write_copc(LasSource(laz, assume_crs="EPSG:7415").read(), copc) == POINTS
            making.append(time.perf_counter() - begin)
    ours = POINTS / min(making)
    return [
        {
            "name": f"LAZ to COPC, 5 M points (baseline: laspy, lazrs, {cores})",
            "value": ours,
            "unit": "points/s",
            "baseline": POINTS / min(times),
            "ratio": ours * min(times) / POINTS,
            "target": f">= {TARGET}",
        }
        for cores, times in unpacking.items()
    ]

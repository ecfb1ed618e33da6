"""Shadow and sun on facades beside UMEP's shadow function in the same run; agreement on the surface that UMEP ships."""

import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from dtwin_plugin.models.sunlight.facades import FacadePoints, sun_on
from dtwin_plugin.models.sunlight.position import sun_position
from dtwin_plugin.models.sunlight.shadow import SHADOW, Surface

from . import flood_peers

PLACE = (52.37, 4.89)
GOTEBORG = flood_peers.ROOT.parent / "shared" / "data" / "terrain" / "goteborg" / "DSM_KRbig.tif"
# Prints the seconds that all positions took, and keeps the shadows.
UMEP = """
import sys, time
import numpy as np
from umep.util.shadowingfunctions import shadowingfunctionglobalradiation as shadow
data = np.load(sys.argv[1])
surface, cell = data["surface"], float(data["cell"])
shadow(surface[:50, :50].copy(), 100.0, 30.0, 1 / cell, 1)
begin, found = time.perf_counter(), []
for azimuth, elevation in zip(data["azimuth"], data["elevation"]):
    found.append(shadow(surface.copy(), float(azimuth), float(elevation), 1 / cell, 1) > 0.5)
print(time.perf_counter() - begin)
np.save(sys.argv[2], np.array(found))
"""


def town(cells=1000):
    """Blocks of 6 to 18 m and towers to 64 m on 1 km2, at 1 m."""
    rng, surface = np.random.default_rng(1), np.zeros((cells, cells))
    for _ in range(300):
        row, column = rng.integers(0, cells - 40, 2)
        height = rng.choice([6, 9, 12, 18, 30, 64], p=[0.3, 0.2, 0.2, 0.2, 0.06, 0.04])
        surface[row : row + rng.integers(8, 40), column : column + rng.integers(8, 40)] = height
    return surface


def day(date, minutes):
    moments = np.arange(f"{date}T00:00", f"{date}T23:59", np.timedelta64(minutes, "m"), dtype="datetime64[s]")
    sun = sun_position(moments, *PLACE)
    return type(sun)(sun.elevation[sun.elevation > 0], sun.azimuth[sun.elevation > 0])


def peer(surface, cell, sun):
    """Return UMEP's seconds and its light (True in the sun), or None where it is not installed."""
    if not flood_peers.PEER.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder) / "given.npz", Path(folder) / "told.npy"
        np.savez(given, surface=surface, cell=cell, elevation=sun.elevation, azimuth=sun.azimuth)
        command = [str(flood_peers.PEER), "-c", UMEP, str(given), str(told)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=flood_peers.TIMEOUT)
        if done.returncode:
            return None
        return float(done.stdout.split()[-1]), np.load(told)


def row(name, value, unit, baseline=None, target=None):
    ratio = baseline / value if baseline else None
    return {"name": name, "value": value, "unit": unit, "baseline": baseline, "ratio": ratio, "target": target}


def best(run, times=3):
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        found.append(time.perf_counter() - begin)
    return min(found)


def facades(surface):
    """Return 70,000 points on the south walls of blocks, at heights of storeys."""
    rng = np.random.default_rng(2)
    rows, columns = np.nonzero((surface[:-1] > 6) & (surface[1:] == 0))
    chosen = rng.integers(0, len(rows), 70_000)
    height = rng.integers(0, 4, 70_000) * 3.0 + 0.75
    places = np.column_stack([columns[chosen] + 0.5, 1000.0 - (rows[chosen] + 1.0), height])
    return FacadePoints(places, np.tile([0.0, -1.0], (70_000, 1)), chosen, chosen)


def rows():
    from dtwin_plugin.data import Grid

    ground = town()
    surface = Surface(ground, 1.0)
    for date in ("2025-02-19", "2025-06-21"):
        sun = day(date, 30)
        other = peer(ground, 1.0, sun)
        for threads in (1, 2):
            surface.counts(sun, threads=threads)  # compiled
            name = f"sun on 1000 x 1000 cells, {date}, {len(sun.elevation)} positions, {threads} threads (UMEP)"
            seconds = best(lambda threads=threads, sun=sun: surface.counts(sun, threads=threads))
            yield row(name, seconds, "s", other[0] if other else None, "< 0.5, 20 times")
    points, sun = facades(ground), day("2025-06-21", 10)
    sun = type(sun)(sun.elevation[26:72], sun.azimuth[26:72])  # before the walls
    grid, groups = Grid(ground, 0.0, 1000.0, 1.0, unit="m"), np.zeros(46, np.int64)
    sun_on(points, grid, sun, groups)
    yield row("sun on 70,000 facade points, 46 positions, all threads", best(lambda: sun_on(points, grid, sun, groups)),
              "s", target="< 1")  # fmt: skip
    yield roofs(ground)
    if GOTEBORG.is_file():
        yield from agreement()


def roofs(surface):
    """Return the time for the radiation of a mean year on a point for each m2 of 100,000 m2 of roof."""
    from dtwin_plugin.data import Grid
    from dtwin_plugin.models.sunlight.climate import DE_BILT
    from dtwin_plugin.models.sunlight.radiation import mean_year
    from dtwin_plugin.models.sunlight.roof_points import RoofPoints
    from dtwin_plugin.models.sunlight.site import Site
    from dtwin_plugin.models.sunlight.solar import received

    rows, columns = np.nonzero(surface > 0)
    some = np.random.default_rng(3).permutation(len(rows))[:100_000]
    places = np.column_stack([columns[some] + 0.5, 999.5 - rows[some], surface[rows[some], columns[some]]])
    points = RoofPoints(places, np.tile([0.0, 0.0, 1.0], (len(some), 1)), np.ones(len(some)), some)
    grid, year = Grid(surface, 0.0, 1000.0, 1.0, unit="m"), mean_year(DE_BILT, Site(*PLACE, 0.0))
    received(points, grid, year)  # compiled
    name = "radiation of a year on 100,000 m2 of roofs (about 1,000 houses), a point for each m2, all threads"
    return row(name, best(lambda: received(points, grid, year)), "s", target="< 10")


def agreement():
    from osgeo import gdal

    gdal.UseExceptions()
    dataset = gdal.Open(str(GOTEBORG))
    heights, cell = dataset.ReadAsArray().astype(float), dataset.GetGeoTransform()[1]
    sun = day("2025-03-21", 30)
    sun = type(sun)(sun.elevation[sun.elevation > 5], sun.azimuth[sun.elevation > 5])
    other = peer(heights, cell, sun)
    if other:
        same = (Surface(heights, cell).light(sun) != SHADOW) == other[1]
        yield row("shadow of Goteborg as UMEP has it, share of cells", float(same.mean()), "1", target="> 0.99")

"""The built-in cases of the flood model that need the shared data, as dicts of the same form as a case file."""

import numpy as np

from .fields import blocks, read_raster
from .flood_cases import round_dam_break, value
from .flood_schemes import FULL, there, under
from .tables import read_table

DEEP = 2.0  # m, the lake of the 3Di model is made no deeper: waves on it need not be followed in full


def cases(folder):
    """Yield the cases of `flood_validation`, and those of `flood` beside it."""
    yield macdonald(folder)
    yield bowls(read_table(folder / "ea2" / "points.csv"))
    yield plain(read_table(folder / "ea4" / "points.csv"))
    yield rolling()
    yield under("held", rolling())
    models = folder.parent / "flood"
    if models.is_dir():
        yield flat_rain(models)
        yield zones(models)
        yield limburg(models / "3di_testmodel")
        for name in filter(there, FULL):
            yield under(name, round_dam_break(models))
            yield under(name, macdonald(folder, 0.01))


def macdonald(folder, tolerance=0.03):
    """Steady flow in a channel of known shape; SWASHES, Delestre et al. (2013)."""
    table = {"csv": "analytic/mcdo_norain.csv"}
    level = float(read_table(folder / table["csv"])["wse"][-1])
    why = "without the advection of momentum 0.021 is left" if tolerance > 0.01 else "with the advection of momentum"
    return {
        "case": "A5 MacDonald, no rain",
        "terrain": {**table, "column": "topo", "rows": 3},
        "cell_size": 5.0,
        "roughness": 0.033,
        "inflow": [{"rectangle": [0, 0, 5, 15], "discharge": 2.0 * 15}],
        "boundary": {"east": level},
        "duration": 1800.0,
        "expected": [value("mean_error", 0.0, tolerance, why, of="level", against={**table, "column": "wse"})],
    }


def bowls(points):
    """Environment Agency test 2: filling of depressions."""
    sill, drop = "water stands at most this much above the sill of 0.324 m", "a dry bowl"
    expected = {
        1: (0.355, 0.03, "three codes differ as much"),
        **dict.fromkeys((2, 3, 4, 6, 7, 8), (0.326, 0.015, sill)),
    }
    expected.update(dict.fromkeys((9, 13, 14, 15, 16), (0.0, 0.05, drop)))
    expected.update(dict.fromkeys((10, 11, 12), (0.11, 0.09, "the last bowls that water reaches: codes differ")))
    where = {int(i): {"x": x, "y": y} for i, x, y in zip(points["id"], points["x"], points["y"])}
    return {
        "case": "EA2 depressions",
        "terrain": {"formula": "bowls", "rows": 100, "columns": 100},
        "cell_size": 20.0,
        "roughness": 0.03,
        "inflow": [
            {
                "rectangle": [0, 1900, 20, 2000],
                "discharge": {"csv": "ea2/inflow.csv", "time": "time_min", "seconds": 60, "value": "inflow_m3s"},
            }
        ],
        "duration": 172800.0,
        "expected": [
            value("stored_volume", 97200.0, 1.0, "all that flowed in"),
            *(value("depth", *expected[i], at=where[i], name=f"depth point {i}") for i in sorted(expected)),
        ],
    }


def plain(points):
    """Environment Agency test 4: flood propagation over a plane."""
    peaks = (0.325, 0.275, 0.228, 0.200, 0.180, 0.175)
    where = [{"x": x, "y": y} for x, y in zip(points["x"], points["y"])]
    table = {"csv": "ea4/lisflood_acc_1m_depths.csv", "time": "time_s"}
    finer = "cells of 5 m against 1 m"
    scalar = "friction of one component alone would be 0.010 to 0.020 m short"
    return {
        "case": "EA4 plane",
        "terrain": {"formula": "plane", "rows": 400, "columns": 200},
        "cell_size": 5.0,
        "roughness": 0.05,
        "inflow": [
            {
                "rectangle": [0, 990, 5, 1010],
                "discharge": {"csv": "ea4/inflow.csv", "time": "time_s", "value": "inflow_m3s"},
            }
        ],
        "boundary": ["north", "east", "south"],
        "duration": 18000.0,
        "expected": [
            *(
                value("max_depth", h, 0.003, scalar, at=at, name=f"peak point {i}")
                for i, (h, at) in enumerate(zip(peaks, where), 1)
            ),
            *(
                value("series_error", 0.0, 0.010, finer, at=at, against={**table, "column": f"p{i}"},
                      name=f"series point {i}")
                for i, at in enumerate(where, 1)
            ),
        ],
    }  # fmt: skip


def rolling():
    """The ground of the throughput case, against itzi-core 0.8."""
    other = {"raster": "bench/rolling_1m_depth_itzi.tif"}
    why = "another code of the same equations: its threshold of flow is 5 mm, its weight theta 0.9"
    return {
        "case": "rolling 1 m, 70 mm in 1 h",
        "terrain": {"raster": "bench/rolling_1m_dem.tif"},
        "roughness": 0.035,
        "rain": {"total": 70, "duration": 3600},
        "duration": 3600.0,
        "interval": 600.0,
        "expected": [
            value("rain_volume", 70000.0, 0.07, "1e-6 of the rain"),
            *(value("iou", 1.0, 0.03, why, against=other, wet=wet) for wet in (0.05, 0.10, 0.30)),
            value("rmse", 0.0, 0.005, why, against=other, wet=0.05),
            value("max_depth", 0.93, 0.02, why),
        ],
    }


def flat_rain(folder):
    """Rain of 10 mm/s for 500 s on a flat field with missing cells: a test of LISFLOOD-FP."""
    field = str(folder / "lisflood_rain" / "rain_dem.asc")
    return {
        "case": "LISFLOOD rain on a flat field",
        "terrain": {"raster": field},
        "roughness": 0.045,
        "rain": 36000.0,
        "duration": 500.0,
        "expected": [
            value("stored_volume", 22 * 1e4 * 5.0, 1.1, "the rain on 22 cells"),
            value("largest_error", 0.0, 1e-4, "as deep everywhere", against=5.0),
        ],
    }


def zones(folder):
    """A catchment with rain in zones, of SynxFlow: there is no answer, but the water must be there."""
    catchment = folder / "synxflow"
    return {
        "case": "SynxFlow catchment, 1 h",
        "terrain": {"raster": str(catchment / "DEM.gz")},
        "roughness": {
            "raster": str(catchment / "landcover.gz"),
            "classes": {"0": 0.035, "1": 0.1, "2": 0.055, "3": 0.055},
        },
        "rain": {"zones": {"raster": str(catchment / "rain_mask.gz")}, "csv": str(catchment / "rain_source.csv"),
                 "unit": "m s-1"},
        "boundary": "open",
        "duration": 3600.0,
        "interval": 360.0,
        "expected": [],
    }  # fmt: skip


def limburg(folder):
    """An island with ponds in a lake in Limburg, 40 mm of rain, against what 3Di found after 3 hours.

    3Di's water balance tells the rain, 11,138 m3 on 278,454 m2, and the water at the start, and so the level; not when
    the rain fell. The lake rises by more than three quarters of it, so it fell in 3 hours at most; here in one.
    """
    from scipy import ndimage

    ground, domain = read_raster(folder / "dem.tif")
    water, _ = read_raster(folder / "water_depth_03_00.tif")
    start = lake_level(ground, 4490530.2272, domain.cell_size)
    lake = ground < start - DEEP
    bed = np.where(lake, start - DEEP, ground)
    shore = ndimage.binary_dilation(lake | np.isnan(ground), iterations=24)  # where cells hold ground and lake
    depth = np.where(shore, np.nan, np.nan_to_num(water, nan=0.0))
    (bed, coarse), (reference, _) = blocks(bed, domain, 8), blocks(depth, domain, 8)
    middle = {"x": 189157.0, "y": 355100.0}  # of the lake
    own = "3Di has one level in cells of several metres with tables of the ground in them, and is read back from those"
    return {
        "case": "3Di Limburg",
        "terrain": {"values": bed, "x_min": domain.x_min, "y_min": coarse.y_max - bed.shape[0] * coarse.cell_size},
        "cell_size": coarse.cell_size,
        "roughness": {"raster": str(folder / "friction.tif"), "fill": 0.03},
        "initial": {"level": start},
        "infiltration": {"raster": str(folder / "infiltration.tif"), "scale": 1 / 24},
        "rain": {"total": 40, "duration": 3600},
        "boundary": "closed",
        "duration": 10800.0,
        "interval": 1800.0,
        "expected": [
            value("level", float(np.nanmedian((ground + water)[lake])), 0.02, own, at=middle, name="level of the lake"),
            value("iou", 1.0, 0.15, own, against={"values": reference}, wet=0.10),
            value("mean_error", 0.0, 0.06, own, against={"values": reference}, wet=0.10),
        ],
    }


def lake_level(ground, volume, cell_size):
    """Return the level [m] at which ground holds a volume [m3] below it."""
    from scipy.optimize import brentq

    known = ground[np.isfinite(ground)]
    return brentq(lambda z: np.maximum(z - known, 0).sum() * cell_size**2 - volume, known.min(), known.max())

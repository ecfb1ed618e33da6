"""The built-in cases of the flood model that need no file, as dicts of the same form as a case file."""

import os
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
RAIN = 70.0  # mm h-1
# of test 3 of the Environment Agency, within 1 mm: a slope of 1 in 200, a hollow, a ridge of 0.25 m, another hollow [m]
RIDGE = (
    "where(x < 144, 10.4876 - 0.005 * x, where(x < 150, 10 - 0.25 * cos(pi * (x - 150) / 50), "
    "where(x < 250, 9.875 - 0.125 * cos(pi * (x - 150) / 50), where(x < 275, 10 - 0.25 * cos(pi * (x - 250) / 50), "
    "10 + pi / 200 * (x - 275)))))"
)


def shared_folder():
    return Path(os.environ.get("DTWIN_SHARED", ROOT.parent / "shared")) / "data" / "flood_validation"


def value(quantity, expected, tolerance, why="", **more):
    return {"quantity": quantity, "value": expected, "tolerance": tolerance, "why": why, **more}


def analytic():
    yield lake(32, 1e-6, "what float32 resolves of 5 m")
    yield lake(64, 1e-12, "what float64 resolves of 5 m, with a margin")
    bias = "the advection of momentum is left out: the bias does not shrink with the cells"
    yield hunter("A2 wave n 0.03", (25.0, 200), (0.03, 1.0), (0.06, 3588, 50), bias)
    yield hunter("A2 wave n 0.01", (10.0, 150), (0.01, 0.29), (0.006, 1035, 25), bias)
    kinematic = "the kinematic reference itself fails near the divide"
    sheets = (
        (0.001, 5400, 0.13, kinematic),
        (0.01, 3600, 0.025, "what the published runs reach on 1 m cells"),
        (0.03, 3600, 0.025, "as for 0.01"),
        (0.05, 3600, 0.025, "as for 0.01"),
        (0.1, 3600, 0.025, "as for 0.01"),
        (0.2, 3600, 0.025, "as for 0.01"),
    )
    for slope, duration, tolerance, why in sheets:
        yield sheet_flow(slope, duration, tolerance, why)
    for turn in (90, 180, 270):
        turned = sheet_flow(0.03, 3600, 0.025, "the direction of the slope makes no difference")
        yield {**turned, "case": f"A3 sheet flow, slope 0.03, turned {turn}", "turn": turn}
    yield diagonal(0.03)
    yield ridge(information=True)
    yield catchment()
    yield basin()


def lake(precision, tolerance, why):
    return {
        "case": f"A1 lake at rest, {precision} bits",
        "terrain": {"formula": "random", "rows": 128, "columns": 128, "high": 2.0, "island": 5.0},
        "cell_size": 10.0,
        "roughness": 0.03,
        "initial": {"level": 1.5},
        "precision": precision,
        "duration": 3600.0,  # 2000 time steps and more
        "expected": [
            value("change", 0.0, tolerance, why),
            value("max_discharge", 0.0, 1e-5, "a slope within the rounding of the levels"),
        ],
    }


def basin():
    """A flat closed basin on soil that is full after 1600 s: depth = rain - min(capacity x t, storage)."""
    moments = ((1200, 70 / 3 - 6), (3600, 70 - 8), (5400, 70 - 8))  # s, mm
    why = "exact but for the rounding of float32"
    return {
        "case": "A6 basin on soil",
        "terrain": {"formula": "plane", "rows": 50, "columns": 50, "height": -1.5},
        "cell_size": 2.0,
        "roughness": 0.03,
        "rain": [[0, RAIN], [3600, 0]],
        "infiltration": 18.0,
        "soil_storage": 8.0,
        "duration": 5400.0,
        "expected": [
            *(value("depth", depth * 1e-3, 1e-7, why, at={"x": 51, "y": 51, "time": time}) for time, depth in moments),
            value("infiltration_volume", 80.0, 1e-4, why),  # 8 mm on 10,000 m2
        ],
    }


def hunter(name, cells, wave, tolerances, why):
    """Non-breaking wave on a horizontal plane; Hunter et al. (2005), Bates et al. (2010)."""
    (cell_size, columns), (n, u), (tolerance, front, near) = cells, wave, tolerances
    times = np.linspace(0, 3600, 721)
    # the level stands one cell beyond the edge, half a cell from it
    levels = (7 / 3 * n**2 * u**2 * (u * times + cell_size / 2)) ** (3 / 7)
    return {
        "case": name,
        "terrain": {"formula": "plane", "rows": 3, "columns": columns},
        "cell_size": cell_size,
        "roughness": n,
        "boundary": {"west": np.column_stack([times, levels]).tolist()},
        "duration": 3600.0,
        "interval": 5.0,
        "expected": [
            value("rmse", 0.0, tolerance, why, against={"formula": "wave", "n": n, "u": u, "time": 3600}),
            value("front", front, near, "two cells"),
        ],
    }


def sheet_flow(slope, duration, tolerance, why):
    """Steady flow under rain on a plane."""
    normal = {"formula": "sheet", "n": 0.035, "rain": RAIN * 1e-3 / 3600, "slope": slope}
    flow = 4 * 200 * RAIN * 1e-3 / 3600
    return {
        "case": f"A3 sheet flow, slope {slope:g}",
        "terrain": {"formula": "plane", "rows": 4, "columns": 200, "slope_x": -slope},
        "cell_size": 1.0,
        "roughness": 0.035,
        "rain": RAIN,
        "boundary": ["east"],
        "duration": float(duration),
        "expected": [
            value("relative_error", 0.0, tolerance, why, against=normal, x=[20, 200]),
            value("peak_outflow", flow, 0.01 * flow, "what falls flows out: steady within 1 %"),
            value("wiggle", 0.0, 0.02, "no steps from cell to cell"),
        ],
    }


def diagonal(slope):
    """Steady flow under rain on a plane that falls to the south-east, from walls in the north and west."""
    across = slope / np.sqrt(2)
    normal = {"formula": "sheet", "n": 0.035, "rain": RAIN * 1e-3 / 3600, "slope": slope, "direction": 135}
    flow = 100 * 100 * RAIN * 1e-3 / 3600
    lee = "past the corner and the walls, where the flow lines of the reference meet"
    return {
        "case": f"A3 sheet flow, slope {slope:g}, diagonal",
        "terrain": {"formula": "plane", "rows": 100, "columns": 100, "slope_x": -across, "slope_y": across},
        "cell_size": 1.0,
        "roughness": 0.035,
        "rain": RAIN,
        "boundary": ["east", "south"],
        "duration": 3600.0,
        "expected": [
            value("mean_error", 0.0, 2e-4, "1.5 % of 13 mm: " + lee, against=normal, x=[20, 100], y=[0, 80]),
            value("peak_outflow", flow, 0.01 * flow, "what falls flows out: steady within 1 %"),
            value("symmetry", 0.0, 1e-5, "rounding of float32", axis="diagonal"),
        ],
    }


def catchment():
    """V-catchment; Di Giammarco et al. (1996). The outlet of the channel is a fall; the planes end at a wall."""
    outflow = ((20, 0.79), (30, 2.65), (40, 4.03), (60, 4.80))
    read = "read from published curves, which differ as much"
    return {
        "case": "A4 V-catchment",
        "terrain": {"formula": "v_catchment", "rows": 50, "columns": 81},
        "cell_size": 20.0,
        "roughness": {"formula": "inside_channel"},
        "rain": [[0, 10.8], [5400, 0]],
        "boundary": [{"edge": "south", "from": 800, "to": 820, "kind": "fall"}],
        "duration": 10800.0,
        "interval": 10.0,
        "expected": [
            value("peak_outflow", 4.86, 0.03, "what falls flows out"),
            *(
                # at 30 minutes the flow grows by 0.2 m3/s a minute; see docs/models/flood.md
                value("outflow", q, 0.15, read, at={"time": 60.0 * minute}, mean=20, information=minute == 30)
                for minute, q in outflow
            ),
            value("rain_volume", 26244.0, 0.5, "3e-6 m/s on 1.62 km2 for 5400 s"),
        ],
    }


def dam_break(h1):
    """Dam break of 1 m without friction on a dry or a wet bed; Ritter (1892), Stoker (1957)."""
    name = "Ritter" if h1 == 0 else "Stoker"
    exact = {"formula": "stoker", "h0": 1.0, "h1": h1, "time": 10.0, "x0": 100.0}
    return {
        "case": f"A7 dam break, {name}",
        "terrain": {"formula": "plane", "rows": 3, "columns": 400},
        "cell_size": 0.5,
        "roughness": 1e-5,
        "initial": {"depth": {**exact, "time": 0.0}},
        "duration": 10.0,
        "interval": 1.0,
        "expected": [
            value("l1", 0.0, 0.01, "1 % of the depth behind the dam, over all that has moved", against=exact, scale=1.0,
                  x=[68, 164]),
        ],
    }  # fmt: skip


def ridge(information=False):
    """A wave whose momentum carries some of it over a ridge; Environment Agency test 3 (Neelz and Pender 2013)."""
    behind = "codes of the whole shallow water equations give 0.04 to 0.06 m"
    return {
        "case": "EA3 ridge",
        "terrain": {"expression": RIDGE, "rows": 20, "columns": 60},
        "cell_size": 5.0,
        "roughness": 0.01,
        "inflow": [
            {"rectangle": [0, 0, 5, 100], "discharge": [[0, 0], [5, 0], [15, 65.5], [25, 65.5], [35, 0], [900, 0]]}
        ],
        "duration": 900.0,
        "interval": 5.0,  # the flood lasts half a minute
        "expected": [
            value("inflow_volume", 1310.0, 1.0, "all that flowed in"),
            value("depth", 0.05, 0.01, behind, at={"x": 250, "y": 50}, name="depth behind", information=information),
        ],
    }


def thacker(kind, tolerance=0.01, why="1 % of the mean depth"):
    """Water in a bowl without friction, after one period; Thacker (1981), sizes of SWASHES."""
    h0, a = 0.1, 1.0
    if kind == "planar":
        more, period = {"amplitude": 0.5}, 2 * np.pi / np.sqrt(2 * 9.81 * h0) * a
    else:
        more, period = {"r0": 0.8}, 2 * np.pi / np.sqrt(8 * 9.81 * h0) * a
    exact = {"formula": f"thacker_{kind}", "h0": h0, "a": a, **more}
    return {
        "case": f"A8 Thacker, {kind}",
        "terrain": {"formula": "paraboloid", "rows": 200, "columns": 200, "h0": h0, "a": a},
        "cell_size": 0.02,
        "roughness": 1e-5,
        "initial": {"depth": {**exact, "time": 0.0}},
        "duration": float(period),
        "interval": float(period) / 8,
        "expected": [
            value("l1", 0.0, tolerance, why, against={**exact, "time": float(period)}, wet=0.0),
            value("symmetry", 0.0, 1e-4, "the bowl is the same on both sides", axis="y"),
        ],
    }


def round_dam_break(folder):
    """A column of water of 10 m and 50 m radius that falls apart, after 2 s; from the data of ANUGA."""
    exact = {"radial": str(folder / "radial_dam_break" / "Ver_numerical_dry_2.000000.csv")}
    return {
        "case": "A9 round dam break",
        "terrain": {"formula": "plane", "rows": 400, "columns": 400},
        "cell_size": 0.5,
        "roughness": 1e-5,
        "initial": {"depth": {"formula": "circle", "radius": 50.0, "inside": 10.0}},
        "duration": 2.0,
        "interval": 1.0,
        "expected": [
            value("l1", 0.0, 0.01, "1 % of the depth of the column", against=exact, scale=10.0),
            value("symmetry", 0.0, 1e-3, "rounding of float32 over 10 m", axis="x"),
            value("symmetry", 0.0, 1e-3, "rounding of float32 over 10 m", axis="diagonal", name="symmetry diagonal"),
        ],
    }

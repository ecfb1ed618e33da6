"""The sun beside NREL's algorithm, and shadow and hours beside exact answers: boxes, a courtyard, a street canyon."""

import json
import os
from pathlib import Path

import numpy as np

from dtwin_plugin.data import Grid
from dtwin_plugin.models.sunlight.clock import day_in_utc, local_of
from dtwin_plugin.models.sunlight.facades import BEYOND, FacadePoints, sun_on
from dtwin_plugin.models.sunlight.position import Sun, refraction, sun_position
from dtwin_plugin.models.sunlight.shadow import SHADOW, Surface

from . import sunlight_roofs

ROOT = Path(__file__).resolve().parents[2]
HORIZON = -0.8333  # degrees: half the sun and the lift of the air
CELL, SIZE, HEIGHT = 0.5, 160, 6.0
OUTER, INNER = (34.0, 46.0, 30.0, 44.0), (38.0, 42.0, 35.0, 40.0)  # m: left, right, bottom, top
ELEVATIONS, AZIMUTHS = np.tile([8.0, 17.0, 29.0, 45.0, 62.0], 10), np.arange(50) * 7.2 + 1.3


def rows():
    folder = Path(os.environ.get("DTWIN_SHARED", ROOT.parent / "shared")) / "data" / "sun"
    if folder.is_dir():
        days = json.loads((folder / "nl_sun_positions.json").read_text())["days"]
        yield from positions(days)
        yield from tables(days)
    else:
        yield "positions of the sun: skipped: needs the shared data"
    for courtyard in (False, True):
        yield box(courtyard)
    for date in ("2025-02-19", "2025-04-21", "2025-06-21"):
        for height in (0.75, 6.75, 12.75):
            yield canyon(date, height)
    yield from sunlight_roofs.rows()


def row(case, quantity, expected, got, tolerance):
    return {"model": "sunlight", "case": case, "quantity": quantity, "expected": expected, "got": got,
            "tolerance": tolerance, "ok": bool(abs(got - expected) <= tolerance)}  # fmt: skip


def positions(days):
    """Yield the largest differences with NREL's algorithm, as pvlib has it; 0.01 degree was asked."""
    found = {"elevation [degree]": [], "seen elevation [degree]": [], "azimuth [degree]": []}
    for day in days:
        given = day["positions"]
        sun = sun_position([one["utc"].rstrip("Z") for one in given], day["latitude"], day["longitude"])
        seen = sun.elevation + refraction(sun.elevation)
        found["elevation [degree]"] += list(sun.elevation - [one["elevation_true_deg"] for one in given])
        found["seen elevation [degree]"] += list(seen - [one["elevation_apparent_deg"] for one in given])
        turn = sun.azimuth - [one["azimuth_deg"] for one in given]
        found["azimuth [degree]"] += list((turn + 180) % 360 - 180)
    for name, differences in found.items():
        yield row(f"{len(differences)} positions at Dutch places", name, 0.0, float(np.abs(differences).max()), 0.01)


def tables(days):
    """Yield the largest differences of sunrise, noon and sunset, by the local clock, and of the minutes of sun."""
    found = {name: [] for name in ("sunrise", "transit", "sunset", "above_0", "above_10")}
    for day in days:
        moments = np.arange(*day_in_utc(day["date"]), np.timedelta64(10, "s"))
        sun = sun_position(moments, day["latitude"], day["longitude"])
        up = np.flatnonzero(sun.elevation > HORIZON)
        for name, index in (("sunrise", up[0]), ("sunset", up[-1]), ("transit", np.argmax(sun.elevation))):
            stated = np.datetime64(f"{day['date']}T{day[name + '_local']}", "s")
            found[name].append((local_of(moments[index]) - stated) / np.timedelta64(60, "s"))
        for low in (0, 10):
            found[f"above_{low}"].append((sun.elevation > low).sum() / 6 - day[f"minutes_elevation_above_{low}"])
    for name, differences in found.items():
        yield row(f"day tables of {len(days)} days", f"{name} [min]", 0.0, float(np.abs(differences).max()), 1.0)


def crossed(x, y, way, length, box_):
    """Return where along a way a box is entered and left."""
    enter, leave = np.zeros_like(x), np.full_like(x, length)
    for place, step, low, high in ((x, way[0], box_[0], box_[1]), (y, way[1], box_[2], box_[3])):
        one, two = (low - place) / step, (high - place) / step
        enter, leave = np.maximum(enter, np.minimum(one, two)), np.minimum(leave, np.maximum(one, two))
    return enter, leave


def exact(x, y, courtyard, elevation, azimuth):
    """Return whether walls cut off the light to places on the ground, without cells."""
    way = np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))
    length = HEIGHT / np.tan(np.radians(elevation))
    enter, leave = crossed(x, y, way, length, OUTER)
    inside = np.maximum(leave - enter, 0.0)
    if courtyard:
        into, out = crossed(x, y, way, length, INNER)
        inside -= np.maximum(out - into, 0.0)
    return inside > 1e-9


def box(courtyard):
    """Return how many cells are wrong by more than a cell from the exact edge, at 50 positions."""
    x = (np.arange(SIZE) + 0.5) * CELL
    x, y = np.meshgrid(x, SIZE * CELL - x)
    solid = (x >= OUTER[0]) & (x < OUTER[1]) & (y >= OUTER[2]) & (y < OUTER[3])
    if courtyard:
        solid &= ~((x >= INNER[0]) & (x < INNER[1]) & (y >= INNER[2]) & (y < INNER[3]))
    found = Surface(np.where(solid, HEIGHT, 0.0), CELL).light(Sun(ELEVATIONS, AZIMUTHS))
    wrong = 0
    for light, elevation, azimuth in zip(found, ELEVATIONS, AZIMUTHS):
        around = [exact(x, y, courtyard, elevation, azimuth)]
        for turn in np.radians(np.arange(0, 360, 15)):
            around.append(exact(x + CELL * np.sin(turn), y + CELL * np.cos(turn), courtyard, elevation, azimuth))
        shaded = light == SHADOW
        wrong += int(((shaded & ~np.any(around, axis=0) | ~shaded & np.all(around, axis=0)) & ~solid).sum())
    case = "shadow of a courtyard" if courtyard else "shadow of a box"
    return row(f"{case} at 50 positions", "cells beyond a cell of the edge", 0, wrong, 0)


def canyon(date, height):
    """Return minutes of sun of a wall at a street of 12 m, opposite a row of 15 m; a step either way is allowed."""
    step, width, top = 5, 12.0, 15.0
    surface = np.zeros((120, 2000))
    surface[80:] = top
    place = FacadePoints(np.array([[500.0, 60.0 - 40.0 + width, height]]), np.array([[0.0, -1.0]]),
                         np.zeros(1, np.int64), np.zeros(1, np.int64))  # fmt: skip
    day = np.datetime64(date)
    moments = np.arange(day, day + 1, np.timedelta64(step, "m"), dtype="datetime64[s]")
    sun = sun_position(moments, 52.37, 4.89)
    grid = Grid(surface, 0.0, 60.0, CELL, unit="m")
    got = float(sun_on(place, grid, sun, np.zeros(len(moments), np.int64))[0, 0] * step)
    fine = np.arange(day, day + 1, np.timedelta64(2, "s"), dtype="datetime64[s]")
    whole = sun_position(fine, 52.37, 4.89)
    across = np.cos(np.radians(whole.azimuth - 180))
    free = np.tan(np.radians(whole.elevation)) / across > (top - height) / (width - BEYOND * CELL)
    lit = (across > 0) & (whole.elevation > 0) & free
    comes = np.abs(np.diff(lit.astype(int))).sum() / 2  # how often the sun comes and goes, each within a step
    return row(f"wall in a street canyon, {date}, {height} m", "sun [min]", float(lit.sum() / 30), got,
               step * float(max(comes, 1)))  # fmt: skip

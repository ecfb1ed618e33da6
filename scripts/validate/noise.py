"""Road traffic beside the program of the European Commission, all paths of the published cases of CNOSSOS-EU, and the
Dutch methods.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dtwin_plugin.models.noise.air import absorption
from dtwin_plugin.models.noise.bands import A_WEIGHTING, BANDS, weighted
from dtwin_plugin.models.noise.emission import road_power
from dtwin_plugin.models.noise.profile_kernels import ground_at
from dtwin_plugin.models.noise.road_table import VEHICLES, table_of
from dtwin_plugin.models.noise.route_kernels import direct, lateral, reflected

from . import noise_srm
from .noise_scenes import scene_of_case
from .noise_terms import beside, decibel, off_by, route_of, terms_of

ROOT = Path(__file__).resolve().parents[2]
BAND = 0.1  # dB, what ISO/TR 17534-4 asks of a program in each band
EMISSION = 0.01  # dB, asked for; the values have 4 decimals


def rows():
    folder = Path(os.environ.get("DTWIN_SHARED", ROOT.parent / "shared")) / "data" / "noise"
    if not folder.is_dir():
        yield "cases of noise: skipped: needs the shared data"
        return
    yield from cases(folder)


def cases(folder):
    """Yield the rows of a folder with cases."""
    for path in sorted(folder.glob("*.json")):
        if path.stem.startswith(("tc", "road_emission_cases", "srm_")):
            yield from case_rows(json.loads(path.read_text(encoding="utf-8")), folder)


def case_rows(case, folder):
    """Yield the rows of a case file: a scene, or road traffic; other tables have none."""
    if "receiver" in case:
        yield from scene(case)
    elif "srm2" in case:
        for found in (*noise_srm.tables(case), *noise_srm.endless()):
            quantity, expected, got, tolerance = found
            yield row("Dutch methods", quantity, expected, got, tolerance)
    elif "cases" in case:
        edition = "2021" if "2021" in case.get("coefficients", "") else "2015"
        for one in case["cases"]:
            yield emission(one, edition)


def row(case, quantity, expected, got, tolerance):
    return {"model": "noise", "case": case, "quantity": quantity, "expected": expected, "got": got,
            "tolerance": tolerance, "ok": bool(abs(got - expected) <= tolerance)}  # fmt: skip


def emission(case, edition="2015"):
    table = table_of(edition)
    found = road_power(
        [case["flows_per_h"][vehicle] for vehicle in VEHICLES],
        [case["speeds_kmh"][vehicle] for vehicle in VEHICLES],
        table.surfaces[case["surface"]],
        slope=case["slope_pct"],
        temperature=case["temperature_c"],
        junction=case["junction_type"],
        junction_distance=case["junction_distance_m"],
        studded=case["studded_share"],
        months=case["studded_months"],
        table=table,
    )
    found = found[[BANDS.index(band) for band in case["bands_hz"]]] if case.get("bands_hz") else weighted(found)
    worst = np.abs(found - case["expected_Lw_per_m_db"]).max()
    return row(f"emission {case['id']}", "largest difference of a band [dB]", 0.0, float(worst), EMISSION)


class Found(NamedTuple):
    """What is lost on a path of a case in one sort of weather [dB], and the terms that it is made of."""

    loss: np.ndarray
    terms: dict


def paths_of(case):
    """Return the paths that a case has, found from its scene: by name and weather (H, F)."""
    made = scene_of_case(case)
    a, b = (np.array([case[end][axis] for axis in "xyz"], float) for end in ("source", "receiver"))
    grounds = np.array([ground_at(made, *end[:2]) for end in (a, b)])
    air = absorption(case["weather"]["temperature_c"], case["weather"]["relative_humidity_pct"])
    soft = case["source"]["G_at_source"]
    given, paths = (made, a, b, grounds, soft, air), {}
    known = [*case["expected"]["paths"], *case.get("propagation", {}).get("paths", [])]
    for name in dict.fromkeys(known):
        found, wall = np.full((2, len(BANDS)), np.nan), None
        if name == "direct":
            direct(*given, found)
        elif name in ("left", "right"):
            lateral(*given, 1 if name == "left" else -1, found)
        else:
            walls = np.flatnonzero((made.owners >= 0) & (made.absorption[made.owners].min(axis=1) < 1))
            wall = next((one for one in walls if reflected(*given, np.array([one]), found)), None)
        for number, weather in enumerate("HF"):
            with np.errstate(divide="ignore"):
                loss = -decibel(found[number])
            route = route_of(made, a, b, grounds, name, weather == "F", wall)
            terms = {} if route is None else terms_of(made, route, a, b, soft, air, weather == "F")
            if wall is not None and terms:
                terms["Aref"] = decibel(1.0 - made.absorption[made.owners[wall]])
                lost = (terms[each] for each in ("Adiv", "Aatm", "Aboundary"))
                terms["Aretrodif"] = loss - sum(lost) + terms["Aref"]
            paths[name, weather] = Found(loss, terms)
    return paths


def scene(case):
    """Yield the largest difference of a band of each path, found from the scene alone, of its terms and of the sum."""
    power = np.array(case["source"]["Lw_db"])
    paths = paths_of(case)
    for (name, weather), path in paths.items():
        tables = case["expected"]["paths"].get(name, {})  # a case may have a path in its sum alone
        given = tables.get(weather, {})
        expected = given["L"]["v"] if "L" in given else None
        if "gain_total" in given:
            expected = power + given["gain_total"]["v"]
        title = f"{case['id']} {case['title']}, {name} {weather}"
        if expected is not None:
            worst = beside(power - path.loss, expected)
            yield row(title, "largest difference of a band [dB]", 0.0, worst, BAND)
        geometry = tables.get("geometry", {}).get(weather, {})
        if off := off_by(path.terms, {**geometry, **given}) if path.terms else {}:
            term, worst = max(off.items(), key=lambda one: one[1])
            yield row(title, f"{len(off)} terms, in tolerances ({term})", 0.0, worst, 1.0)
    yield from all_paths(case, power, paths)


def all_paths(case, power, paths):
    """Yield the level of all paths together, half of the time in each weather, where a case has it."""
    sums = case["expected"].get("receiver", {})
    share = case["weather"].get("p_favourable", 0.5)
    energy = sum((share if weather == "F" else 1 - share) * 10.0 ** ((power - path.loss) / 10.0)
                 for (_, weather), path in paths.items())  # fmt: skip
    for name, weight in (("LA_all_paths", A_WEIGHTING), ("L_all_paths", 0.0)):
        if name in sums:
            worst = beside(decibel(energy) + weight, sums[name]["v"])
            title = f"{case['id']} {case['title']}, all paths"
            yield row(title, "largest difference of a band [dB]", 0.0, worst, max(float(sums[name]["tol"]), BAND))

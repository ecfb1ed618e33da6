"""`python -m scripts.demo.told OUT`: tell what the questions of the demo gave; with more words, a file of a study."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

FILES = (
    *("report.html", "twin.qgz", "map.png", "view3d.png", "water_depth_max.tif", "water_depth.tif"),
    *("building_depth.gpkg", "houses.gpkg", "water.nc", "measures/difference.tif", "area.gpkg", "buildings.gpkg"),
    *("run.json", "street/report.html", "street/street.qgz", "street/map.png", "street/view3d.png"),
    *("street/outcome.gpkg", "street/taken.gpkg", "plan/shadow-study.pdf", "plan/plan-check.pdf", "plan/outcomes.csv"),
    *("plan/violations.gpkg", "noise/noise.qgz", "noise/map.png", "noise/view3d.png", "noise/difference.tif"),
    *("noise/difference.png", "noise/facades.gpkg", "noise/classes.csv", "noise/classes_30.csv", "noise/roads.gpkg"),
    *(
        "study/results/study.html",
        "study/results/indicators.csv",
        "study/study.qgz",
        "study/map.png",
        "study/study.zip",
    ),
    *("traffic/results/study.html", "traffic/results/indicators.csv", "traffic/traffic.qgz", "traffic/map.png"),
    *("traffic/difference.qgz", "traffic/difference.png"),
)


def made(study: Path, scenario: str, step: str, output: str) -> str:
    """Return the path of what a step of a study made."""
    return str(json.loads(study.read_text("utf-8"))["scenarios"][scenario][step]["outputs"][output])


def told(out: Path) -> Iterator[str]:
    """Yield the lines that tell what was found, and the files."""
    for what, text in QUESTIONS.items():
        if (out / what).is_file():
            yield from (f"  {line}" for line in text(out))
    for name in FILES:
        path = out / name
        if path.is_file():
            yield f"  {path.stat().st_size / 1e6:7.2f} MB  {os.path.relpath(path)}"


def _outputs(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))["outputs"]
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _flood(out: Path) -> Iterator[str]:
    run, houses = _outputs(out / "run.json"), _outputs(out / "consequences.json")
    yield f"{run['flooded_area'] / 1e4:.1f} ha deeper than 0.05 m; mass balance error {run['mass_error']:.1e}"
    yield f"water in {houses['buildings_inside']:.0f} buildings for sure, damage about {houses['damage_mean']:,.0f} EUR"


def _measures(out: Path) -> Iterator[str]:
    helped = _outputs(out / "measures" / "difference.json")
    less, cost = helped["volume_less"], helped["cost_per_m3"]
    yield f"measures in the Wilhelminastraat: {less:.0f} m3 less water on the street, {cost:,.0f} EUR per m3"


def _street(out: Path) -> Iterator[str]:
    found = _outputs(out / "street" / "run.json")
    planned = {name: found[name] for name in ("free", "uncertain", "too_close", "clash")}
    text = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in planned.items())
    yield f"of {sum(planned.values())} trees and crates in the Parklaan: {text}"


def _plan(out: Path) -> Iterator[str]:
    study, found = _outputs(out / "plan" / "shadow.json"), _outputs(out / "plan" / "run.json")
    kinds = ("non_compliant", "review_required", "insufficient_data", "compliant", "not_applicable")
    text = ", ".join(f"{found[name]} {name.replace('_', ' ')}" for name in kinds)
    yield f"the new block takes an hour of sun or more of {study['lost_area']:.0f} m2; rules and objects: {text}"


def _noise(out: Path) -> Iterator[str]:
    def dwellings(file: str) -> dict[str, float]:
        rows = _rows(out / "noise" / file)
        return {row["class"]: float(row["dwellings"]) for row in rows if row["indicator"] == "lden"}

    now, slower = dwellings("classes.csv"), dwellings("classes_30.csv")
    quiet = ("< 55", "not known")
    louder = [sum(count for name, count in one.items() if name not in quiet) for one in (now, slower)]
    mean = _outputs(out / "noise" / "difference.json")["mean_difference"]
    yield (
        f"with assumed traffic {louder[0]:.0f} of {sum(now.values()):.0f} dwellings have 55 dB Lden or more at their "
        f"most exposed facade; with 30 km/h at most it is {louder[1]:.0f}, and {abs(mean):.1f} dB "
        f"{'less' if mean < 0 else 'more'} on the map on average"
    )
    for name in now:
        yield f"  {name:>9} dB: {now[name]:5.0f} dwellings now, {slower[name]:5.0f} with 30 km/h"


def table(file: Path) -> Iterator[str]:
    """Yield the lines of a table of indicators, a column for each scenario; * is the best."""
    rows = _rows(file)
    titles = list(dict.fromkeys(row["scenario_title"] for row in rows))
    yield f"  {'':44}" + "".join(f"{title:>24}" for title in titles)
    for title in dict.fromkeys(row["title"] for row in rows):
        cells = [row for row in rows if row["title"] == title]
        shown = [f"{float(row['value']):,.6g}" if row["value"] else "not known" for row in cells]
        marks = ["*" if row["best"] == "1" else " " for row in cells]
        unit = "" if cells[0]["unit"] == "1" else f" [{cells[0]['unit']}]"
        yield f"  {title + unit:44}" + "".join(f"{text:>23}{mark}" for text, mark in zip(shown, marks))


def _study(out: Path) -> Iterator[str]:
    results = out / "study" / "results"
    yield " ".join(json.loads((results / "study.json").read_text("utf-8"))["answer"])
    yield from table(results / "indicators.csv")
    whole = json.loads((out / "study" / "faults.json").read_text("utf-8"))["valid"]
    yield f"  * best; the archive package is {'whole' if whole else 'NOT whole'}"


def _traffic(out: Path) -> Iterator[str]:
    results = out / "traffic" / "results"
    trips = [
        sum(float(row[name]) for row in _rows(Path(made(results / "study.json", scenario, "trips", "matrix")))
            for name in ("out", "back", "through"))
        for scenario in ("now", "homes")
    ]  # fmt: skip
    yield (
        f"300 homes make {trips[1] - trips[0]:,.0f} movements of vehicles a day more, on {trips[0]:,.0f} now "
        "(invented rates, not for decisions):"
    )
    yield from table(results / "indicators.csv")
    flows = Path(made(results / "study.json", "now", "assign", "flows"))
    if flows.is_file():
        yield _near_counts(flows)


def _near_counts(flows: Path) -> str:
    """Return how near the flows of now are to counts, in an hour of the day."""
    from osgeo import ogr  # where it is asked for

    from dtwin_plugin.models.traffic.demand.adjust import geh

    source = ogr.Open(str(flows))
    rows = [feature.items() for feature in source.GetLayer(0)]
    pairs = [
        (sum(row[f"{kind}_day"] for kind in ("light", "medium", "heavy")), row["count"]) for row in rows if row["count"]
    ]
    far = geh(*np.array(pairs).T)
    near, nearly = (100 * np.mean(far <= limit) for limit in (5, 10))
    return f"of {len(far)} counted links of now {near:.0f} percent are within GEH 5, {nearly:.0f} percent within 10"


QUESTIONS: dict[str, Callable[[Path], Iterator[str]]] = {
    "run.json": _flood,
    "measures/difference.json": _measures,
    "street/run.json": _street,
    "plan/run.json": _plan,
    "noise/difference.json": _noise,
    "study/results/study.json": _study,
    "traffic/results/study.json": _traffic,
}


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(made(Path(sys.argv[1]), *sys.argv[2:]))
    else:
        print("\n".join(told(Path(sys.argv[1]))))

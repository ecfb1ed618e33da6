"""The picture and the figures of reachability of the guide: Waterdam in the flood of `make demo`, and a fire station.

QT_QPA_PLATFORM=offscreen .venv/bin/python -m scripts.reach_picture

Runs four algorithms through qgis_process on what `make demo` left in build/demo, and prints what the guide says.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.build import ROOT

DEMO, SAMPLE = ROOT / "build" / "demo", ROOT / "build" / "sample"
BGT = f"{DEMO / 'area.gpkg'}|layername=bgt_bgt"
STATION = [112470.0, 460560.0]  # assumed: the sample has no fire station
AREA = (111930.0, 459930.0, 113070.0, 461070.0)
WIDTH, HEIGHT = 900, 900
MODE = "1"  # emergency vehicle


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images" / "reachability.png")
    options = parser.parse_args()
    if not (DEMO / "water_depth_max.tif").is_file():
        sys.exit("There is no flood of the sample; run make demo first.")
    with tempfile.TemporaryDirectory() as place:
        made = calculated(Path(place))
        draw(made, options.to)


def calculated(folder):
    """Run the chain; return the paths of the results, and print what the guide tells of them."""
    station = folder / "station.geojson"
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    point = {
        "type": "Feature",
        "properties": {"name": "station"},
        "geometry": {"type": "Point", "coordinates": STATION},
    }
    station.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [point]}), encoding="utf-8")
    paths = {
        name: folder / f"{name}.gpkg" for name in ("links", "roads", "lines", "areas", "reached", "closed", "near")
    }
    found = ran("roadnetwork", roads=SAMPLE / "roads.gpkg", links=paths["links"], nodes=folder / "nodes.gpkg")
    print("links", found["link_count"])
    flood = {"depth_max": DEMO / "water_depth_max.tif", "terrain": DEMO / "ground.tif"}
    ran("floodconsequences", **flood, roads=BGT, road_lines=paths["links"], road_passability=paths["roads"],
        road_line_passability=paths["lines"], summary=folder / "flood.csv")  # fmt: skip
    print({term: value for term, value in rows(folder / "flood.csv") if "closed for emergency" in term})
    common = {"links": paths["links"], "mode": MODE, "closed_links": paths["closed"]}
    found = ran("traveltimeareas", **common, places=station, times="0.5; 1; 1.5; 2", buffer=60, cell_size=5, water=BGT,
                flooded_roads=paths["roads"], areas=paths["areas"], reached_links=paths["reached"],
                statistics=folder / "areas.csv")  # fmt: skip
    print({name: found[name] for name in ("reached_area", "lost_area")}, dict(rows(folder / "areas.csv")))
    near = {**common, "facilities": station, "areas": f"{DEMO / 'area.gpkg'}|layername=buildings3d_footprints",
            "reached_areas": paths["near"], "statistics": folder / "near.csv"}  # fmt: skip
    for closing in (
        {"flooded_lines": paths["lines"]},
        {"depth": DEMO / "water_depth_max.tif"},
        {"flooded_roads": paths["roads"]},
    ):
        other = {**near, "closed_links": folder / f"closed_{next(iter(closing))}.gpkg"}
        found = ran("nearestfacility", **other, **closing)
        print(next(iter(closing)), found["closed_count"], "closed,", found["lost"], "buildings no longer reached")
    return paths


def ran(algorithm, **values):
    """Run an algorithm of the plugin; return its results, with the number of closed links where it gives them."""
    given = [f"{name}={value}" for name, value in values.items()]
    command = ["qgis_process", "--json", "run", f"dtwin:{algorithm}", "--", *given]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    if done.returncode:
        sys.exit(f"{algorithm} failed: {done.stderr[-2000:]}")
    results = json.loads(done.stdout[done.stdout.index("{") :])["results"]
    if Path(values.get("closed_links", ROOT / "none")).is_file():
        from osgeo import ogr

        opened = ogr.Open(str(values["closed_links"]))  # kept: its layer dies with it
        results["closed_count"] = opened.GetLayer(0).GetFeatureCount()
    return results


def rows(path):
    """Return terms and values of a table."""
    with path.open(encoding="utf-8") as file:
        return [(row["term"], round(float(row["value"]), 1)) for row in csv.DictReader(file)]


def draw(paths, to):
    """Draw closed links over links and areas by travel time, over the map."""
    from qgis.core import (
        QgsApplication,
        QgsCoordinateReferenceSystem,
        QgsMapRendererParallelJob,
        QgsMapSettings,
        QgsRectangle,
        QgsVectorLayer,
    )
    from qgis.PyQt.QtCore import QSize
    from qgis.PyQt.QtGui import QColor, QImage

    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], True)
    application.initQgis()
    from dtwin_plugin.layers.styles import STYLES

    layers = []
    for name, style in (("closed", "reach_closed"), ("reached", "reach_links"), ("areas", "reach_areas")):
        layer = QgsVectorLayer(str(paths[name]), name, "ogr")
        STYLES[style](layer)
        layers.append(layer)
    ground = QgsVectorLayer(BGT, "map", "ogr")
    STYLES["bgt"](ground)
    ground.setOpacity(0.5)
    settings = QgsMapSettings()
    settings.setLayers([*layers, ground])
    settings.setOutputSize(QSize(WIDTH, HEIGHT))
    settings.setBackgroundColor(QColor("white"))
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    settings.setExtent(QgsRectangle(*AREA))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().convertToFormat(QImage.Format.Format_Indexed8).save(str(to))


if __name__ == "__main__":
    main()

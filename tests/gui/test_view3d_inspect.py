"""Inspect, measure and columns in the real QGIS: of each kind of layer the object that is clicked is met."""

import csv
import math

import numpy as np
import pytest
from qgis.core import QgsVectorLayer
from qgis.PyQt.QtGui import QColor, QImage

from dtwin_plugin.errors import CrsError
from dtwin_plugin.sources.crs import from_rd
from scripts import small_twin
from tests.layers.pick_oracles import FacesByGeos, Prisms

BRIGHT, PINK = QColor("#ffd400"), QColor("#e6007e")


@pytest.fixture(scope="module")
def small(qgis_app, tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    small_twin.main(folder)
    return folder


def expected(folder, kind, click):
    """Who is met along the ray of a click, by other means."""
    layer = QgsVectorLayer(f"{folder / kind}.gpkg|layername={kind}", kind, "ogr")
    origin, direction = np.array(click["origin"]), np.array(click["direction"])
    if kind in ("surfaces", "tubes"):
        return FacesByGeos(layer)(origin, direction)
    rows, corners, ends = [], [], []
    for feature in layer.getFeatures():
        ring = np.array([(v.x(), v.y()) for v in next(iter(feature.geometry().constParts())).vertices()][:-1])
        turned = np.cross(ring[1] - ring[0], ring[2] - ring[1]) > 0
        rows.append(feature.id())
        corners.append(ring if turned else ring[::-1])
        ends.append((0.0, feature["b3_h_70p"]) if kind == "footprints" else (feature["z_min"], feature["z_max"]))
    return Prisms(rows, np.array(corners), *np.array(ends).T)(origin, direction)


@pytest.mark.gl
@pytest.mark.slow
def test_objects_are_clicked_and_measured_in_the_real_qgis(real_qgis, keep_pictures, small):
    found = real_qgis("view3d_inspect_trial", small, timeout=400)
    assert found["ready"]
    for kind in ("surfaces", "footprints", "tubes", "columns", "voxels"):
        clicks = found["clicks"][kind]
        for click in clicks:
            distance, owners = expected(small, kind, click)
            owner = click["told"][1] if click["told"] else None
            assert owner in owners, (kind, click, distance, owners)
        assert any(click["told"] for click in clicks), kind
    assert all(click["told"] and click["told"][1] == click["aimed"] for click in found["clicks"]["trees"])
    tiles(found)
    hits, clicked = found["points"]
    assert hits >= clicked - 1 > 2
    told_of_a_house(found)
    measured(found)
    column(found, small)
    assert found["left"] == [0, True, 0]
    assert share(small / "inspect.png", BRIGHT) > 0.001
    assert all(share(small / f"measure_{kind}.png", PINK) > 0.0001 for kind in ("way", "area", "height"))
    assert share(small / "column.png", PINK) > 0.0001
    names = ["inspect", "inspect_tiles", "inspect_points", "measure_way", "measure_area", "column", "column_plot"]
    keep_pictures(small, names, "view3d-inspect")


def tiles(found):
    """Without the grids of RDNAPTRANS nobody knows where they are, and nothing is told of them."""
    try:
        from_rd(np.array([[112_065.0, 460_065.0, 0.0]]), "EPSG:4979")
    except CrsError:
        assert found["tiles"] == []
    else:
        assert found["tiles"][0][0] == "3D Tiles"
        assert found["tiles"][0][1] == pytest.approx([112_065, 460_065, 5], abs=0.3)


def told_of_a_house(found):
    titles = [group[0] for group in found["facts"]]
    rows = {title: dict(group[1:]) for title, group in zip(titles, found["facts"])}
    assert titles[0] == "Surfaces" and "Footprints (Small twin 1" in " ".join(titles)  # joined by the BAG id
    assert any("Water depth, highest" in group for group in rows.values())
    assert "In the BAG" in rows["Where it comes from"] or rows["Where it comes from"]["Model"] == "Small twin 1"
    assert "NAP" in rows["Place"]["Height"] and len(found["also here"]) > 1  # the roof, and what lies behind it
    assert 20 < found["zoomed"] < 70
    assert any("Base map" in text for text in found["ground"])


def measured(found):
    way = found["way"]["From 1 to 2"]
    assert way["Length in space"] == "12.00 m" and way["Height difference"] == "0.00 m"  # snapped to the corners
    area = found["area"]["Surface area"]
    assert area["In its own plane"] == area["On the map"] == "144.00 m²"
    height = float(found["height"]["Height above the ground"]["Above the ground"].split()[0])
    assert height == pytest.approx(found["measured height"] + 0.3, abs=0.3)  # the ground lies below 0
    assert found["cleared"] == [[], {}] and found["restored"]


def column(found, folder):
    kinds = [kind for kind, *_ in found["column"]]
    assert kinds[0] == "building" and {"water", "surface", "cable", "soil"} <= set(kinds)
    tops = [top for _, top, *_ in found["column"] if not math.isnan(top)]
    assert tops == sorted(tops, reverse=True)
    with (folder / "column.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["kind"] for row in csv.DictReader(file)] == kinds
    assert "column_plot.png" in found["said"]
    assert QImage(str(folder / "column_plot.png")).width() >= 600


def share(path, colour):
    """Share of the pixels right of the middle that are nearly of a hue, and vivid."""
    image = QImage(str(path))
    pixels = [QColor(image.pixel(x, y)) for x in range(500, image.width(), 3) for y in range(100, image.height(), 3)]
    near = [p for p in pixels if p.hsvSaturation() > 150 and abs((p.hsvHue() - colour.hsvHue() + 180) % 360 - 180) < 8]
    return len(near) / len(pixels)

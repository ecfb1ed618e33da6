"""Run inside the real QGIS by `qgis --code`: objects of every kind are clicked and measured, and columns told.

The environment tells: DTWIN_TRIAL is the folder with what `scripts.small_twin` wrote, and to write `found.json` to.
"""

import json

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDoubleRange,
    QgsGeometry,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRectangle,
    QgsSettings,
)
from qgis.utils import iface

from scripts.trial import FOLDER, click, is_drawn, picture, pump, show_map, start, until, view3d

KINDS = json.loads((FOLDER / "kinds.json").read_text())
CLICKED = ("surfaces", "footprints", "trees", "tubes", "columns", "voxels")
MOST = 4  # clicks on objects of a kind
found = {"clicks": {}}


def run():
    from dtwin_plugin.layers.results import layers_of

    # a tileset would make QGIS ask how to come from the ellipsoid to RD, and wait
    QgsSettings().setValue("projections/promptWhenMultipleTransformsExist", False, QgsSettings.Section.App)
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    layers = {}
    for name, kind in KINDS.items():
        opened = layers_of(FOLDER / kind["file"], name)
        layers[name] = opened[0]
        project.addMapLayer(opened[0])
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(layers["terrain"])
    project.elevationProperties().setTerrainProvider(provider)
    show(layers, "terrain", "surfaces")
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))  # the first layer may have changed it
    iface.mapCanvas().setExtent(QgsRectangle(111_990, 459_990, 112_090, 460_090))
    pump(0.5)
    dock = view3d()
    found["ready"] = show_map(dock)
    found["message"] = dock.message.text()
    assert dock.scene.view is not None, found["message"]
    for kind in CLICKED:
        found["clicks"][kind] = each(dock, layers, kind)
    tiles_and_points(dock, layers)
    inspect(dock, layers)
    measure(dock)
    column(dock, layers)
    dock.scene.close_views()
    pump(0.5)
    found["left"] = [len(dock.instruments.get("measure").places), dock.instruments.get("column").column is None,
                     len(dock.instruments.get("inspect").met)]  # fmt: skip
    return found


def show(layers, *names):
    root = QgsProject.instance().layerTreeRoot()
    for name, layer in layers.items():
        root.findLayer(layer.id()).setItemVisibilityChecked(name in names)
    pump(0.3)


def gathered(dock):
    """Wait for the click that waits for shapes."""
    if dock.scene._waiting is not None:
        until(lambda: dock.scene._waiting is None)


def each(dock, layers, kind):
    """Click on objects of one kind, alone in the view without ground; tell what was met along which ray."""
    show(layers, kind)
    view = dock.scene.view
    view.set_underground(True)
    view.look(112_040, 460_040, 0.0, 110.0, 50.0, 20.0)
    pump(0.3)
    inspector, clicks = dock.choose("inspect"), []
    for feature in list(layers[kind].getFeatures())[:MOST]:
        place = centre(feature, kind)
        x, y, _ = view.project([place])[0]
        x, y = round(x), round(y)
        click(view.canvas, x, y)
        gathered(dock)
        origin, direction = (part.tolist() for part in view.ray(x, y))
        met = inspector.met[0] if inspector.met else None
        told = [met.layer.name(), met.hit.owner, list(met.hit.place)] if met else None
        clicks.append({"aimed": feature.id(), "told": told, "origin": origin, "direction": direction})
    return clicks


def centre(feature, kind):
    part = next(iter(feature.geometry().constParts()))
    places = [(v.x(), v.y(), v.z()) for v in part.vertices()]
    x, y, z = (sum(values) / len(places) for values in zip(*places))
    if kind == "trees":
        return x, y, 6.0
    if kind in ("columns", "voxels"):
        return x, y, feature["z_max"]
    return (x, y, feature["b3_h_70p"]) if kind == "footprints" else (x, y, z)


def tiles_and_points(dock, layers):
    """Click on the square of 3D Tiles, and on a point of the cloud."""
    view, inspector = dock.scene.view, dock.choose("inspect")
    for kind, place in (("tiles", (112_065, 460_065, 5.0)), ("points", None)):
        show(layers, kind)
        view.look(112_065, 460_065, 5.0, 60.0, 30.0, 0.0)
        until(lambda: is_drawn(dock))
        pump(1)
        picture(f"inspect_{kind}")
        if place is None:
            view.set_underground(False)
            around = QgsGeometry.fromRect(QgsRectangle(112_060, 460_056, 112_070, 460_070))
            cloud = layers["points"].dataProvider().identify(0.05, around, QgsDoubleRange(-5, 50), 6)
            hits = 0
            for point in cloud:
                click(view.canvas, *view.project([(point["X"], point["Y"], point["Z"])])[0][:2])
                gathered(dock)
                hits += any(met.point is not None for met in inspector.met)
            found["points"] = [hits, len(cloud)]
            continue
        x, y, _ = view.project([place])[0]
        click(view.canvas, x, y)
        gathered(dock)
        found[kind] = [[met.layer.name(), list(met.hit.place)] for met in inspector.met]


def inspect(dock, layers):
    """Ask what is known of a house, with water on the ground, and look at how it is marked."""
    show(layers, "terrain", "base_map", "surfaces", "depth", "trees")
    view, inspector = dock.scene.view, dock.choose("inspect")
    view.set_underground(False)
    view.look(112_038, 460_038, 5.0, 70.0, 45.0, 20.0)
    until(lambda: is_drawn(dock))
    house = next(f for f in layers["footprints"].getFeatures() if f["identificatie"].endswith("4"))
    middle = house.geometry().centroid().asPoint()
    x, y, _ = view.project([(middle.x(), middle.y(), house["b3_h_70p"])])[0]
    click(view.canvas, x, y)
    gathered(dock)
    until(lambda: is_drawn(dock))
    pump(1)
    found["also here"] = [inspector.here.itemText(k) for k in range(inspector.here.count())]
    found["facts"] = [[group.title, *map(list, group.rows)] for group in inspector._groups]
    picture("inspect")
    inspector.zoom.click()
    pump(0.5)
    found["zoomed"] = view.camera().distance
    x, y, _ = view.project([(112_004, 460_026, 0.0)])[0]
    view.look(112_004, 460_026, 0.0, 40.0, 20.0, 0.0)
    pump(0.3)
    click(view.canvas, view.camera().width / 2, view.camera().height / 2)
    gathered(dock)
    found["ground"] = [inspector.here.itemText(k) for k in range(inspector.here.count())]


def measure(dock):
    """Measure the roof of the middle house by its corners."""
    view, page = dock.scene.view, dock.choose("measure")
    houses = QgsProject.instance().mapLayersByName("Footprints")[0]
    top = next(feature for feature in houses.getFeatures() if feature["identificatie"].endswith("4"))
    height, box = top["b3_h_70p"], top.geometry().boundingBox()
    view.look(box.center().x(), box.center().y(), height, 45.0, 35.0, 20.0)
    until(lambda: is_drawn(dock))
    corners = [(box.xMinimum(), box.yMinimum()), (box.xMaximum(), box.yMinimum()), (box.xMaximum(), box.yMaximum()),
               (box.xMinimum(), box.yMaximum())]  # fmt: skip
    middle = box.center()
    for kind, count in (("way", 2), ("area", 4), ("height", 1)):
        page.kind.setCurrentIndex(page.kind.findData(kind))
        for x, y in corners[:count]:
            # a little inside of the corner: it snaps
            inside = (x + 0.02 * (middle.x() - x), y + 0.02 * (middle.y() - y), height)
            click(view.canvas, *view.project([inside])[0][:2])
            gathered(dock)
        until(lambda: is_drawn(dock))
        pump(1)
        picture(f"measure_{kind}")
        found[kind] = {group.title: dict(group.rows) for group in page._groups}
    found["measured height"] = height
    kept = page.state()
    page.clear.click()
    found["cleared"] = [page.places, page.state()]
    page.restore(kept)
    found["restored"] = page.state() == kept
    page.clear.click()


def column(dock, layers):
    """Ask what lies above and under the middle house."""
    show(layers, "terrain", "base_map", "surfaces", "tubes", "voxels")
    view, page = dock.scene.view, dock.choose("column")
    view.look(112_038, 460_038, 0.0, 90.0, 55.0, 20.0)
    until(lambda: is_drawn(dock))
    page.near.setValue(25)
    page.ask(112_038.0, 460_038.0)
    until(lambda: is_drawn(dock))
    pump(1)
    picture("column")
    found["column"] = [[part.kind, part.top, part.bottom, part.name, part.distance] for part in page.column.parts]
    page.write_table(FOLDER / "column.csv")
    page.write_picture(FOLDER / "column_plot.png")
    found["said"] = dock.message.text()


start(run)

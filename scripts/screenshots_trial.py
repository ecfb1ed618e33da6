"""Run inside the real QGIS by `qgis --code`: make the pictures of the README from what `make demo` made.

The environment tells: DTWIN_TRIAL is the folder to write to, DTWIN_DEMO that of the demo, DTWIN_SAMPLE that of the
sample municipality. Pictures are twice as large as they are shown, so that their edges are smooth.
"""

import os
from pathlib import Path

import processing
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsReadWriteContext,
    QgsRectangle,
    QgsVector3D,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, Qt
from qgis.PyQt.QtXml import QDomDocument
from qgis.utils import iface

from scripts.trial import FOLDER, is_drawn, picture, pump, start, until, view3d

DEMO, SAMPLE = Path(os.environ["DTWIN_DEMO"]), Path(os.environ["DTWIN_SAMPLE"])
WIDTH, HEIGHT = 2400, 1350
RD = QgsCoordinateReferenceSystem("EPSG:28992")
ONLY = os.environ.get("DTWIN_ONLY", "").split()
PEAK = "2000-01-01T01:00:00"  # rain of one hour that begins at midnight


def run():
    """Make all pictures, or those that are asked for."""
    pictures = (buildings, flood, facades, street, scenarios)
    made = [make for make in pictures if not ONLY or make.__name__ in ONLY]
    for make in made:
        make()
    return {"pictures": [make.__name__ for make in made]}


def buildings():
    """Buildings by surface type, with trees on the base map."""
    layers = [trees(), vector("area.gpkg", "buildings3d_surfaces"), vector("area.gpkg", "bgt_bgt")]
    scene("buildings", layers, (112_560, 460_440, 0), 330, 66, 24)


def flood():
    """Water at its level when the rain stops, on the base map."""
    from dtwin_plugin.layers.finish import mesh_layer

    water = mesh_layer(DEMO / "water.nc", "water")
    layers = [vector("area.gpkg", "buildings3d_surfaces"), water, vector("area.gpkg", "bgt_bgt")]
    moment = QDateTime.fromString(PEAK, Qt.DateFormat.ISODate)
    moment.setTimeSpec(Qt.TimeSpec.UTC)
    scene("flood", layers, (112_440, 460_760, 0), 330, 58, 20, QgsDateTimeRange(moment, moment.addSecs(60)))


def facades():
    """Each house in the class of the deepest water at its walls."""
    layers = [
        vector("building_depth.gpkg", "building_depth"),
        raster("water_depth_max.tif"),
        vector("area.gpkg", "bgt_bgt"),
    ]
    scene("facades", layers, (112_440, 460_760, 0), 330, 58, 20)


def street():
    """Cables and pipes, planned trees and crates, and the soil below them."""
    voxels = FOLDER / "geotop.gpkg"
    wanted = {"file": str(SAMPLE / "subsurface" / "geotop.nc"), "highest": -3.0, "voxels": str(voxels)}
    processing.run("dtwin:loadgeotop", {**wanted, "extent": "112600,112900,460300,460500 [EPSG:28992]"})
    layers = [vector("street/outcome.gpkg", "planned_areas_outcome"), vector("street/tubes.gpkg", "tubes")]
    layers += [QgsVectorLayer(f"{voxels}|layername=voxels", "voxels", "ogr")]
    scene("street", layers, (112_765, 460_392, -2), 110, 68, -14, below=True)


def scenarios():
    """The panel with the same storm without and with measures, side by side."""
    project = QgsProject.instance()
    project.setCrs(RD)
    ground = raster("ground.tif")
    themes = {}
    for name in ("bgt_bgt", "buildings3d_surfaces"):
        project.addMapLayer(vector("area.gpkg", name))
    for name, path in (("Now", "water_depth_max.tif"), ("With measures", "measures/water_depth_max.tif")):
        themes[name] = project.addMapLayer(raster(path))
    stand_on(project, ground)
    root, model = project.layerTreeRoot(), iface.layerTreeView().layerTreeModel()
    for name in themes:
        for other, layer in themes.items():
            root.findLayer(layer.id()).setItemVisibilityChecked(other == name)
        project.mapThemeCollection().insert(name, project.mapThemeCollection().createThemeFromCurrentState(root, model))
    iface.mapCanvas().setExtent(QgsRectangle(112_250, 460_550, 112_650, 460_900))
    dock = view3d(1300)
    dock.scene.show_map()
    dock.scene.show_second(True)
    for frame, name in zip(dock.scene.frames, themes):
        frame.themes.setCurrentIndex(frame.themes.findData(name))
        frame.view.show_theme(name)
    dock.scene.view.look(112_440, 460_760, 0, 260, 52, 20)
    until(lambda: is_drawn(dock))
    pump(3)
    picture("scenarios")


def vector(path, table):
    return QgsVectorLayer(f"{DEMO / path}|layername={table}", table, "ogr")


def raster(path):
    from dtwin_plugin.layers.finish import load_sidecars

    layer = QgsRasterLayer(str(DEMO / path), Path(path).stem)
    load_sidecars(layer)
    return layer


def trees():
    from dtwin_plugin.layers.styles import STYLES

    layer = QgsVectorLayer(f"{SAMPLE / 'trees.gpkg'}|layername=bomen", "trees", "ogr")
    STYLES["trees"](layer)
    return layer


def stand_on(project, ground):
    """Give a project its ground, which is not drawn on the map."""
    project.addMapLayer(ground, False)
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(ground)
    project.elevationProperties().setTerrainProvider(provider)


def scene(name, layers, place, distance, pitch, heading, span=None, below=False):
    """Save a picture of layers, the first on top, that looks at a place [m] from a distance [m]."""
    from dtwin_plugin.layers import ground3d, scene3d

    project = QgsProject()
    project.setCrs(RD)
    for layer in layers:
        assert layer.isValid(), layer.source()
        project.addMapLayer(layer, False)
        project.layerTreeRoot().addLayer(layer)
    extent = QgsRectangle(112_000, 460_000, 113_000, 461_000)
    ground = ground3d.without_holes(raster("ground.tif"), extent, FOLDER)
    project.addMapLayer(ground, False)
    settings = scene3d.settings_of(project, extent, ground)
    if below:
        scene3d.below_ground(settings)
    else:
        shaded(settings, project)
    pose = scene3d.camera(extent, pitch, heading, middle=settings.mapToWorldCoordinates(QgsVector3D(*place)))
    pose.setDistanceFromCenterPoint(distance)
    scene3d.save_picture(project, settings, pose, FOLDER / f"{name}.png", WIDTH, HEIGHT, span)
    project.clear()


def shaded(settings, project):
    """Switch shadows and ambient occlusion on, for which Python has no call."""
    context = QgsReadWriteContext()
    document = QDomDocument()
    element = settings.writeXml(document, context)
    for tag, switch in (
        ("shadow-rendering", "shadow-rendering-enabled"),
        ("screen-space-ambient-occlusion", "enabled"),
    ):
        found = element.firstChildElement(tag)
        if not found.isNull():
            found.setAttribute(switch, "1")
    settings.readXml(element, context)
    settings.resolveReferences(project)


start(run)

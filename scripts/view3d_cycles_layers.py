"""What the trial of views does to layers and views, within the real QGIS: see `view3d_cycles_trial.py`."""

import gc
import json
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsPointCloudLayer,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.utils import iface

from scripts.trial import FOLDER, pump

ALL = json.loads((FOLDER / "kinds.json").read_text())
SMALL = (260, 200)  # px
AREA = QgsRectangle(111_990, 459_990, 112_090, 460_090)


def small_view(name):
    """Open a view as QGIS's user does; a small one, as software draws it."""
    iface.createNewMapCanvas3D(name)
    for window in QgsApplication.topLevelWidgets():
        if window.windowTitle() == name:
            window.resize(*SMALL)


def memory():
    """What this process has in memory [MB], when what is left behind is gone."""
    pump(0.5)
    gc.collect()
    return round(int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024)


def opened(name):
    """Return the layer of a kind as QGIS opens it for a person."""
    from dtwin_plugin.layers.finish import load_sidecars, mesh_layer
    from dtwin_plugin.layers.reference import read_definition

    path, kind = FOLDER / ALL[name]["file"], ALL[name]["kind"]
    if kind == "layer":
        return read_definition(path)[0]
    if kind == "mesh":
        return mesh_layer(path, name)
    if kind in ("grid", "points"):
        layer = QgsRasterLayer(str(path), name) if kind == "grid" else QgsPointCloudLayer(str(path), name, "copc")
        load_sidecars(layer)
        return layer
    return QgsVectorLayer(f"{path}|layername={name}", name, "ogr")


def added(name):
    """Add a layer to the project as a result is added."""
    from dtwin_plugin.layers.finish import fit_in

    layer, project = opened(name), QgsProject.instance()
    assert layer.isValid(), name
    project.addMapLayer(layer)
    fit_in(layer, project)
    project.layerTreeRoot().findLayer(layer.id()).setItemVisibilityChecked(True)
    return layer


def restyled(layer, name):
    """Give a layer its style once more, and a renderer of its own."""
    from dtwin_plugin.layers.styles import STYLES

    if ALL[name]["style"] in STYLES:
        STYLES[ALL[name]["style"]](layer)
    if layer.renderer3D() is not None:
        layer.setRenderer3D(layer.renderer3D().clone())
    layer.triggerRepaint()


def reloaded(layer, number):
    """Let a layer read its source again, each time in another way."""
    if number % 3 == 0:
        layer.reload()
    elif number % 3 == 1:
        layer.dataChanged.emit()
    elif layer.type() != QgsMapLayer.LayerType.Mesh:  # QGIS has no way to do so with the groups of a mesh
        change_source(layer)
    layer.trigger3DUpdate()


def change_source(layer):
    """Read a layer from its source anew, as the plugin does."""
    from dtwin_plugin.layers.tiles_loading import change_source as change

    change(layer, layer.source(), layer.providerType())


def remove_all_but_ground(also=None):
    project = QgsProject.instance()
    ground = project.elevationProperties().terrainProvider().layer()
    ids = [k for k, layer in project.mapLayers().items() if layer is also or ground is None or k != ground.id()]
    project.removeMapLayers(ids)


def is_drawn():
    return all(view.scene() is not None and view.scene().totalPendingJobsCount() == 0 for view in iface.mapCanvases3D())


def is_loading():
    return all(view.scene().totalPendingJobsCount() > 0 for view in iface.mapCanvases3D())


def new_project():
    """Begin with the ground alone."""
    iface.newProject(False)
    QgsProject.instance().setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    lay_ground()
    iface.mapCanvas().setExtent(AREA)
    pump(0.3)


def lay_ground():
    ground = opened("terrain")
    QgsProject.instance().addMapLayer(ground)
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(ground)
    QgsProject.instance().elevationProperties().setTerrainProvider(provider)

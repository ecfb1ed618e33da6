"""Run inside the real QGIS by `qgis --code`: results on houses, the legend, two scenarios beside and over each other.

The environment tells: DTWIN_TRIAL is the folder with the ground, the houses and the results, and to write to.
"""

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsReadWriteContext,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QEvent, Qt
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import QApplication
from qgis.PyQt.QtXml import QDomDocument
from qgis.utils import iface

from scripts.trial import FOLDER, is_drawn, picture, pump, show_map, start, until, view3d

found = {}


def run():
    from dtwin_plugin.layers import styles, styles3d

    styles3d.initialise()
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    dock = view3d(1100)
    dock.scene.show_map()
    found["nothing"] = dock.message.text()
    ground = QgsRasterLayer(str(FOLDER / "ground.tif"), "ground")
    houses = QgsVectorLayer(f"{FOLDER / 'houses.gpkg'}|layername=houses", "houses", "ogr")
    water = QgsVectorLayer(f"{FOLDER / 'water.gpkg'}|layername=water", "water", "ogr")
    project.addMapLayers([ground, water, houses])
    styles3d.blocks(houses, {"": "#e8c8b8"})
    styles.STYLES["building_depth"](water)
    project.layerTreeRoot().findLayer(water.id()).setItemVisibilityChecked(False)
    iface.mapCanvas().setExtent(houses.extent().buffered(20))
    pump(0.5)
    without_opengl(dock)
    dock.scene.show_map()
    found["flat"] = dock.message.text()
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(ground)
    project.elevationProperties().setTerrainProvider(provider)
    all_settings(dock)
    found["ready"] = show_map(dock)
    found["settings"].append(looks(dock))
    found["message"] = dock.message.text()
    found["looks at"] = dock.scene.view.centre[2]
    found["bearings"] = dock.scene.frames[0].bearings.text()
    results(dock, houses, water)
    legend(dock, houses)
    compare(dock, houses)
    return found


def without_opengl(dock):
    """The panel says that there is no OpenGL, and the rest stays."""
    from dtwin_plugin.gui.view3d import scene

    known, scene.opengl_fault = scene.opengl_fault, lambda: "There is no OpenGL on this display."
    dock.scene.show_map()
    found["no OpenGL"], found["views without"] = dock.message.text(), len(dock.scene.frames)
    scene.opengl_fault = known


def looks(dock):
    """What of the user's settings the view has, and its origin."""
    settings = dock.scene.view.canvas.mapSettings()
    document = QDomDocument()
    scene = settings.writeXml(document, QgsReadWriteContext())
    shadows = scene.firstChildElement("shadow-rendering").attribute("shadow-rendering-enabled")
    ambient = scene.firstChildElement("screen-space-ambient-occlusion").attribute("enabled")
    edges = scene.firstChildElement("eye-dome-lighting").attribute("enabled")
    return [shadows, ambient, edges, settings.origin().x(), settings.origin().y()]


def all_settings(dock):
    """A scene with shadows, darker corners and edges; the next one is without."""
    from dtwin_plugin.layers.settings import AMBIENT_OCCLUSION, EDGES, SHADOWS

    for setting in (SHADOWS, AMBIENT_OCCLUSION, EDGES):
        setting.keep(True)
    show_map(dock)
    pump(1)
    picture("all_settings")
    found["settings"] = [looks(dock)]
    for setting in (SHADOWS, AMBIENT_OCCLUSION, EDGES):
        setting.keep(False)


def drawn(dock):
    until(lambda: is_drawn(dock))
    pump(1)


def results(dock, houses, water):
    """Houses in the classes of the water at them, and as they were."""
    page = dock.choose("results")
    page.target.setCurrentIndex(page.target.findData(houses.id()))
    page.source.setCurrentIndex(page.source.findData(water.id()))
    found["fields"] = [page.field.itemData(k) for k in range(page.field.count())]
    page.show_it.click()
    found["counted"] = page.title.text()
    found["state"] = page.state()
    group = page.swatches.topLevelItem(0)
    found["swatches"] = [group.child(k).text(0) for k in range(group.childCount())]
    drawn(dock)
    picture("results")
    page.back.click()
    drawn(dock)
    picture("plain")
    page.restore(found["state"])
    drawn(dock)


def rows(tree):
    groups = [tree.topLevelItem(k) for k in range(tree.topLevelItemCount())]
    return {group.text(0): [group.child(k).text(0) for k in range(group.childCount())] for group in groups}


def legend(dock, houses):
    """What is in the view; houses are taken out of it and come back, and the map keeps them."""
    page = dock.choose("legend")
    pump(0.5)
    found["legend"] = rows(page.tree)
    picture("legend")
    item = next(page.tree.topLevelItem(k) for k in range(page.tree.topLevelItemCount())
                if page.tree.topLevelItem(k).text(0) == "houses")  # fmt: skip
    item.setCheckState(0, Qt.CheckState.Unchecked)
    drawn(dock)
    found["hidden"] = [layer.name() for layer in dock.scene.view.shown()]
    found["on the map"] = sorted(layer.name() for layer in iface.mapCanvas().layers())
    picture("hidden")
    page.all.click()
    drawn(dock)
    dock.choose("results").show_plain()


def compare(dock, houses):
    """With and without houses, beside each other and one over the other."""
    project = QgsProject.instance()
    themes = project.mapThemeCollection()
    root, model = project.layerTreeRoot(), iface.layerTreeView().layerTreeModel()
    themes.insert("with houses", themes.createThemeFromCurrentState(root, model))
    root.findLayer(houses.id()).setItemVisibilityChecked(False)
    themes.insert("bare", themes.createThemeFromCurrentState(root, model))
    root.findLayer(houses.id()).setItemVisibilityChecked(True)
    dock.compare_themes("with houses", "bare")
    drawn(dock)
    found["named"] = [frame.themes.currentText() for frame in dock.scene.frames]
    picture("beside")
    page = dock.choose("compare")
    page.views.setCurrentIndex(page.views.findData("over"))
    for share in (75, 25):
        page.handle.setValue(10 * share)
        drawn(dock)
        picture(f"over_{share}")
    place = dock.scene.place
    corner, scale = place.mapToGlobal(place.rect().topLeft()), place.devicePixelRatioF()
    found["place"] = [round(scale * k) for k in (corner.x(), corner.y(), place.width(), place.height())]
    found["sizes"] = [[frame.view.canvas.width(), frame.view.canvas.height()] for frame in dock.scene.frames]
    metadata = houses.metadata()
    metadata.setAbstract("Houses (loaddesign 1.0.0).")
    houses.setMetadata(metadata)
    view = dock.scene.view
    found["design"] = []
    for _ in range(2):
        key = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_P, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(view.canvas, key)
        pump(0.5)
        found["design"].append("houses" in [layer.name() for layer in view.shown()])
    found["kept"] = page.state()
    page.views.setCurrentIndex(page.views.findData("one"))
    drawn(dock)
    found["views at the end"] = len(iface.mapCanvases3D())


start(run)

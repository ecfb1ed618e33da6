"""Run inside the real QGIS by `qgis --code`: look into the ground, stretch heights, cut the scene, and tell of it.

The environment tells: DTWIN_TRIAL is the folder with what `scripts.small_twin` wrote, and to write to.
"""

import json

import numpy as np
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProject,
    QgsRasterDemTerrainProvider,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPoint
from qgis.PyQt.QtGui import QImage
from qgis.PyQt.QtWidgets import QApplication, QDockWidget
from qgis.utils import iface

from scripts.small_twin import X, Y
from scripts.trial import FOLDER, is_drawn, picture, pump, show_map, start, until, view3d

SHOWN = ("terrain", "surfaces", "tubes", "columns", "voxels", "cables")
STREET = (X + 26.0, Y + 19.0, -0.3)  # between houses; two cables pass below
found = {"shares": {}}


def run():
    layers = load()
    dock = view3d(1150)
    found["ready"] = show_map(dock)
    view, below = dock.scene.view, dock.choose("below")
    view.look(*STREET, 30.0, 25.0, 0.0)
    seen("whole")
    pits(dock, below)
    stretched(dock, below, layers)
    soil(dock, below, layers)
    from_below(dock, below)
    cuts(dock, layers)
    kept(dock, below)
    dock.scene.close_views()
    pump(0.5)
    found["after closing"] = [below.state(), dock.instruments.get("section").state(), len(iface.mapCanvases3D())]
    found["project"] = sorted(layer.name() for layer in QgsProject.instance().mapLayers().values())
    return found


def load():
    """Add the layers, the soil hidden, with a terrain below all."""
    from dtwin_plugin.layers import styles3d
    from dtwin_plugin.layers.finish import load_sidecars

    styles3d.initialise()
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    layers = {name: opened(name) for name in SHOWN}
    for layer in layers.values():
        load_sidecars(layer)
    project.addMapLayers(list(layers.values()))
    provider = QgsRasterDemTerrainProvider()
    provider.setLayer(layers["terrain"])
    project.elevationProperties().setTerrainProvider(provider)
    tick(layers["voxels"], False)
    iface.mapCanvas().setExtent(QgsRectangle(X - 10, Y - 10, X + 90, Y + 90))
    pump(0.5)
    return layers


def opened(name):
    file = json.loads((FOLDER / "kinds.json").read_text())[name]["file"]
    return QgsRasterLayer(str(FOLDER / file), name) if file.endswith("tif") else QgsVectorLayer(
        f"{FOLDER / file}|layername={name}", name, "ogr")  # fmt: skip


def tick(layer, wanted):
    QgsProject.instance().layerTreeRoot().findLayer(layer.id()).setItemVisibilityChecked(wanted)


def dock_():
    return iface.mainWindow().findChild(QDockWidget, "DtwinView3D")


def seen(name):
    """Wait until all is drawn, keep a picture, and note the share of the view in each colour of interest."""
    pump(0.5)
    assert until(lambda: is_drawn(dock_()), 90), name
    picture(name)
    hue, full, value = colours()
    clear = (full > 110) & (value > 50)
    found["shares"][name] = {
        "sewer": float((clear & (hue > 285) & (hue < 325)).mean()),  # purple
        "roofs": float((clear & (hue > 8) & (hue < 22) & (full > 140)).mean()),
        "blue": float((clear & (hue > 200) & (hue < 250) & (full > 150)).mean()),
        "sky": float(((hue > 195) & (hue < 225) & (full < 40) & (value > 225)).mean()),
        "dark": float((value < 130).mean()),
        "grey": float(((full < 12) & (value > 90) & (value < 200)).mean()),
    }


def colours():
    """Hue [degree], saturation and value [0 to 255] of the pixels of the first view."""
    pixels = grabbed().astype(float)
    red, green, blue = pixels[..., 2], pixels[..., 1], pixels[..., 0]
    most, least = pixels.max(axis=-1), pixels.min(axis=-1)
    spread = np.where(most > least, most - least, 1.0)
    hue = np.select(
        [most == red, most == green],
        [(green - blue) / spread % 6, (blue - red) / spread + 2],
        (red - green) / spread + 4,
    )
    return hue * 60, 255 * (most - least) / np.where(most > 0, most, 1.0), most


def grabbed():
    canvas = dock_().scene.view.canvas
    corner = canvas.mapToGlobal(QPoint(0, 0))
    image = QApplication.primaryScreen().grabWindow(0, corner.x(), corner.y(), canvas.width(), canvas.height())
    image = image.toImage().convertToFormat(QImage.Format.Format_RGB32)
    data = image.constBits().asarray(image.byteCount())
    return np.frombuffer(data, np.uint8).reshape(image.height(), image.width(), 4)[..., :3]


def pits(dock, below):
    """A hole where the cables are, elsewhere, with a lid, and the ground whole again."""
    ground, view = below.ground, dock.scene.view
    ground.kind.setCurrentIndex(ground.kind.findData("pit"))
    ground.size.setValue(14)
    ground.depth.setValue(3)
    ground.put(*STREET[:2])
    seen("pit")
    camera = view.camera()
    x, y, _ = view.project([[X + 26.0, Y + 20 + 24 / 17, -1.67]])[0]  # on the sewer
    until(lambda: not dock.scene.book.missing(drawn(view), view.extent))
    found["met in the pit"] = [met.layer.name() for met in dock.scene.objects_met(view, x, y)][:1]
    found["camera"] = [camera.width, camera.height]
    ground.shape.setCurrentIndex(1)
    ground.put(X + 26.0, Y + 60.0)
    seen("pit elsewhere")
    found["met in the ground"] = [met.layer.name() for met in dock.scene.objects_met(view, x, y)]
    ground.kind.setCurrentIndex(0)
    seen("whole again")


def drawn(view):
    from dtwin_plugin.gui.view3d.picking import drawn_layers

    return drawn_layers(view)


def stretched(dock, below, layers):
    """Heights five times: houses are met where they are drawn, at their true heights."""
    view = dock.scene.view
    view.look(X + 38.0, Y + 30.0, 0.0, 190.0, 60.0, 0.0)
    seen("once")
    below.factor.setCurrentIndex(below.factor.findData(5))
    seen("five times")
    layer = layers["surfaces"]
    tops = []
    for feature in layer.getFeatures("\"surface\" = 'RoofSurface'"):
        box = feature.geometry().boundingBox()
        z = max(vertex.z() for vertex in feature.geometry().vertices())
        x, y, _ = view.project([[box.center().x(), box.center().y(), z]])[0]
        met = dock.scene.objects_met(view, x, y)
        tops.append([z, met[0].hit.place[2] if met else None, bool(met) and met[0].hit.owner == feature.id()])
    found["tops"] = tops
    below.factor.setCurrentIndex(0)


def soil(dock, below, layers):
    """Soil by probability, then what is hardly a guess only; boreholes off; cables by depth, with sleeves."""
    view, switches = dock.scene.view, below.layers
    tick(layers["voxels"], True)
    for name in ("surfaces", "tubes", "cables"):
        tick(layers[name], False)
    below.ground.kind.setCurrentIndex(below.ground.kind.findData("none"))
    view.look(X + 40.0, Y + 40.0, -2.0, 150.0, 50.0, 0.0)
    switches.soil.setCurrentIndex(1)
    seen("probability")
    switches.least.setValue(95)
    seen("sure")
    switches.logs.setChecked(False)
    pump(0.6)
    found["without logs"] = [layer.name() for layer in view.shown()]
    switches.restore({})
    for name in ("surfaces", "tubes", "cables"):
        tick(layers[name], name != "surfaces")
    tick(layers["voxels"], False)
    view.look(*STREET, 30.0, 10.0, 0.0)
    switches.cables.setCurrentIndex(1)
    switches.sleeves.setChecked(True)
    seen("sleeves")
    found["state"] = below.state()
    switches.restore({})
    tick(layers["surfaces"], True)
    below.ground.kind.setCurrentIndex(0)
    pump(0.5)


def from_below(dock, below):
    """Look up: the ground goes by itself, and comes back."""
    below.look_from_below()
    seen("from below")
    found["ground from below"] = [dock.scene.view.underground, len(lights(dock))]
    dock.scene.view.look(X + 38.0, Y + 30.0, 0.0, 130.0, 40.0, 0.0)
    seen("from above")
    found["ground from above"] = [dock.scene.view.underground, len(lights(dock))]


def lights(dock):
    return dock.scene.view.canvas.mapSettings().lightSources()


def cuts(dock, layers):
    """Cut along the middle of the houses, look at both halves, cut on and on, and have all back."""
    page, view = dock.choose("section"), dock.scene.view
    page.set_line([(X - 5.0, Y + 38.0), (X + 85.0, Y + 38.0)])
    page.kind.setCurrentIndex(page.kind.findData("plane"))
    page.apply_cut()
    seen("behind")
    found["halves"] = [halves(dock, layers)]
    page.flipped.setChecked(True)
    page.apply_cut()
    seen("other side")
    found["halves"].append(halves(dock, layers))
    page.kind.setCurrentIndex(page.kind.findData("strip"))
    page.width.setValue(8)
    page.apply_cut()
    page.look_at_it()
    seen("strip")
    found["profile"] = [layer.name() for layer in page.profile.canvas.layers()]
    found["profile length"] = page.profile.canvas.profileCurve().length()
    found["profile heights"] = [
        page.profile.canvas.visibleElevationRange().lower(), page.profile.canvas.visibleElevationRange().upper()
    ]  # fmt: skip
    for number in range(50):
        page.slider.setValue(number - 25)
        (page.apply_cut if number % 3 else page.whole_again)()
        if number % 10 == 0:
            pump(0.02)  # QGIS draws each time, and cuts when it is done with that
    page.slider.setValue(0)
    page.apply_cut()
    assert until(lambda: is_drawn(dock), 90)
    found["cut"] = page.state()
    page.whole_again()
    view.look(X + 38.0, Y + 30.0, 0.0, 130.0, 40.0, 0.0)
    seen("not cut")
    found["halves"].append(halves(dock, layers))
    page.panel.click()
    pump(0.5)
    found["panel"] = iface.mainWindow().findChild(QDockWidget, "DtwinSection").line.points.tolist()
    iface.mainWindow().findChild(QDockWidget, "DtwinSection").setUserVisible(False)
    pump(0.5)


def halves(dock, layers):
    """How many roofs in the south and in the north are met in the middle of where they would be drawn."""
    view, counts = dock.scene.view, [0, 0]
    until(lambda: not dock.scene.book.missing(drawn(view), view.extent))
    for feature in layers["surfaces"].getFeatures("\"surface\" = 'RoofSurface'"):
        centre = feature.geometry().boundingBox().center()
        z = max(vertex.z() for vertex in feature.geometry().vertices())
        north = centre.y() > Y + 38.0
        x, y, _ = view.project([[centre.x(), centre.y() + (2 if north else -2), z]])[0]
        met = dock.scene.objects_met(view, x, y)
        counts[int(north)] += bool(met) and met[0].hit.owner == feature.id()
    return counts


def kept(dock, below):
    """What is set comes back from a viewpoint."""
    section = dock.instruments.get("section")
    below.ground.kind.setCurrentIndex(below.ground.kind.findData("pit"))
    section.apply_cut()
    assert until(lambda: is_drawn(dock), 90)
    states = json.loads(json.dumps([below.state(), section.state()]))
    below.restore({})
    section.restore({})
    found["plain"] = [below.state(), section.state()]
    below.restore(states[0])
    section.restore(states[1])
    found["same"] = [below.state(), section.state()] == states
    dock.scene.show_second(True)  # looks as the first does
    assert until(lambda: is_drawn(dock), 90)
    one, two = (frame.view for frame in dock.scene.frames)
    found["second"] = [two.hole == one.hole, [two.is_cut_away(X + 40.0, Y + y) for y in (37.0, 60.0)]]
    dock.scene.show_second(False)
    below.restore({"hole": [None, 1], "factor": "x", "opacity": [], "least": {}})
    section.restore({"line": "abc"})
    found["nonsense"] = [below.state(), section.state()]
    assert until(lambda: is_drawn(dock), 90)


start(run)

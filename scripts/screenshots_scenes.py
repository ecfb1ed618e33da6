"""The scenes of the pictures of the README, each made off screen in a QGIS without a window."""

import shutil

from qgis.core import QgsDateTimeRange, QgsRectangle
from qgis.PyQt.QtCore import QDateTime, Qt

from dtwin_plugin.layers.finish import mesh_layer
from scripts.screenshots_studio import unshaded

PEAK = "2000-01-01T01:00:00"  # rain of one hour that begins at midnight


def buildings(studio):
    """Buildings by surface type, with trees on the base map."""
    layers = [studio.trees(), studio.vector("area.gpkg", "buildings3d_surfaces"), studio.base_map()]
    studio.take("buildings", layers, (112_560, 460_440, 0), 330, 66, 24)


def flood(studio):
    """Water at its level when the rain stops, on the base map."""
    water = mesh_layer(studio.demo / "water.nc", "water")
    layers = [studio.vector("area.gpkg", "buildings3d_surfaces"), water, studio.base_map()]
    moment = QDateTime.fromString(PEAK, Qt.DateFormat.ISODate)
    moment.setTimeSpec(Qt.TimeSpec.UTC)
    studio.take("flood", layers, (112_500, 460_820, 0), 240, 58, 20, QgsDateTimeRange(moment, moment.addSecs(60)))


def facades(studio):
    """Which windows have the sun that a norm asks for."""
    place = (112_815, 460_895, 4)
    panels = unshaded(studio.sun(place, 110))
    layers = [panels, studio.vector("area.gpkg", "buildings3d_surfaces"), studio.base_map()]
    studio.take("facades", layers, place, 75, 60, 62, legend=(("Sun on façades", panels),))


def noise(studio):
    """How loud road traffic is on each storey of the facades along a busy road."""
    place = (112_560, 460_680, 4)
    panels = unshaded(studio.vector("noise/panels.gpkg", "panels"))
    layers = [panels, studio.vector("area.gpkg", "buildings3d_surfaces"), studio.base_map()]
    studio.take("noise", layers, place, 120, 58, -30, legend=(("Lden of road traffic", panels),))


def waterdam(studio):
    """The whole neighbourhood with its water, which the demo made off screen."""
    shutil.copyfile(studio.demo / "view3d.png", studio.folder / "waterdam.png")


def street(studio):
    """Cables and pipes, planned trees and crates, and the soil below them."""
    part = QgsRectangle(112_700, 460_372, 112_800, 460_432)
    names = {"Planned trees and crates": studio.vector("street/outcome.gpkg", "planned_areas_outcome")}
    names |= {"Cables and pipes": studio.vector("street/tubes.gpkg", "tubes"), "Soil": studio.soil()}
    layers = {title: studio.cut(layer, part) for title, layer in names.items()}
    studio.take("street", [*layers.values()], (112_729, 460_396, -8), 130, 58, -18, below=True,
                legend=tuple(names.items()), around=part)  # fmt: skip

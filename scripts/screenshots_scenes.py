"""The scenes of the pictures of the README, each made off screen in a QGIS without a window."""

import shutil
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsDateTimeRange,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVector3D,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime, Qt

from dtwin_plugin.layers import ground3d, scene3d, styles3d
from dtwin_plugin.layers.finish import load_sidecars, mesh_layer
from dtwin_plugin.layers.styles import STYLES

WIDTH, HEIGHT = 1600, 900  # px: larger than it is shown, so that edges are smooth
RD = QgsCoordinateReferenceSystem("EPSG:28992")
PEAK = "2000-01-01T01:00:00"  # rain of one hour that begins at midnight
_application = []  # of QGIS, and the provider of the plugin


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
    layers = [studio.sun(place, 110), studio.vector("area.gpkg", "buildings3d_surfaces"), studio.base_map()]
    studio.take("facades", layers, place, 75, 60, 62)


def waterdam(studio):
    """The whole neighbourhood with its water, which the demo made off screen."""
    shutil.copyfile(studio.demo / "view3d.png", studio.folder / "waterdam.png")


def street(studio):
    """Cables and pipes, planned trees and crates, and the soil below them."""
    layers = [
        studio.vector("street/outcome.gpkg", "planned_areas_outcome"),
        studio.vector("street/tubes.gpkg", "tubes"),
    ]
    studio.take("street", [*layers, studio.soil()], (112_752, 460_398, -5), 62, 73, -8, below=True)


class Studio:
    """What is there to take pictures of, and who takes them.

    Parameters
    ----------
    folder : Path
        To write to.
    demo, sample : Path
        What `make demo` made, and the sample municipality.
    """

    def __init__(self, folder, demo, sample):
        self.folder, self.demo, self.sample = folder, demo, sample
        if not _application:
            _application.append(QgsApplication([], True))
            _application[0].initQgis()
            styles3d.initialise()

    def vector(self, path, table):
        return QgsVectorLayer(f"{self.demo / path}|layername={table}", table, "ogr")

    def raster(self, path):
        layer = QgsRasterLayer(str(self.demo / path), Path(path).stem)
        load_sidecars(layer)
        return layer

    def base_map(self):
        return self.vector("area.gpkg", "bgt_bgt")

    def trees(self):
        layer = QgsVectorLayer(f"{self.sample / 'trees.gpkg'}|layername=bomen", "trees", "ogr")
        STYLES["trees"](layer)
        return layer

    def soil(self):
        """The soil of GeoTOP below the north side of the street, cut along it, as the loader makes it."""
        wanted = {"file": str(self.sample / "subsurface" / "geotop.nc")}
        wanted |= {"extent": "112600,112900,460400,460500 [EPSG:28992]", "highest": -3.0, "lowest": -13.0}
        return self.made("loadgeotop", "voxels", wanted)

    def sun(self, place, around):
        """Sun on the facades around a place [m], of the light norm of TNO."""
        near = f"distance($geometry, make_point({place[0]}, {place[1]})) < {around}"
        source = f"{self.demo / 'area.gpkg'}|layername=buildings3d_footprints"
        houses = QgsProcessingFeatureSourceDefinition(source, filterExpression=near)
        wanted = {"terrain": "terrain_05m_filled.tif", "surface": "dsm_05m.tif"}
        wanted = {name: str(self.sample / file) for name, file in wanted.items()} | {"points": "TEMPORARY_OUTPUT"}
        wanted |= {"tested": "TEMPORARY_OUTPUT", "summary": "TEMPORARY_OUTPUT"}
        return self.made("facadesun", "panels", {"footprints": houses, **wanted})

    def made(self, algorithm, output, wanted):
        """Return the layer that an algorithm makes."""
        from processing_algorithms.provider import DtwinProvider

        if len(_application) == 1:
            _application.append(DtwinProvider())  # kept: what of it is Python would go
            QgsApplication.processingRegistry().addProvider(_application[1])
        found = self.folder / f"{algorithm}.gpkg"
        run = _application[1].algorithm(algorithm).run
        made, done = run({**wanted, output: str(found)}, QgsProcessingContext(), QgsProcessingFeedback())
        assert done, made
        return QgsVectorLayer(f"{found}|layername={output}", output, "ogr")

    def take(self, name, layers, place, distance, pitch, heading, span=None, below=False):
        """Save a picture of layers, the first on top, that looks at a place [m] from a distance [m]."""
        project = QgsProject()
        project.setCrs(RD)
        for layer in layers:
            assert layer.isValid(), layer.source()
            project.addMapLayer(layer, False)
            project.layerTreeRoot().addLayer(layer)
        x, y, _ = place
        extent = QgsRectangle(x - distance, y - distance, x + distance, y + 2 * distance)  # what is behind is far away
        ground = ground3d.without_holes(self.raster("ground.tif"), extent, self.folder)
        project.addMapLayer(ground, False)
        settings = scene3d.settings_of(project, extent, ground)
        if below:
            scene3d.below_ground(settings)
        pose = scene3d.camera(extent, pitch, heading, middle=settings.mapToWorldCoordinates(QgsVector3D(*place)))
        pose.setDistanceFromCenterPoint(distance)
        scene3d.save_picture(project, settings, pose, self.folder / f"{name}.png", WIDTH, HEIGHT, span)
        project.clear()

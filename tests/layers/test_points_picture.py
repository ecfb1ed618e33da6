"""Real points of the AHN, as the plugin writes them, in a picture of a plain scene: their own style draws them."""

import pytest
from qgis.core import QgsCoordinateReferenceSystem, QgsPointCloudLayer, QgsProject, QgsRectangle, QgsVector3D
from qgis.PyQt.QtGui import QColor, QImage

from dtwin_plugin.data import Extent
from dtwin_plugin.layers import finish, styles3d
from dtwin_plugin.models.base import Field
from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.las import LasSource
from dtwin_plugin.twin import RunRecord
from processing_algorithms.writers import write_output

PART = Extent(84_900, 447_520, 84_950, 447_570)


@pytest.mark.gl
@pytest.mark.slow
def test_points_of_delft_are_seen_in_the_colours_of_their_classes(qgis_app, shared, tmp_path):
    from dtwin_plugin.layers import scene3d

    styles3d.initialise()
    path = tmp_path / "delft.copc.laz"
    chunks = LasSource(shared / "pointcloud" / "delft_ahn3" / "ahn3_cropped_1.laz").read(PART, Silent())
    write_output(Field("points", "Points", "points", style="points"), chunks, path, RunRecord("p", "1", "P"), Silent())
    layer = QgsPointCloudLayer(str(path), "points", "copc")
    finish.load_sidecars(layer)
    project = QgsProject()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:28992"))
    project.addMapLayer(layer)
    area = QgsRectangle(*PART.bounds)
    settings = scene3d.settings_of(project, area, None)
    settings.setTerrainRenderingEnabled(False)
    middle = settings.mapToWorldCoordinates(QgsVector3D(area.center().x(), area.center().y(), 5.0))
    scene3d.save_picture(project, settings, scene3d.camera(area, 50, 20, 0.8, middle), tmp_path / "a.png", 640, 400)
    project.clear()
    image = QImage(str(tmp_path / "a.png"))
    seen = [QColor(image.pixel(x, y)) for x in range(0, 640, 2) for y in range(0, 400, 2)]
    red = sum(colour.hsvSaturation() > 100 and (colour.hsvHue() < 15 or colour.hsvHue() > 345) for colour in seen)
    brown = sum(colour.hsvSaturation() > 60 and 20 < colour.hsvHue() < 50 for colour in seen)
    assert red > 0.02 * len(seen) and brown > 0.02 * len(seen)  # buildings and ground; nothing else is drawn

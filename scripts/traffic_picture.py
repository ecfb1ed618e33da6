"""The picture of traffic flows of the guide: Berlin-Friedrichshain in user equilibrium, as the map shows it.

QT_QPA_PLATFORM=offscreen .venv/bin/python -m scripts.traffic_picture

The network is that of Jahn, Moehring, Schulz and Stier-Moses (2005) in the set Transportation Networks for Research.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from scripts.build import ROOT

SET = Path(os.environ.get("DTWIN_SHARED", ROOT.parent / "shared")) / "data" / "traffic" / "Berlin-Friedrichshain"
WIDTH, HEIGHT, DPI = 1200, 940, 110
UNIT = 1.0  # of length, time and speed: the set does not tell them, and flows do not depend on them


def main():
    from qgis.core import QgsApplication

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "images" / "traffic.png")
    options = parser.parse_args()
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], True)
    application.initQgis()
    with tempfile.TemporaryDirectory() as place:
        layer = styled(flows(), Path(place) / "flows.gpkg")
        drawn(layer).save(str(options.to))  # in all its colours: fewer would blur the small ones of the legend


def flows():
    """Return the flows, in an equilibrium of 1E-8."""
    from dtwin_plugin.data.crs import RD
    from dtwin_plugin.models.traffic.assign_model import ASSIGN_TRAFFIC
    from dtwin_plugin.models.traffic.tntp import read_network, read_nodes
    from dtwin_plugin.models.traffic.tntp_layers import Scales, arcs_of, drawn, links_of, nodes_of
    from dtwin_plugin.progress import Silent

    stem = "friedrichshain-center"
    net, (numbers, places) = read_network(SET / f"{stem}_net.tntp"), read_nodes(SET / f"{stem}_node.tntp")
    order = {int(number): row for row, number in enumerate(numbers)}
    xy = drawn(places[[order[int(number)] for number in net.numbers]], (155_000.0, 463_000.0), None)
    closed = min(net.zones, net.first_through)
    values = {item.name: item.default for item in ASSIGN_TRAFFIC.inputs}
    values |= {
        "links": links_of(arcs_of(net), xy, net.numbers, closed, Scales(UNIT, UNIT, UNIT), RD),
        "nodes": nodes_of(xy, net.numbers, net.zones, net.first_through, RD),
        "demand": SET / f"{stem}_trips.tntp", "target_gap": 1e-8, "wanted": {"flows"},
    }  # fmt: skip
    return ASSIGN_TRAFFIC.run(values, Silent())["flows"]


def styled(features, path):
    """Return a layer of features in its style."""
    from qgis.core import QgsVectorLayer

    from dtwin_plugin.layers.styles import STYLES
    from dtwin_plugin.layers.write import write_features
    from dtwin_plugin.progress import Silent

    write_features(features, path, "flows", Silent())
    layer = QgsVectorLayer(f"{path}|layername=flows", "Traffic flows", "ogr")
    STYLES["traffic_flows"](layer)
    return layer


def drawn(layer):
    """Return the picture of a layer with its legend."""
    from qgis.core import (
        QgsLayerTree,
        QgsLayerTreeModel,
        QgsLegendRenderer,
        QgsLegendSettings,
        QgsMapRendererSequentialJob,
        QgsMapSettings,
        QgsRenderContext,
    )
    from qgis.PyQt.QtCore import QSize
    from qgis.PyQt.QtGui import QColor, QPainter

    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    extent = layer.extent()
    extent.scale(1.04)
    settings.setExtent(extent)
    settings.setOutputSize(QSize(WIDTH, HEIGHT))
    settings.setOutputDpi(DPI)
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    tree = QgsLayerTree()
    tree.addLayer(layer)
    model = QgsLayerTreeModel(tree)
    painter = QPainter(picture)
    painter.translate(12, HEIGHT - 345)
    painter.scale(3.2, 3.2)  # from millimetres
    context = QgsRenderContext.fromQPainter(painter)
    context.setScaleFactor(1.0)
    QgsLegendRenderer(model, QgsLegendSettings()).drawLegend(context)
    painter.end()
    return picture


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # QGIS may crash when Python destroys what it made

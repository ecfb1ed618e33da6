"""A sheet with what a 3D view shows: a title, a legend, where one looks to, the sources and the day."""

from __future__ import annotations

from collections.abc import Iterable

from qgis._3d import Qgs3DMapSettings, QgsCameraPose, QgsLayoutItem3DMap
from qgis.core import (
    QgsDateTimeRange,
    QgsLayoutItemPicture,
    QgsLayoutSize,
    QgsMapLayer,
    QgsPrintLayout,
    QgsProject,
)
from qgis.PyQt.QtCore import QDate, QLocale

from dtwin_plugin.paths import plugin_file
from dtwin_plugin.translate import mark, tr

from . import map_sheet, scene3d

NAME = mark("3D sheet")
_MAP = map_sheet.MAP
_WINDS = (
    mark("north"), mark("north-east"), mark("east"), mark("south-east"),
    mark("south"), mark("south-west"), mark("west"), mark("north-west"),
)  # fmt: skip


def make_sheet(
    project: QgsProject,
    settings: Qgs3DMapSettings,
    pose: QgsCameraPose,
    title: str,
    layers: Iterable[QgsMapLayer],
    span: QgsDateTimeRange | None = None,
) -> QgsPrintLayout:
    """Add an A4 sheet of a scene to a project, under a name of its own, and return it.

    Parameters
    ----------
    layers : iterable of QgsMapLayer
        Those of the project that are seen: for the legend and the line of sources.
    span : QgsDateTimeRange or None
        The time that is shown.
    """
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.setName(_free_name(project))
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(*map_sheet.PAGE))
    seen = list(layers)
    item = QgsLayoutItem3DMap(layout)
    map_sheet.place_item(layout, item, *_MAP)
    item.setFrameEnabled(True)
    scene3d.fill(item, settings, pose, span)
    map_sheet.add_label(layout, title, 18, (8, 6, 280, 12))
    map_sheet.add_label(layout, _looking(pose), 8, (_MAP[0] + 3, _MAP[1] + _MAP[3] - 8, 120, 6))
    map_sheet.add_label(layout, credit(seen), 7, (8, 200, 280, 8))
    map_sheet.add_legend(layout, None, {layer.id() for layer in seen})
    arrow = QgsLayoutItemPicture(layout)
    arrow.setPicturePath(str(plugin_file("resources", "icons", "north.svg")))
    arrow.setPictureRotation(pose.headingAngle())  # QGIS turns the other way about: as north is in the picture
    map_sheet.place_item(layout, arrow, _MAP[0] + _MAP[2] - 15, _MAP[1] + 3, 12, 16)
    project.layoutManager().addLayout(layout)
    return layout


def credit(layers: Iterable[QgsMapLayer]) -> str:
    """Return the line below a sheet: whose data is seen, and the day."""
    rights: list[str] = []
    for layer in layers:
        rights += [text for text in layer.metadata().rights() if text and text not in rights]
    day = QLocale().toString(QDate.currentDate(), QLocale.FormatType.ShortFormat)
    parts = [tr("Sources: {rights}").format(rights="; ".join(rights))] if rights else []
    return " · ".join([*parts, tr("Made on {day}").format(day=day)])


def _looking(pose: QgsCameraPose) -> str:
    """Return where one looks to and from how far, in words: a picture in perspective has no scale."""
    wind = _WINDS[round(-pose.headingAngle() % 360 / 45) % 8]
    return tr("Looking {wind}, from {distance} m; no fixed scale.").format(
        wind=tr(wind), distance=QLocale().toString(float(round(pose.distanceFromCenterPoint())), "f", 0)
    )


def _free_name(project: QgsProject) -> str:
    names = {layout.name() for layout in project.layoutManager().layouts()}
    name, number = tr(NAME), 1
    while name in names:
        number += 1
        name = f"{tr(NAME)} {number}"
    return name

"""Buildings to 3D Tiles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFolderDestination,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from .confidential import CONFIDENTIAL, confidential_parameter

if TYPE_CHECKING:
    from dtwin_plugin.sources.tiles3d.write_paint import Class

_RECORD = "run.json"
_OURS = {"tileset.json", "tiles", _RECORD}


class ExportTiles3d(DtwinAlgorithm):
    """A layer of surfaces to a folder of tiles."""

    ID, TITLE, GROUP, VERSION = "exporttiles3d", "Buildings to 3D Tiles", "Export", "1.0.0"
    SUMMARY = (
        "3D buildings of a whole municipality as 3D Tiles 1.1, with their attributes: quick in a 3D view, and open to "
        "any viewer of such tiles. From afar, blocks stand for the buildings. Heights in the tiles are those above the "
        "ellipsoid, by RDNAPTRANS2018."
    )

    def __init__(self) -> None:
        super().__init__()
        self._classes: list[Class] = []
        self._title = self._level = self._source = ""

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        polygon = QgsProcessing.SourceType.TypeVectorPolygon
        surfaces = QgsProcessingParameterFeatureSource("surfaces", tr("Surfaces"), [polygon])
        surfaces.setHelp(
            tr("Polygons in space with the fields id, lod and surface, as a load of 3D buildings makes them.")
        )
        colour = QgsProcessingParameterField("field", tr("Colour by"), None, "surfaces", optional=True)
        colour.setHelp(
            tr(
                "A field with results: its classes and colours are those of the layer's style, else seven classes that "
                "are equally full. Default by kind of surface."
            )
        )
        fields = QgsProcessingParameterField("attributes", tr("Attributes"), None, "surfaces", allowMultiple=True)
        fields.setFlags(fields.flags() | fields.Flag.FlagOptional | fields.Flag.FlagAdvanced)
        fields.setHelp(tr("What goes along with each building besides its id; default all. Fewer make smaller files."))
        shown = QgsProcessingParameterBoolean("show", tr("Add to the project"), True)
        shown.setHelp(tr("Open the tiles as a layer, at the height of NAP."))
        folder = QgsProcessingParameterFolderDestination("tiles", tr("Folder of the tiles"))
        folder.setHelp(tr("New or empty, or with earlier tiles, which are replaced; viewers open tileset.json in it."))
        for parameter in (surfaces, colour, fields, shown, confidential_parameter(), folder):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputNumber("objects", tr("Objects")))

    def prepareAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Look at the layer's style, which belongs to the main thread."""
        from dtwin_plugin.layers import privacy  # this and the next at first use: QGIS starts without them
        from dtwin_plugin.layers.classes import classes_of

        layer = self.source_layer(parameters, "surfaces", context)
        if layer is not None:
            self._classes = classes_of(layer, self.parameterAsString(parameters, "field", context))
            self._title, self._level, self._source = layer.name(), privacy.level_of(layer), layer.source()
        return super().prepareAlgorithm(parameters, context, feedback)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.data.atomic import written_beside
        from dtwin_plugin.data.surface_rows import surfaces_of
        from dtwin_plugin.layers import privacy, read
        from dtwin_plugin.sources.tiles3d.write import write_tileset
        from dtwin_plugin.twin import InputRecord, RunRecord

        from .tiles3d_parts import paint_of, show, with_columns

        progress = FeedbackProgress(feedback)
        folder = Path(self.parameterAsString(parameters, "tiles", context))
        _expect_ours(folder)
        if not self.parameterAsBool(parameters, CONFIDENTIAL, context):
            layer = self.source_layer(parameters, "surfaces", context)
            privacy.require_public([layer] if layer is not None else [])
        field = self.parameterAsString(parameters, "field", context)
        wanted = self.parameterAsStrings(parameters, "attributes", context)
        record = RunRecord(self.ID, self.VERSION, self.TITLE, parameters={"field": field, "attributes": wanted})
        record.privacy = self._level
        path = read.file_behind(self._source)
        record.inputs = [
            InputRecord.of_file("surfaces", path, progress.is_cancelled)
            if path
            else InputRecord("surfaces", self._source)
        ]
        source = self.parameterAsSource(parameters, "surfaces", context)
        features = read.features_of(source, "polygon", None, progress.part(0.0, 0.2), self._title)
        surfaces = with_columns(surfaces_of(features), wanted)
        paint = paint_of(features, surfaces, field, self._classes)
        title = self._title or tr("Buildings")
        with written_beside(folder) as temporary:
            made = write_tileset(surfaces, paint, temporary, title, progress.part(0.2, 1.0))
            if made["lost"]:
                progress.warn("{count} surfaces have no shape and are left out.", count=made["lost"])
            record.outputs, record.warnings = dict(made), progress.warnings
            record.end()
            record.write(temporary / _RECORD)
        if self.parameterAsBool(parameters, "show", context) and context.project() is not None:
            show(folder, title, surfaces, record, context)
        return {"tiles": str(folder), "objects": made["objects"]}


def _expect_ours(folder: Path) -> None:
    """Raise InputError where something else than tiles would be replaced."""
    others = sorted(item.name for item in folder.iterdir() if item.name not in _OURS) if folder.is_dir() else []
    if others:
        raise InputError(
            "{folder} holds {file}, which is no part of 3D Tiles that were written here.",
            hint="Choose a new or empty folder.",
            folder=str(folder),
            file=others[0],
        )

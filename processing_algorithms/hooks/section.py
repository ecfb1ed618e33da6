"""A section is drawn too: as PDF, SVG or PNG beside its data."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from dtwin_plugin.data import Extent
from dtwin_plugin.translate import tr
from dtwin_plugin.twin import RunRecord

from ..model_algorithm import ModelAlgorithm
from ..values import ValueReader

if TYPE_CHECKING:
    from dtwin_plugin.models.base import Field, Model

    from ..feedback import FeedbackProgress

PICTURE, TITLE, EXAGGERATION = "picture", "title", "exaggeration"
FILES = "PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"
_MARGIN = 50.0  # m around the line in which layers are read at least: the cells at its ends


class _AlongLine(ValueReader):
    """Reads the line first, and of the layers only what lies near it: a province of voxels need not fit in memory."""

    def read(self, model: Model, progress: FeedbackProgress) -> dict[str, Any]:
        """Return a value for each input."""
        area = super()._value(model.input("line"), progress).geometries.extent()
        far = max(
            _MARGIN, *(self._number(model.input(name), progress) for name in ("distance", "alongside", "present_xy"))
        )
        if area is not None:
            self._extent = Extent(area.x_min - far, area.y_min - far, area.x_max + far, area.y_max + far)
        self.inputs.clear()
        self.privacy.clear()
        self.keep_until.clear()
        return super().read(model, progress)

    def _value(self, item: Field, progress: FeedbackProgress) -> Any:
        if item.name == "line":
            near, self._extent = self._extent, None  # the line itself is whole
            try:
                return super()._value(item, progress)
            finally:
                self._extent = near
        found = super()._value(item, progress)
        if item.kind == "features" and not len(found):
            progress.warn("{layer} has nothing near the line.", layer=tr(item.title))
            return None
        return found


class SectionAlgorithm(ModelAlgorithm):
    """The model of a section, with a drawing."""

    READER = _AlongLine

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        super().initAlgorithm(configuration)
        title = QgsProcessingParameterString(TITLE, tr("Title of the drawing"), "", False, True)
        title.setHelp(tr("Stands above it; default Vertical section."))
        times = QgsProcessingParameterNumber(
            EXAGGERATION, tr("Vertical exaggeration"), QgsProcessingParameterNumber.Type.Double, None, True, 0.1, 1000
        )
        times.setHelp(tr("How many times heights are drawn larger; default the largest round number that fits."))
        for parameter in (title, times):
            parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
            self.addParameter(parameter)
        picture = QgsProcessingParameterFileDestination(PICTURE, tr("Drawing"), FILES, None, True, True)
        picture.setHelp(
            tr("A3 with axes, legend, scales and sources, as PDF, SVG or PNG. With cables of KLIC it says that it is "
               "confidential.")
        )  # fmt: skip
        self.addParameter(picture)

    def _write(
        self,
        made: dict[str, Any],
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        record: RunRecord,
        progress: FeedbackProgress,
    ) -> dict[str, Any]:
        path = self.parameterAsFileOutput(parameters, PICTURE, context)
        if not path:
            return super()._write(made, parameters, context, record, progress)
        # What draws is not needed to start QGIS.
        from dtwin_plugin.layers.section_data import SectionData
        from dtwin_plugin.layers.section_sheet import Sheet, confidential_line, save

        sheet = Sheet(
            self.parameterAsString(parameters, TITLE, context),
            self.parameterAsDouble(parameters, EXAGGERATION, context),
            _sources(record, self.model),
            date.today().isoformat(),
            confidential_line(record.privacy, record.keep_until),
        )
        save(SectionData.from_run(made), sheet, Path(path))
        try:
            found = super()._write(made, parameters, context, record, progress)
        except BaseException:
            Path(path).unlink(missing_ok=True)  # without the rest of its run it would be taken for the whole
            raise
        return {**found, PICTURE: path}


def _sources(record: RunRecord, model: Model) -> tuple[str, ...]:
    """Return what was used, a line for each layer: what it is and the file it came from."""
    found = []
    for used in record.inputs:
        if used.name == "line":
            continue
        file, _, rest = used.source.partition("|")
        table = rest.removeprefix("layername=").split("|")[0] if rest.startswith("layername=") else ""
        text = f"{tr(model.input(used.name).title)}: {Path(file).name or used.source}"
        found.append(f"{text} ({table})" if table and table != Path(file).stem else text)
    return tuple(found)

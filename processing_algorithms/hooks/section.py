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

from dtwin_plugin.translate import tr

from ..model_algorithm import ModelAlgorithm

if TYPE_CHECKING:
    from dtwin_plugin.models.base import Model
    from dtwin_plugin.twin import RunRecord

    from ..feedback import FeedbackProgress
    from ..values import ValueReader

PICTURE, TITLE, EXAGGERATION = "picture", "title", "exaggeration"
FILES = "PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"


class SectionAlgorithm(ModelAlgorithm):
    """The model of a section, with a drawing."""

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

    def reader(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ValueReader:
        """Return what reads along the line."""
        from .section_values import SectionValues

        return SectionValues(self, parameters, context)

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

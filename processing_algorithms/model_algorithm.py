"""Any model as a Processing algorithm, from its description alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    Qgis,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterString,
)

from dtwin_plugin.errors import DtwinError
from dtwin_plugin.models.base import WANTED, Field, Model
from dtwin_plugin.models.problem import WARNING
from dtwin_plugin.progress import Part
from dtwin_plugin.translate import language, tr
from dtwin_plugin.twin.privacy import strictest

from .base import DtwinAlgorithm, paragraph
from .feedback import FeedbackProgress
from .parameters import input_parameter, output_definition, output_parameter

if TYPE_CHECKING:
    from dtwin_plugin.twin import RunRecord

    from .values import ValueReader

PURPOSE, PERSON, RECORD = "purpose", "person", "record"


class ModelAlgorithm(DtwinAlgorithm):
    """A model in the toolbox, the modeller, batch and `qgis_process`.

    What a run needs is imported when it begins: QGIS starts without it.
    """

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model
        self.ID, self.TITLE, self.GROUP, self.SUMMARY = model.id, model.title, model.group, model.summary

    def createInstance(self) -> ModelAlgorithm:
        return type(self)(self.model)

    def shortHelpString(self) -> str:
        """Return the summary, parameters, where the method holds, and where it is published."""
        facts = ((self.model.validity, "Validity"), (self.model.uncertainty, "Uncertainty"))
        lines = [paragraph(tr(text), tr(title)) for text, title in facts if text]
        lines += [paragraph(reference) for reference in self.model.references]
        if self.model.owner:
            owner = " · ".join(filter(None, [self.model.owner, self.model.version, self.model.licence]))
            lines.append(paragraph(owner, tr("Owner, version, licence")))
        return super().shortHelpString() + "".join(lines)

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for item in self.model.inputs:
            self.addParameter(input_parameter(item))
        purpose = QgsProcessingParameterString(PURPOSE, tr("Purpose of the run"), "", False, True)
        purpose.setHelp(tr("Why the run is made; kept in the record and in the metadata of the results."))
        person = QgsProcessingParameterString(PERSON, tr("Made by"), "", False, True)
        person.setHelp(tr("Who answers for the run; kept as the purpose is. Nothing is filled in."))
        for parameter in (purpose, person):
            parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
            self.addParameter(parameter)
        for item in self.model.outputs:
            parameter = output_parameter(item)
            self.addParameter(parameter) if parameter else self.addOutput(output_definition(item))
        record = QgsProcessingParameterFileDestination(RECORD, tr("Run record"), "JSON (*.json)", None, True, True)
        record.setHelp(
            tr("Inputs with checksum, date and licence, parameters, versions and duration, as JSON; beside it the same "
               "in terms of W3C PROV.")
        )  # fmt: skip
        self.addParameter(record)

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.twin import RunRecord

        progress = FeedbackProgress(feedback)
        reader = self.reader(parameters, context)
        values = reader.read(self.model, progress)
        values[WANTED] = {i.name for i in self.model.outputs if not i.optional or parameters.get(i.name) is not None}
        self._check(values, progress)
        record = RunRecord(
            self.model.id,
            self.model.version,
            self.model.title,
            self.parameterAsString(parameters, PURPOSE, context),
            reader.plain,
            reader.inputs,
            software={"qgis": Qgis.version()},
            rights=reader.rights,
            person=self.parameterAsString(parameters, PERSON, context),
            defaults=reader.defaults,
            language=language(),
        )
        self._note_access(record)
        made = self.model.run(values, progress.part(0.1, 0.9))
        record.end()
        record.warnings = progress.warnings
        record.privacy = strictest([self.model.privacy, *reader.privacy])
        record.keep_until = min(filter(None, [str(made.get("keep_until") or ""), *reader.keep_until]), default="")
        return self._write(made, parameters, context, record, progress.part(0.9, 1.0))

    def reader(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ValueReader:
        """Return what reads the values of the parameters."""
        from .values import ValueReader

        return ValueReader(self, parameters, context)

    def _note_access(self, record: RunRecord) -> None:
        from dtwin_plugin.layers.access import note

        note(((item.source, item.privacy) for item in record.inputs), self.model.id, record.purpose)

    def _check(self, values: dict[str, Any], progress: FeedbackProgress) -> None:
        from dtwin_plugin.models.checks import check, require

        problems = check(self.model, values)
        for problem in problems:
            if problem.level == WARNING:
                progress.warn(problem.text(tr))
        require(problems, tr)

    def _write(
        self,
        made: dict[str, Any],
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        record: RunRecord,
        progress: FeedbackProgress,
    ) -> dict[str, Any]:
        from .destinations import chosen_file
        from .writers import PLAIN, remove_output, write_output, write_record

        wanted = {}
        for item in self.model.outputs:
            if item.name not in made:
                parameter = self.parameterDefinition(item.name)
                if parameter is not None and chosen_file(parameter, parameters, context):
                    progress.warn("{output} was not made: this run gives none.", output=item.title)
                continue
            if item.kind in PLAIN:
                wanted[item.name] = made[item.name]
            elif path := self.destination(parameters, item.name, context):
                wanted[item.name] = path
        record.outputs = dict(wanted)
        record_path = self.parameterAsFileOutput(parameters, RECORD, context)
        written: list[Path] = []
        try:
            files = [item for item in self.model.outputs if item.name in wanted and item.kind not in PLAIN]
            for number, item in enumerate(files):
                part = Part(progress, number / len(files), (number + 1) / len(files))
                write_output(item, made[item.name], Path(wanted[item.name]), record, part)
                part.report(1.0)
                written.append(Path(wanted[item.name]))
            if record_path:
                write_record(record, written, Path(record_path))
        except (DtwinError, OSError):
            for file in written:  # results without the rest of their run would be taken for the whole
                remove_output(file)
            raise
        for item in self.model.outputs:
            if item.name in wanted:
                _show(item, made[item.name], Path(str(wanted[item.name])), context)
        return {**wanted, RECORD: record_path} if record_path else wanted


def _show(item: Field, value: Any, path: Path, context: QgsProcessingContext) -> None:
    """Let QGIS add what it would not open by its file, a layer of another owner or a mesh, as it adds other results."""
    if context.project() is None or item.kind not in ("layer", "mesh"):
        return
    from dtwin_plugin.layers import reference
    from dtwin_plugin.layers.finish import mesh_layer

    layer: QgsMapLayer = reference.layer_of(value) if item.kind == "layer" else mesh_layer(path, tr(item.title))
    context.temporaryLayerStore().addMapLayer(layer)
    details = QgsProcessingContext.LayerDetails(layer.name(), context.project(), item.name)
    context.addLayerToLoadOnCompletion(layer.id(), details)

"""A run, or a study of several, to an archive package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDateTime,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterString,
)

from dtwin_plugin.errors import InputError
from dtwin_plugin.translate import tr
from dtwin_plugin.twin.privacy import is_public

from ..base import DtwinAlgorithm
from ..exports.confidential import CONFIDENTIAL, confidential_parameter

if TYPE_CHECKING:
    from datetime import date

    from dtwin_plugin.twin import RunRecord
    from dtwin_plugin.twin.archive.package import Order, Run


class ArchiveRun(DtwinAlgorithm):
    """A record to a package."""

    ID, TITLE, GROUP = "archiverun", "Archive a run", "Record"
    SUMMARY = (
        "One zip with the results of a run, its record, its data, and metadata by MDTO 1.0.1, as a BagIt package "
        "(RFC 8493): with how long it is kept, and after what, by the selection list of the organisation."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self._add_records()
        title = QgsProcessingParameterString("title", tr("Title"), "", False, True)
        title.setHelp(tr("Name of the package, at best at most 80 characters; default what was run."))
        organisation = QgsProcessingParameterString("organisation", tr("Organisation"))
        organisation.setHelp(tr("Who answers for what is archived, as in the register of public organisations."))
        selection = QgsProcessingParameterFile("selection", tr("Selection list"), extension="csv", optional=True)
        selection.setHelp(
            tr("Table with code, title, appraisal, term, trigger and source. Default an example, which nobody adopted.")
        )
        category = QgsProcessingParameterString("category", tr("Category"), "VOORBEELD-2")
        category.setHelp(tr("Code of the row of the selection list."))
        day = QgsProcessingParameterDateTime(
            "begun", tr("Day of the trigger"), QgsProcessingParameterDateTime.Type.Date, None, True
        )
        day.setHelp(tr("When the event happened after which the term runs; empty where it has not."))
        data = QgsProcessingParameterBoolean("data", tr("With the data"), True)
        data.setHelp(tr("The files that the run used go along, so that it can be made again."))
        package = QgsProcessingParameterFileDestination("package", tr("Package"), "ZIP (*.zip)")
        package.setHelp(tr("One zip; Check an archive package looks whether it is whole."))
        for parameter in (title, organisation, selection, category, day, data, confidential_parameter(), package):
            self.addParameter(parameter)
        self.addOutput(QgsProcessingOutputString("identifier", tr("Identifier")))
        self.addOutput(QgsProcessingOutputString("end", tr("Last day of the term")))
        self.addOutput(QgsProcessingOutputNumber("notes", tr("Number of remarks")))

    def _add_records(self) -> None:
        record = QgsProcessingParameterFile("record", tr("Run record"), extension="json")
        record.setHelp(tr("The JSON that the run wrote."))
        self.addParameter(record)

    def _records(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[list[Path], list[Path]]:
        """Return the records, and the other files that go along."""
        return [Path(self.parameterAsFile(parameters, "record", context))], []

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.twin.archive.package import run_of, write_package  # at first use: QGIS starts without them
        from dtwin_plugin.twin.record_schema import read_record

        paths, more = self._records(parameters, context)
        records = [read_record(path) for path in paths]
        if not self.parameterAsBool(parameters, CONFIDENTIAL, context):
            _expect_public(records)
        order = self._order(parameters, context, records[0])
        runs = [run_of(record, order.inputs) for record in records]
        for run in runs:
            _convert(run)
            for note in run.notes:
                feedback.pushWarning(note)
        path = Path(self.parameterAsFileOutput(parameters, "package", context))
        facts = write_package(path, order, runs, more, feedback.isCanceled)
        return {
            "package": str(path), "identifier": facts["identifier"], "end": facts["end"], "notes": len(facts["notes"])
        }  # fmt: skip

    def _order(self, parameters: dict[str, Any], context: QgsProcessingContext, record: RunRecord) -> Order:
        from dtwin_plugin.paths import plugin_file
        from dtwin_plugin.twin.archive.mdto import Reference
        from dtwin_plugin.twin.archive.package import Order
        from dtwin_plugin.twin.archive.selection import read_selection

        given = self.parameterAsFile(parameters, "selection", context)
        path = Path(given) if given else plugin_file("resources", "archive", "selection_example.csv")
        categories, code = read_selection(path), self.parameterAsString(parameters, "category", context)
        if code not in categories:
            raise InputError(
                "{code} is no category of {file}; it has {codes}.",
                hint="Choose one of these.",
                code=code,
                file=path.name,
                codes=", ".join(list(categories)[:20]),
            )
        organisation = self.parameterAsString(parameters, "organisation", context)
        title = self.parameterAsString(parameters, "title", context) or record.title
        data = self.parameterAsBool(parameters, "data", context)
        return Order(title, Reference(organisation), categories[code], self._begun(parameters, context), data)

    def _begun(self, parameters: dict[str, Any], context: QgsProcessingContext) -> date | None:
        from datetime import date

        day = self.parameterAsDateTime(parameters, "begun", context).date()
        return date(day.year(), day.month(), day.day()) if day.isValid() else None


class ArchiveStudy(ArchiveRun):
    """Several records to one package."""

    ID, TITLE = "archivestudy", "Archive a study"
    SUMMARY = (
        "One BagIt package of several runs that belong together, such as the scenarios of a study, with its report and "
        "tables: a dossier by MDTO 1.0.1 with each run in it."
    )

    def _add_records(self) -> None:
        kind = QgsProcessing.SourceType.TypeFile
        records = QgsProcessingParameterMultipleLayers("records", tr("Run records"), kind)
        records.setHelp(tr("The JSON that each run wrote."))
        more = QgsProcessingParameterMultipleLayers("files", tr("Other files"), kind, None, True)
        more.setHelp(tr("What belongs to the whole study: a report, a table of scenarios."))
        self.addParameter(records)
        self.addParameter(more)

    def _records(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[list[Path], list[Path]]:
        records = [Path(path) for path in self.parameterAsFileList(parameters, "records", context)]
        if not records:
            raise InputError("There is no run record.", hint="Choose those of the study.")
        more = [Path(path) for path in self.parameterAsFileList(parameters, "files", context) if path]
        if len({path.name for path in more}) != len(more):
            raise InputError("Two of the other files have one name.", hint="Give one of them another.")
        return records, more


def _expect_public(records: list[RunRecord]) -> None:
    for record in records:
        if not is_public(record.privacy):
            raise InputError(
                "{layer} is {level}, and may not be in what others get.",
                hint="Choose to take confidential layers along, if the package stays within the organisation.",
                layer=tr(record.title),
                level=record.privacy,
            )


def _convert(run: Run) -> None:
    """Lay a GeoPackage beside vector files of formats that archives do not prefer; the file itself stays."""
    import tempfile

    from qgis.core import QgsCoordinateTransformContext, QgsVectorFileWriter, QgsVectorLayer

    from dtwin_plugin.twin.archive.formats import CONVERTED

    for place, path in list(run.files.items()):
        layer = QgsVectorLayer(str(path), path.stem, "ogr") if path.suffix.lower() in CONVERTED else None
        if layer is None or not layer.isValid():
            continue
        target = Path(tempfile.mkdtemp(prefix="dtwin-archive-")) / f"{path.stem}.gpkg"
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName = "GPKG"
        options.layerName = path.stem
        outcome = QgsVectorFileWriter.writeAsVectorFormatV3(
            layer, str(target), QgsCoordinateTransformContext(), options
        )
        if outcome[0] == QgsVectorFileWriter.WriterError.NoError:
            folder = place.rpartition("/")[0]
            run.files[f"{folder}/{path.name}.gpkg"] = target
            run.notes.append(f"{place}: a GeoPackage of the same rows lies beside it")

"""Lists of sources from others, and one's own for others."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFileDestination,
)

from dtwin_plugin.catalogue import entries
from dtwin_plugin.catalogue.reading import LARGEST, own_entries, own_list_path
from dtwin_plugin.errors import InputError, UnavailableError
from dtwin_plugin.models.base import Field
from dtwin_plugin.translate import mark, plural, tr
from dtwin_plugin.twin.privacy import is_public

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from ..parameters import input_parameter
from .check import WHICH

if TYPE_CHECKING:
    from dtwin_plugin.catalogue import Entry
    from dtwin_plugin.catalogue.own import Imported

_COUNTS = {
    "added": mark("Sources added"),
    "replaced": mark("Sources replaced"),
    "unchanged": mark("Sources unchanged"),
    "refused": mark("Rows refused"),
}
_SUFFIXES = (".json", ".jsonld", ".rdf")


class ImportCatalogue(DtwinAlgorithm):
    """A list of others into the own list."""

    ID, TITLE, GROUP = "importcatalogue", "Import sources", "Sources"
    SUMMARY = (
        "Takes the sources of a list, from a file or a web address, into the list of your organisation. Sources of the "
        "same id are replaced. The whole list is looked at first; what describes no source is refused and told."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        file = Field("file", "List of sources", "file", optional=True, doc="A JSON file, as Export sources writes it.")
        url = Field("url", "Web address", "text", optional=True, doc="Of such a file, instead of a file.")
        for item in (file, url):
            self.addParameter(input_parameter(item))
        for name, title in _COUNTS.items():
            self.addOutput(QgsProcessingOutputNumber(name, tr(title)))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        file = self.parameterAsFile(parameters, "file", context)
        url = self.parameterAsString(parameters, "url", context).strip()
        from dtwin_plugin.catalogue.own import import_list  # at first use: QGIS starts without it

        if bool(file) == bool(url):
            raise InputError("Expected a file or a web address.", hint="Give one of them.")
        if url:
            done = import_list(
                _downloaded(url, FeedbackProgress(feedback)), urlsplit(url).path.rpartition("/")[2] or url
            )
        else:
            done = import_list(_read(Path(file)), Path(file).name)
        _tell(done, feedback)
        return {name: len(getattr(done, name)) for name in _COUNTS}


class ExportCatalogue(DtwinAlgorithm):
    """Sources for others: as a list, or as DCAT-AP-NL."""

    ID, TITLE, GROUP = "exportcatalogue", "Export sources", "Sources"
    SUMMARY = (
        "Writes the sources of the catalogue: as a list that Import sources reads (.json), or for a data portal as "
        "DCAT-AP-NL 3.0 (.jsonld, .rdf)."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        fields = (
            WHICH,
            Field(
                "open_only", "Only open sources", "boolean", default=True,
                doc="Leave out what is internal, personal or confidential.",
            ),
            Field("organisation", "Organisation", "text", optional=True, doc="Who publishes; needed for DCAT-AP-NL."),
            Field("email", "E-mail address", "text", optional=True, doc="Where questions go; for DCAT-AP-NL."),
            Field(
                "homepage", "Web address of the organisation", "text", optional=True,
                doc="The identifiers in DCAT-AP-NL begin with it; without it they are no web addresses.",
            ),
        )  # fmt: skip
        for item in fields:
            self.addParameter(input_parameter(item))
        forms = "JSON (*.json);;DCAT-AP-NL JSON-LD (*.jsonld);;DCAT-AP-NL RDF/XML (*.rdf)"
        target = QgsProcessingParameterFileDestination("catalogue", tr("Catalogue"), forms)
        target.setHelp(tr("The suffix chooses the form: .json, .jsonld or .rdf."))
        self.addParameter(target)
        self.addOutput(QgsProcessingOutputNumber("written", tr("Sources written")))
        self.addOutput(QgsProcessingOutputNumber("left_out", tr("Sources left out")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        path = Path(self.parameterAsFileOutput(parameters, "catalogue", context))
        if path.suffix.lower() not in _SUFFIXES:
            raise InputError(
                "{file} cannot be written: the suffix is not one of {suffixes}.",
                hint="Choose .json, .jsonld or .rdf.",
                file=path.name,
                suffixes=", ".join(_SUFFIXES),
            )
        which = list(WHICH.choices)[self.parameterAsEnum(parameters, "which", context)]
        known = list((entries() if which == "all" else own_entries()).values())
        open_only = self.parameterAsBool(parameters, "open_only", context)
        chosen = [entry for entry in known if not open_only or is_public(entry.access_level)]
        progress = FeedbackProgress(feedback)
        if len(chosen) < len(known):
            closed = len(known) - len(chosen)
            progress.warn(
                plural(
                    closed,
                    "{count} source that is not open was left out.",
                    "{count} sources that are not open were left out.",
                ),
                count=closed,
            )
        if path.suffix.lower() == ".json":
            from dtwin_plugin.catalogue.own import write_list

            write_list(chosen, path)
        else:
            names = ("organisation", "email", "homepage")
            texts = [self.parameterAsString(parameters, name, context).strip() for name in names]
            _write_dcat(chosen, texts, path, progress)
        return {"catalogue": str(path), "written": len(chosen), "left_out": len(known) - len(chosen)}


def _write_dcat(chosen: list[Entry], publisher: list[str], path: Path, progress: FeedbackProgress) -> None:
    from dtwin_plugin.catalogue.dcat import UNKNOWN_LICENCE, Publisher, describe, licence_uri
    from dtwin_plugin.catalogue.rdf import json_ld, rdf_xml
    from dtwin_plugin.data.atomic import written_beside

    unknown = [entry.title for entry in chosen if licence_uri(entry.licence).endswith(UNKNOWN_LICENCE)]
    if unknown:
        progress.warn(
            plural(
                len(unknown),
                "The licence of {count} source is not certain, and stands as unknown: {titles}.",
                "The licence of {count} sources is not certain, and stands as unknown: {titles}.",
            ),
            count=len(unknown),
            titles=", ".join(unknown),
        )
    described = describe(chosen, Publisher(*publisher), date.today())
    text = json_ld(described).encode() if path.suffix.lower() == ".jsonld" else rdf_xml(described)
    with written_beside(path) as temporary:
        temporary.write_bytes(text)


def _read(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LARGEST + 1)  # one more than allowed: the reader says so


def _downloaded(url: str, progress: FeedbackProgress) -> bytes:
    from dtwin_plugin.layers.transport import QgisTransport
    from dtwin_plugin.sources.retry import Retrying

    if urlsplit(url).scheme not in ("http", "https"):
        raise InputError("{address} is no web address.", hint="Begin with https://.", address=url)
    answer = Retrying(QgisTransport(maximum=LARGEST), attempts=3, progress=progress).get(url)
    if answer.status != 200:
        raise UnavailableError(
            "{server} answers HTTP {status}.",
            hint="Check the address.",
            server=urlsplit(url).netloc,
            status=answer.status,
        )
    return answer.body


def _tell(done: Imported, feedback: QgsProcessingFeedback) -> None:
    for name, title in _COUNTS.items():
        found = getattr(done, name)
        names = [item if isinstance(item, str) else item[0] for item in found]
        feedback.pushInfo(f"{tr(title)}: {len(found)}" + (f" ({', '.join(names)})" if names else ""))
    if done.overriding:
        names = ", ".join(done.overriding)
        feedback.pushWarning(tr("These go before national sources of the same id: {names}.").format(names=names))
    for _, error in done.refused:
        feedback.pushWarning(error.text(tr))
    feedback.pushInfo(f"{tr('Own list')}: {own_list_path()}")

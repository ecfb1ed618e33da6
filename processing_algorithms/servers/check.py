"""Check a server against the standard: what a tolerant client forgives is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingOutputNumber

from dtwin_plugin.layers import servers
from dtwin_plugin.translate import tr

from ..base import DtwinAlgorithm
from ..catalogue.table import WordTable, table_parameter
from ..feedback import FeedbackProgress
from ..parameters import input_parameter
from .register import AUTHENTICATION, GROUP, URL


class CheckServer(DtwinAlgorithm):
    """Where a server bends OGC API - Processes."""

    ID, TITLE, GROUP = "checkserver", "Check a server", GROUP
    SUMMARY = (
        "Reads all that a server of OGC API - Processes says of itself, and lists where it bends the standard "
        "(OGC 18-062r2), with the requirement. Nothing is executed."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for item in (URL, AUTHENTICATION):
            self.addParameter(input_parameter(item))
        self.addParameter(table_parameter(tr("Findings"), tr("A row for each place where the standard is bent.")))
        self.addOutput(QgsProcessingOutputNumber("deviations", tr("Number of deviations from the standard")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.processes.client.deviations import CODES, Deviations
        from dtwin_plugin.processes.remote import Registered, bindings_of, read_server

        url, authentication = (self.parameterAsString(parameters, one.name, context) for one in (URL, AUTHENTICATION))
        progress, deviations = FeedbackProgress(feedback), Deviations()
        server = Registered("checked", "", url.strip(), authentication)
        found = read_server(servers.connect(server, progress, deviations), "checked", server.url, progress=progress)
        for name, description in found.processes.items():
            bindings_of(description, deviations, name)
        rows = [
            {"code": one.code, "where": one.where, "what": tr(CODES[one.code][1]), "found": one.found,
             "requirement": one.requirement}
            for one in deviations.found
        ]  # fmt: skip
        for one in deviations.found:
            feedback.pushInfo(one.text(tr))
        path = self.parameterAsFileOutput(parameters, "table", context)
        if path:
            titles = {
                "code": "Code",
                "where": "Where",
                "what": "What is bent",
                "found": "Found",
                "requirement": "Requirement",
            }
            WordTable(self.displayName(), {name: tr(title) for name, title in titles.items()}, rows).write(Path(path))
        return {"deviations": len(rows), "table": path}

"""Register a server, ask it again, and forget it."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
)

from dtwin_plugin.layers import servers
from dtwin_plugin.layers.models_of_others import algorithms_changed
from dtwin_plugin.models.base import Field
from dtwin_plugin.translate import mark, tr

from ..base import DtwinAlgorithm
from ..feedback import FeedbackProgress
from ..parameters import input_parameter

GROUP = mark("Servers")
NAME = Field(
    "name", "Name", "text",
    doc="Letters a to z and digits: the first part of the ids of its algorithms. Choose it once.",
)  # fmt: skip
URL = Field("url", "Address", "text", doc="Of the landing page of its OGC API, such as https://example.nl/ogcapi.")
AUTHENTICATION = Field(
    "authentication", "Authentication", "text", optional=True, style="authentication",
    doc="A configuration in QGIS's authentication database. It is sent to this server only.",
)  # fmt: skip
_TITLE = Field(
    "title", "Title", "text", optional=True, doc="The group of its algorithms; what it calls itself if empty."
)
_HOSTS = Field(
    "hosts", "Other hosts", "text", optional=True, advanced=True,
    doc="From which its results may come too, separated by commas. Results that lead elsewhere are refused.",
)  # fmt: skip


class _Registering(DtwinAlgorithm):
    """Ends with the algorithms being listed anew."""

    GROUP = GROUP

    def postProcessAlgorithm(self, context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        algorithms_changed()
        return {}

    def _keep(self, server: Any, feedback: QgsProcessingFeedback) -> dict[str, Any]:
        """Ask a server what it offers, and keep it."""
        from dtwin_plugin.processes.client import Deviations
        from dtwin_plugin.processes.remote import read_server

        progress = FeedbackProgress(feedback)
        client = servers.connect(server, progress, Deviations())
        found = read_server(
            client, server.name, server.url, server.title, server.authentication, server.hosts, progress
        )
        servers.registry().keep(found)
        for text in found.deviations:
            feedback.pushInfo(text)
        for identifier in found.ids().values():
            feedback.pushInfo(f"dtwin:{identifier}")
        return {"server": found.name, "processes": len(found.processes), "deviations": len(found.deviations)}

    def _add_outputs(self) -> None:
        self.addOutput(QgsProcessingOutputString("server", tr("Server")))
        self.addOutput(QgsProcessingOutputNumber("processes", tr("Number of processes")))
        self.addOutput(QgsProcessingOutputNumber("deviations", tr("Number of deviations from the standard")))


class RegisterServer(_Registering):
    """A server, for the first time or in the place of one of that name."""

    ID, TITLE = "registerserver", "Register a server"
    SUMMARY = (
        "Asks a server of OGC API - Processes what it can calculate, and keeps that: its processes are algorithms in "
        "the toolbox, the graphical modeller and qgis_process from then on, also without a network. Register one of "
        "the same name again to change its address or authentication."
    )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        for item in (NAME, URL, AUTHENTICATION, _TITLE, _HOSTS):
            self.addParameter(input_parameter(item))
        self._add_outputs()

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        from dtwin_plugin.processes.remote import Registered

        name, url, authentication, title, hosts = (
            self.parameterAsString(parameters, item.name, context).strip()
            for item in (NAME, URL, AUTHENTICATION, _TITLE, _HOSTS)
        )
        url = url.split("?")[0].rstrip("/").removesuffix("/processes")  # what people copy from a browser
        others = tuple(one.strip() for one in hosts.split(",") if one.strip())
        return self._keep(Registered(name, title, url, authentication, others), feedback)


class RefreshServer(_Registering):
    """A server asked again."""

    ID, TITLE = "refreshserver", "Refresh a server"
    SUMMARY = "Asks a server that is registered again what it can calculate. Ids of algorithms stay."

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.addParameter(input_parameter(NAME))
        self._add_outputs()

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        return self._keep(servers.registry().get(self.parameterAsString(parameters, NAME.name, context)), feedback)


class RemoveServer(_Registering):
    """A server forgotten."""

    ID, TITLE = "removeserver", "Remove a server"
    SUMMARY = "Forgets a server that is registered, with its algorithms. Its jobs stay in the list of jobs."

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        self.addParameter(input_parameter(NAME))
        self.addOutput(QgsProcessingOutputString("server", tr("Server")))

    def work(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        name = self.parameterAsString(parameters, NAME.name, context)
        servers.registry().remove(name)
        return {"server": name}

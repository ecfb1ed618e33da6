"""Servers of OGC API - Processes: registered, asked again, checked; their processes as algorithms, their jobs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qgis.core import QgsMessageLog, QgsProcessingContext
from qgis.PyQt.QtGui import QIcon

from dtwin_plugin.layers import servers
from dtwin_plugin.layers.icons import icon

from ..exports.confidential import CONFIDENTIAL, confidential_parameter
from ..model_algorithm import ModelAlgorithm
from .check import CheckServer
from .job import FetchJob
from .register import RefreshServer, RegisterServer, RemoveServer

if TYPE_CHECKING:
    from .sending import SentValues

SERVERS = (RegisterServer, RefreshServer, RemoveServer, CheckServer, FetchJob)

__all__ = ["SERVERS", "RemoteAlgorithm", "remote_algorithms"]


class RemoteAlgorithm(ModelAlgorithm):
    """A process of a server, in the group of that server."""

    def groupId(self) -> str:
        return f"server_{self.model.id.partition('_')[0]}"

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        super().initAlgorithm(configuration)
        self.addParameter(confidential_parameter())

    def reader(self, parameters: dict[str, Any], context: QgsProcessingContext) -> SentValues:
        """Return what reads the values, and refuses to send those that are not for others."""
        from .sending import SentValues

        may_send = self.parameterAsBool(parameters, CONFIDENTIAL, context)
        return SentValues(self, parameters, context, self.model.group, may_send)

    def icon(self) -> QIcon:
        return icon("dtwin")  # the title of its group is anybody's, and no name of a file


def remote_algorithms() -> Iterator[RemoteAlgorithm]:
    """Yield the processes of the servers that are registered, from what was kept of them; no server is asked."""
    if not servers.has_servers():  # most have none, and QGIS should not wait for what reads them
        return
    from dtwin_plugin.processes.remote import models_of

    jobs = servers.job_store()
    for server in servers.registry().all():
        found, left_out = models_of(server, servers.connect, jobs)
        for process, reason in left_out.items():
            QgsMessageLog.logMessage(f"{server.title}, {process}: {reason}", "Digital Twin")
        yield from map(RemoteAlgorithm, found.values())

"""The provider: every model, loader and export as an algorithm."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from dtwin_plugin.layers.icons import icon
from dtwin_plugin.paths import version

from .catalogue import CATALOGUE
from .described import descriptions
from .exports import EXPORTS
from .hooks import HOOKS
from .loadarea import LoadArea
from .model_algorithm import ModelAlgorithm


class DtwinProvider(QgsProcessingProvider):
    """Algorithms with ids `dtwin:…`."""

    def loadAlgorithms(self) -> None:
        for model in descriptions().values():
            self.addAlgorithm(HOOKS.get(model.id, ModelAlgorithm)(model))
        for algorithm in (LoadArea, *EXPORTS, *CATALOGUE):
            self.addAlgorithm(algorithm())

    def id(self) -> str:
        return "dtwin"

    def name(self) -> str:
        return "Digital Twin"

    def longName(self) -> str:
        return f"Digital Twin {version()}"

    def defaultPointCloudFileExtension(self) -> str:
        return "copc.laz"

    def supportedOutputPointCloudLayerExtensions(self) -> list[str]:
        return ["copc.laz", "laz"]

    def icon(self) -> QIcon:
        return icon("dtwin")

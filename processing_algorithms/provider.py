"""The provider: every model, loader and export as an algorithm."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from dtwin_plugin.layers.icons import icon
from dtwin_plugin.layers.models_of_others import folder_of_models
from dtwin_plugin.paths import version

from .catalogue import CATALOGUE
from .described import descriptions
from .exports import EXPORTS
from .hooks import HOOKS
from .loadarea import LoadArea
from .model_algorithm import ModelAlgorithm
from .others import OTHERS
from .servers import SERVERS, remote_algorithms
from .study import STUDY


class DtwinProvider(QgsProcessingProvider):
    """Algorithms with ids `dtwin:…`."""

    def loadAlgorithms(self) -> None:
        for model in descriptions().values():
            self.addAlgorithm(HOOKS.get(model.id, ModelAlgorithm)(model))
        for algorithm in (LoadArea, *EXPORTS, *CATALOGUE, *OTHERS, *SERVERS, *STUDY):
            self.addAlgorithm(algorithm())
        for remote in remote_algorithms():
            if self.algorithm(remote.name()) is None:
                self.addAlgorithm(remote)
        self._load_models_of_others()

    def _load_models_of_others(self) -> None:
        if folder_of_models().is_dir():  # most have none, and QGIS should not wait for what reads them
            from dtwin_plugin.layers.servers import connect
            from dtwin_plugin.processes.plugged.engines import models

            for model in models(folder_of_models(), connect):
                if self.algorithm(model.id) is None:
                    self.addAlgorithm(ModelAlgorithm(model))

    def id(self) -> str:
        return "dtwin"

    def name(self) -> str:
        return "Digital Twin"

    def longName(self) -> str:
        return f"Digital Twin {version()}"

    def defaultRasterFileExtension(self) -> str:
        return "tif"  # whatever the user has set for others: what lies between the steps of a model is ours

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:
        return "gpkg"  # a shapefile would cut the names that the next step looks for

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        return ["tif", "tiff"]

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        from dtwin_plugin.layers.write import suffixes

        return [suffix[1:] for suffix in suffixes()]

    def supportedOutputTableExtensions(self) -> list[str]:
        from dtwin_plugin.layers.write import suffixes

        return [suffix[1:] for suffix in suffixes(table=True)]

    def defaultPointCloudFileExtension(self) -> str:
        return "copc.laz"

    def supportedOutputPointCloudLayerExtensions(self) -> list[str]:
        return ["copc.laz", "laz"]

    def icon(self) -> QIcon:
        return icon("dtwin")

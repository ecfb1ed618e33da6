"""A flood run takes a sewer network as it is exchanged in the Netherlands too: GWSW-Hyd becomes input of SWMM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..model_algorithm import ModelAlgorithm

if TYPE_CHECKING:
    from qgis.core import QgsProcessingContext

    from ..values import ValueReader


class FloodAlgorithm(ModelAlgorithm):
    """The flood model in the toolbox."""

    def reader(self, parameters: dict[str, Any], context: QgsProcessingContext) -> ValueReader:
        """Return what reads a network as well."""
        from .flood_values import FloodValues

        return FloodValues(self, parameters, context)

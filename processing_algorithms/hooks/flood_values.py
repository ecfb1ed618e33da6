"""The values of a flood run, whose sewer network may come as GWSW-Hyd."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingUtils

from ..values import ValueReader

if TYPE_CHECKING:
    from dtwin_plugin.models.base import Field

    from ..feedback import FeedbackProgress


class FloodValues(ValueReader):
    """Reads a GWSW-Hyd set as the text that SWMM runs."""

    def _value(self, item: Field, progress: FeedbackProgress) -> Any:
        found = super()._value(item, progress)
        if item.name != "sewer_network" or found.suffix.lower() == ".inp" or not found.exists():
            return found
        from dtwin_plugin.sources.gwsw import GwswSource, inp_of

        sewer = GwswSource(found).load()
        if sewer.faults:
            progress.warn(
                "{file} has {count} faults; Load sewer network lists them.", file=found.name, count=len(sewer.faults)
            )
        path = Path(QgsProcessingUtils.generateTempFilename("sewer.inp"))
        path.write_text(inp_of(sewer), encoding="utf-8")
        return path

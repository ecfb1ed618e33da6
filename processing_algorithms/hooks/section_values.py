"""The values of a section: what lies near its line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dtwin_plugin.data import Extent
from dtwin_plugin.translate import tr

from ..values import ValueReader

if TYPE_CHECKING:
    from dtwin_plugin.models.base import Field, Model

    from ..feedback import FeedbackProgress

_MARGIN = 50.0  # m around the line in which layers are read at least: the cells at its ends


class SectionValues(ValueReader):
    """Reads the line first, and of the layers only what lies near it: a province of voxels need not fit in memory."""

    def read(self, model: Model, progress: FeedbackProgress) -> dict[str, Any]:
        """Return a value for each input."""
        area = super()._value(model.input("line"), progress).geometries.extent()
        far = max(
            _MARGIN, *(self._number(model.input(name), progress) for name in ("distance", "alongside", "present_xy"))
        )
        if area is not None:
            self._extent = Extent(area.x_min - far, area.y_min - far, area.x_max + far, area.y_max + far)
        self.inputs.clear()
        self.privacy.clear()
        self.keep_until.clear()
        return super().read(model, progress)

    def _value(self, item: Field, progress: FeedbackProgress) -> Any:
        if item.name == "line":
            near, self._extent = self._extent, None  # the line itself is whole
            try:
                return super()._value(item, progress)
            finally:
                self._extent = near
        found = super()._value(item, progress)
        if item.kind == "features" and not len(found):
            progress.warn("{layer} has nothing near the line.", layer=tr(item.title))
            return None
        return found

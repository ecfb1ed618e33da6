"""Values that leave for a server: layers that are not for others stay here, unless a person says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsProcessingContext

from dtwin_plugin.errors import InputError
from dtwin_plugin.models.base import Model
from dtwin_plugin.twin.privacy import is_public, strictest

from ..values import ValueReader

if TYPE_CHECKING:
    from qgis.core import QgsProcessingAlgorithm

    from ..feedback import FeedbackProgress


class SentValues(ValueReader):
    """Reads values as for any model, and refuses those that may not be sent."""

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        server: str,
        may_send: bool,
    ) -> None:
        super().__init__(algorithm, parameters, context)
        self._server, self._may_send = server, may_send

    def read(self, model: Model, progress: FeedbackProgress) -> dict[str, Any]:
        """Return a value for each input; raises InputError where a layer may not leave, and as `ValueReader.read`."""
        values = super().read(model, progress)
        level = strictest(self.privacy)
        if not is_public(level) and not self._may_send:
            raise InputError(
                "A layer is {level}, and would be sent to {server}.",
                hint="Leave it out, or switch on the advanced parameter for confidential layers if you may send it.",
                level=level,
                server=self._server,
            )
        return values

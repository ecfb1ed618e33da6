"""The twin's own records: what was run, on what, by which version, and why."""

from typing import TYPE_CHECKING

from dtwin_plugin.later import later

if TYPE_CHECKING:
    from .record import InputRecord, RunRecord, checksum

__all__ = ["InputRecord", "RunRecord", "checksum"]
__getattr__ = later(__name__, dict.fromkeys(__all__, "record"))

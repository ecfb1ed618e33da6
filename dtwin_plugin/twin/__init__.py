"""The twin's own records: what was run, on what, by which version, and why."""

from .record import InputRecord, RunRecord, checksum

__all__ = ["InputRecord", "RunRecord", "checksum"]

"""Data quality: geometry by the codes of val3dity, heights, dates and coverage."""

from .codes import CODES, Tolerances
from .examine import examine
from .model import CHECK_QUALITY
from .report import Assessment, Finding, assess, findings_layer, summary_table

__all__ = [
    "CHECK_QUALITY",
    "CODES",
    "Assessment",
    "Finding",
    "Tolerances",
    "assess",
    "examine",
    "findings_layer",
    "summary_table",
]

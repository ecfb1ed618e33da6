"""Data quality: geometry by the codes of val3dity, heights, dates and coverage."""

from .codes import CODES, Tolerances
from .cover import Cover
from .examine import examine
from .model import CHECK_QUALITY
from .report import Assessment, Finding, assess, assess_cover, findings_layer, summary_table

__all__ = [
    "CHECK_QUALITY",
    "CODES",
    "Assessment",
    "Cover",
    "Finding",
    "Tolerances",
    "assess",
    "assess_cover",
    "examine",
    "findings_layer",
    "summary_table",
]

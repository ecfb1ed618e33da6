"""KLIC deliveries: cables and pipes of the operators in an area, in IMKL (Geonovum), and what goes with them."""

from .delivery import Delivery
from .lines import Lines, depths_of, lines_of
from .others import areas_of, attachments_of, drawing_of, points_of, precautions_of, request_areas_of
from .source import KlicSource

__all__ = [
    "Delivery",
    "KlicSource",
    "Lines",
    "areas_of",
    "attachments_of",
    "depths_of",
    "drawing_of",
    "lines_of",
    "points_of",
    "precautions_of",
    "request_areas_of",
]

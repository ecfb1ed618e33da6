"""Demand for trips: how many begin and end in each zone, where they go, by what, and how a matrix fits counts."""

from .adjust_model import MATRIX_ADJUST
from .distribution_model import TRIP_DISTRIBUTION
from .factor_model import MATRIX_FACTOR
from .generation_model import TRIP_GENERATION
from .lines_model import MATRIX_LINES
from .split_model import MODAL_SPLIT

DEMAND_MODELS = (TRIP_GENERATION, TRIP_DISTRIBUTION, MODAL_SPLIT, MATRIX_FACTOR, MATRIX_ADJUST, MATRIX_LINES)

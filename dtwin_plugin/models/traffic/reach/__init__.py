"""Reachability: areas by travel time, and the nearest facility, with closed links as a scenario."""

from .areas_model import TRAVEL_TIME_AREAS
from .nearest_model import NEAREST_FACILITY

REACH_MODELS = (TRAVEL_TIME_AREAS, NEAREST_FACILITY)

"""Places by name, and the area that a user means by a municipality, an address, coordinates or BAG ids."""

from .locatieserver import Locatieserver, Place
from .resolve import resolve_area

__all__ = ["Locatieserver", "Place", "resolve_area"]

"""All that a rule can be about, by the name that a rule file has for it."""

from __future__ import annotations

from .quantity import Quantity

QUANTITIES: dict[str, Quantity] = {}

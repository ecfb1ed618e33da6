"""From building models to what registers hold: an outer envelope, an outline and heights."""

from .envelope import Envelope, envelope

__all__ = ["Envelope", "envelope"]

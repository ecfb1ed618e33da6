"""What is valid today, and what is history."""

from __future__ import annotations

from typing import Any

from .profile import Profile


def is_current(profile: Profile, row: dict[str, Any], day: str) -> bool:
    """Tell whether an object is valid on a day ("20240131"): not ended, not replaced, not gone, and begun."""
    for column in profile.ends:
        end = _day(row.get(column))
        if end is not None and end <= day:
            return False
    begin = _day(row.get("begin_geldigheid"))
    if begin is not None and begin > day:
        return False
    return not any(str(row.get(column) or "").lower() in values for column, values in profile.gone.items())


def _day(moment: Any) -> str | None:
    """Return the day of a moment, written with or without marks between its parts.

    >>> _day("2019-01-15T15:18:40.000"), _day("2014022100000001"), _day(None)
    ('20190115', '20140221', None)
    """
    digits = "".join(character for character in str(moment or "")[:10] if character.isdigit())
    return digits[:8] if len(digits) >= 8 else None

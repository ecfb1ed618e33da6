"""Coordinates as they are written in GML: `pos`, `posList`, `coordinates` and `coord`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dtwin_plugin.errors import FormatError
from dtwin_plugin.sources.safe_xml import local

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HOLDERS = ("pos", "posList", "coordinates", "coord", "pointProperty", "pointRep")


def coordinates(element: Any, dimension: int, file: str, closed: bool = False) -> NDArray[np.float64]:
    """Return the coordinates directly within an element, shape (n, 2) or (n, 3); n is 0 if there are none.

    Parameters
    ----------
    dimension : int
        As the elements around it say; 0 if they do not.
    closed : bool
        Whether they are a ring, which tells two dimensions from three where nothing else does.

    Raises
    ------
    FormatError
        If they are no numbers, or not as many as the dimension asks.
    """
    pieces: list[NDArray[np.float64]] = []
    for child in element:
        name = local(child.tag)
        if name not in _HOLDERS:
            continue
        stated = dimension_of(child, dimension)
        if name == "posList":
            pieces.append(_list(child, stated, file, closed))
        elif name == "pos":
            pieces.append(_floats(child.text, file).reshape(1, -1))
        elif name == "coordinates":
            pieces.append(_comma_list(child, file))
        elif name == "coord":
            pieces.append(_floats(" ".join(item.text or "" for item in child), file).reshape(1, -1))
        else:
            pieces += [coordinates(point, stated, file) for point in child]
    pieces = [piece for piece in pieces if piece.size]
    if not pieces:
        return np.empty((0, 2))
    widths = {piece.shape[1] for piece in pieces}
    if len(widths) > 1 or not widths <= {2, 3}:
        raise _wrong(file, f"{sorted(widths)} numbers to a coordinate")
    return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


def dimension_of(element: Any, inherited: int) -> int:
    """Return what an element says of the number of its axes, else what those around it said."""
    stated = element.get("srsDimension") or element.get("dimension")
    return int(stated) if stated in ("2", "3") else inherited


def _list(element: Any, dimension: int, file: str, closed: bool) -> NDArray[np.float64]:
    numbers = _floats(element.text, file)
    count = element.get("count", "")
    if not dimension and count.isdigit() and int(count) * 3 == len(numbers):
        dimension = 3
    if not dimension:
        dimension = 3 if _only_three(numbers, closed) else 2
    if len(numbers) % dimension:
        raise _wrong(file, f"a list of {len(numbers)} numbers for {dimension} axes")
    return numbers.reshape(-1, dimension)


def _only_three(numbers: NDArray[np.float64], closed: bool) -> bool:
    """Tell whether numbers must be triples: they divide by three only, or make a closed ring only so."""
    if len(numbers) % 3 or len(numbers) < 3:
        return False
    if len(numbers) % 2:
        return True
    return closed and bool((numbers[:3] == numbers[-3:]).all()) and not bool((numbers[:2] == numbers[-2:]).all())


def _comma_list(element: Any, file: str) -> NDArray[np.float64]:
    """Return the coordinates of GML 2: "x,y x,y", with separators that may be other ones."""
    text = element.text or ""
    comma, space, point = (element.get(name) or usual for name, usual in (("cs", ","), ("ts", " "), ("decimal", ".")))
    tuples = [item for item in text.replace(space, " ").split() if item]
    rows = [item.replace(point, ".").split(comma) for item in tuples]
    width = len(rows[0]) if rows else 2
    if any(len(row) != width for row in rows):
        raise _wrong(file, "coordinates of different length")
    return _floats(" ".join(number for row in rows for number in row), file).reshape(-1, width)


def _floats(text: str | None, file: str) -> NDArray[np.float64]:
    try:
        numbers = np.array(list(map(float, (text or "").split())))
    except ValueError as error:
        raise _wrong(file, str(error)) from error
    if not np.isfinite(numbers).all():
        raise _wrong(file, "a number that is not finite")
    return numbers


def _wrong(file: str, reason: str) -> FormatError:
    return FormatError(
        "{file} has a geometry that cannot be read: {reason}.",
        hint="Repair it, or export it again.",
        file=file,
        reason=reason[:200],
    )

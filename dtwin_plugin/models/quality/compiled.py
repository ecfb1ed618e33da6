"""Whether the compiled loops are used: they are faster, and nothing else."""

from __future__ import annotations

import sys
from typing import Any

from dtwin_plugin.errors import MissingDependencyError

MANY = 20_000  # polygons from which compiled loops are worth their loading (1 to 2 s)


def compiled(polygons: int) -> Any:
    """Return the module of compiled loops; None where Numba is not installed, or not loaded yet for few polygons."""
    if polygons < MANY and f"{__package__}.kernels" not in sys.modules:
        return None
    try:
        from . import kernels
    except (MissingDependencyError, ImportError):
        return None
    return kernels

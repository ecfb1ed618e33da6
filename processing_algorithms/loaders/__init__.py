"""Sources as algorithms: descriptions like those of models, so that one wrapper serves both.

`LOADERS`, from id to description, stands in `registry`.
"""

from typing import TYPE_CHECKING

from dtwin_plugin.later import later

if TYPE_CHECKING:
    from .registry import LOADERS

__all__ = ["LOADERS"]
__getattr__ = later(__name__, {"LOADERS": "registry"})

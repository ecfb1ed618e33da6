"""What the models and the loaders are, without importing them: that takes longer than QGIS should wait for."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from functools import lru_cache

from dtwin_plugin.models.base import Model
from dtwin_plugin.models.described import from_text, to_text
from dtwin_plugin.paths import plugin_file

FILE = ("resources", "descriptions.json")  # made when the plugin folder is assembled


@lru_cache(maxsize=1)
def descriptions() -> Mapping[str, Model]:
    """Return all loaders and models by id: of the assembled plugin from its file, in a checkout from their modules."""
    try:
        file = plugin_file(*FILE)
    except FileNotFoundError:
        return _imported()
    return from_text(file.read_text(encoding="utf-8"), lambda name: _imported()[name])


def described_text() -> str:
    """Return the text of that file."""
    return to_text(_imported().values())


def _imported() -> Mapping[str, Model]:
    from dtwin_plugin.models import MODELS

    from .loaders import LOADERS

    return ChainMap(MODELS, LOADERS)

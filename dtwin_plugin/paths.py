"""The one way to find a shipped file, and the version, read from `metadata.txt`."""

from __future__ import annotations

import configparser
from functools import lru_cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def plugin_file(*parts: str) -> Path:
    """Return the path of a shipped file, in an installed plugin and in a checkout alike.

    The package folder holds `resources/` and `metadata.txt` when installed; in a checkout they stand one folder up.

    Raises
    ------
    FileNotFoundError
        If the file is in neither place.
    """
    for root in (_PACKAGE, _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError("/".join(parts))


@lru_cache(maxsize=1)
def metadata() -> dict[str, str]:
    """Return what `metadata.txt` says of the plugin: its name, author, licence and addresses."""
    found = configparser.ConfigParser(interpolation=None)
    found.read(plugin_file("metadata.txt"), encoding="utf-8")
    return dict(found["general"])


def version() -> str:
    """Return the version of the plugin, as in `metadata.txt`."""
    return metadata()["version"]

"""Which source exists where: the national list, and the organisation's own that goes before it.

The addresses, licences and access levels live in data files, never in code. The national list ships with the plugin;
the organisation's own (`own.py`) has the same form, and its entries replace those of the same id and add the others.
"""

from .entry import ACCESS_LEVELS, Entry
from .reading import OWN_LIST, entries, entry, own_list_path, url_of, use_own_list
from .searching import search, theme_of, themes

__all__ = [
    "ACCESS_LEVELS",
    "OWN_LIST",
    "Entry",
    "entries",
    "entry",
    "own_list_path",
    "search",
    "theme_of",
    "themes",
    "url_of",
    "use_own_list",
]

"""The soil classes of the Netherlands that everything here speaks: the lithoclasses of GeoTOP, with their colours.

References
----------
TNO - Geological Survey of the Netherlands: GeoTOP 1.6, lithoclass ("lithok").
"""

from __future__ import annotations

from types import MappingProxyType

from dtwin_plugin.translate import mark

UNKNOWN = -1
# number -> name. Class 4 (clayey sand, in older versions) is not in use any more.
LITHOCLASSES = MappingProxyType(
    {
        0: mark("Anthropogenic"),
        1: mark("Organic material (peat)"),
        2: mark("Clay"),
        3: mark("Clayey sand, sandy clay and loam"),
        4: mark("Sand (not divided)"),
        5: mark("Fine sand"),
        6: mark("Medium sand"),
        7: mark("Coarse sand"),
        8: mark("Gravel"),
        9: mark("Shells"),
    }
)
COLOURS = MappingProxyType(
    {
        0: "#C8C8C8",
        1: "#9D4E40",
        2: "#009200",
        3: "#C2CF5C",
        4: "#FFFF9E",
        5: "#FFFF00",
        6: "#F3E106",
        7: "#E7C316",
        8: "#D8A320",
        9: "#5F5FFF",
        UNKNOWN: "#FFFFFF",
    }
)

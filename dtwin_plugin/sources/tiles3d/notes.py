"""What a tile holds that is not read, in sentences."""

from __future__ import annotations

from dtwin_plugin.translate import mark

SENTENCES = {
    "schema": mark("The schema beside it is not read, so its properties have no meaning here."),
    "lines": mark("Lines in the tiles are left out."),
    "feature textures": mark("Features that are drawn in images are left out: what they cover is one object."),
    "property textures": mark("Properties that are drawn in images are left out."),
    "property attributes": mark("Properties that lie at vertices are left out, but for the class of points."),
    "hierarchy": mark("The hierarchy of the batch table is left out, with the properties that only it holds."),
}

"""Heights that are none: registers on the map write 0 for them."""

from __future__ import annotations

from dtwin_plugin.sources.gml import Shape


def flattened(shape: Shape) -> Shape:
    """Return a shape in two dimensions."""
    if all(ring.shape[1] == 2 for part in shape.parts for ring in part):
        return shape
    return Shape(shape.kind, [[ring[:, :2] for ring in part] for part in shape.parts], shape.srs)

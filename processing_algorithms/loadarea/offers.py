"""What can be loaded, and what comes of it."""

from __future__ import annotations

from dtwin_plugin.catalogue.products import Product, products
from dtwin_plugin.models.base import Field

from ..described import descriptions

LOG, SUMMARY, QUALITY = "log", "quality_summary", "quality"  # tables that tell of the load itself
VECTOR = ("features", "surfaces", "table", "voxels")  # kinds that go into the GeoPackage


def offered() -> dict[str, Product]:
    """Return the products whose loader is here, by id."""
    return {name: product for name, product in products().items() if product.loader in descriptions()}


def output_name(product: Product, item: Field) -> str:
    """Return the name of a declared output: that of the product, with its part where it has more than one.

    A terrain is "terrain", and the buildings of the 3DBAG are "buildings3d_surfaces" and "buildings3d_footprints".
    """
    name = product.id.lower().replace(".", "_").replace("-", "_")
    return name if len(layer_outputs(product)) == 1 else f"{name}_{item.name}"


def layer_outputs(product: Product) -> list[Field]:
    """Return the outputs of a product's loader that are layers."""
    kinds = (*VECTOR, "grid", "points", "layer")
    return [item for item in descriptions()[product.loader].outputs if item.kind in kinds]

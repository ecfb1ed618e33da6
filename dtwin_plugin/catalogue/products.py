"""What a user can tick: a source of the catalogue with the loader that reads it, and what the loader is asked.

The national products are listed in `resources/catalogue/products.json`. Sources that are not in it, such as those of an
organisation's own list, become products by what they speak, so that a row in that list is all that a new source needs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from dtwin_plugin.errors import InputError
from dtwin_plugin.paths import plugin_file
from dtwin_plugin.translate import language, mark

from . import Entry, entries

# what a source speaks -> the loader that reads it, and the name of its parameter for a layer ("" if it has none)
LOADERS = {
    "copc": ("loadpoints", ""),
    "ept": ("loadpoints", ""),
    "3dtiles": ("load3dtiles", ""),
    "ogcapi-features": ("loadfeatures", "collection"),
    "wfs": ("loadfeatures", "collection"),
}
# what the national list says of products, so that their titles are translated
TITLES = (
    mark("Buildings in 3D"),
    mark("Buildings and addresses (BAG)"),
    mark("Large-scale base map (BGT)"),
    mark("Topography 1:10,000 (TOP10NL)"),
    mark("Trees and street furniture"),
    mark("Cadastral parcels"),
    mark("Administrative boundaries"),
    mark("Terrain (AHN, 0.5 m)"),
    mark("Heights with buildings and trees (AHN, 0.5 m)"),
    mark("Point cloud (AHN)"),
    mark("Buildings as 3D Tiles (3D Basisvoorziening)"),
    mark("Background map (BRT-A)"),
    mark("Aerial photograph"),
    mark("3D Tiles LoD 1.2 (3DBAG)"),
    mark("3D Tiles LoD 1.3 (3DBAG)"),
    mark("3D Tiles LoD 2.2 (3DBAG)"),
    mark("Roofs LoD 1.2 in 2D (3DBAG)"),
    mark("Roofs LoD 1.3 in 2D (3DBAG)"),
    mark("Roofs LoD 2.2 in 2D (3DBAG)"),
    mark("Tile index (3DBAG)"),
    mark("Terrain as 3D Tiles (3D Basisvoorziening)"),
    mark("Roads (NWB)"),
    mark("Hectometre posts (NWB)"),
    mark("Cone penetration tests (BRO)"),
    mark("Boreholes and soil pits (BRO)"),
    mark("Groundwater wells and levels (BRO)"),
    mark("Voxels of the ground (GeoTOP)"),
    mark("Norms of zoning plans"),
    mark("Norms of environment plans"),
)


@dataclass(frozen=True)
class Product:
    """Something that can be loaded for an area.

    Attributes
    ----------
    id : str
        Stable; also the name of a folder and the start of layer names.
    title, theme : str
        For people, in English; translated where they are shown. What a source of an organisation's own list brings
        is called as its row says, in the language in use.
    entry : Entry
        The source, with its owner, licence and access level.
    loader : str
        Id of the loader's description ("load3dbag").
    parameters : mapping
        What the loader is asked beside the area.
    default : bool
        Ticked to begin with.
    """

    id: str
    title: str
    theme: str
    entry: Entry
    loader: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    default: bool = False

    @property
    def rights(self) -> str:
        """Whose the data are and under which licence, as one line."""
        return ", ".join(dict.fromkeys(text for text in (self.entry.attribution, self.entry.licence) if text))


def products() -> dict[str, Product]:
    """Return all products by id: the national ones first, then those of other sources.

    >>> products()["buildings3d"].entry.licence
    'CC BY 4.0'
    """
    known, found = entries(), {}
    for row in _listed():
        if row["source"] in known:
            found[row["id"]] = _product(row, known[row["source"]])
    taken = {product.entry.id for product in found.values()}
    for entry in known.values():
        if entry.id not in taken and entry.kind in LOADERS and entry.url:
            found.update({product.id: product for product in _derived(entry)})
    return found


def product(name: str) -> Product:
    """Return one product.

    Raises
    ------
    InputError
        If there is none of that id.
    """
    found = products()
    if name not in found:
        raise InputError(
            "There is nothing to load with the name {name}.",
            hint="Known are: {known}.",
            name=name,
            known=", ".join(found),
        )
    return found[name]


@lru_cache(maxsize=1)
def _listed() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(plugin_file("resources", "catalogue", "products.json").read_text(encoding="utf-8")))


def _product(row: Mapping[str, Any], entry: Entry) -> Product:
    parameters = MappingProxyType(dict(row.get("parameters", {})))
    return Product(
        row["id"], row["title"], row["theme"], entry, row["loader"], parameters, bool(row.get("default", False))
    )


def _derived(entry: Entry) -> list[Product]:
    """Return the products of a source that is in no list: one for each layer that its row names.

    The name of a layer tells them apart, without the name of its workspace.
    """
    loader, layer_parameter = LOADERS[entry.kind]
    base, title = {"source": entry.id}, entry.title_in(language())
    if not layer_parameter:
        return [] if "{" in str(entry.url) else [Product(entry.id, title, entry.theme, entry, loader, base)]
    layers = [str(name) for name in entry.more.get("layers", ())]
    return [
        Product(
            f"{entry.id}.{name.replace(':', '.')}",
            title if len(layers) == 1 else f"{title}: {name.partition(':')[2] or name}",
            entry.theme,
            entry,
            loader,
            MappingProxyType({**base, layer_parameter: name}),
        )
        for name in layers
    ]

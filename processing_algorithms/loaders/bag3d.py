"""Buildings of the 3DBAG by area."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dtwin_plugin.models.base import Model, Values
from dtwin_plugin.progress import Progress

from .common import GROUP, LOD, LODS, REQUIRED_EXTENT, SURFACE_OUTPUTS, lod_option, surface_outputs, transport


def _run(values: Values, progress: Progress) -> dict[str, Any]:
    from dtwin_plugin.sources.bag3d import Bag3dSource

    source = Bag3dSource(transport=transport(), lod=lod_option(values["lod"]))
    return surface_outputs(source.read(values["extent"], progress), "3DBAG")


_LOD = replace(LOD, default="2.2", choices={key: LODS[key] for key in ("0", "1.2", "1.3", "2.2", "all")})

LOAD_3DBAG = Model(
    id="load3dbag",
    version="1.0.0",
    title="Load 3DBAG buildings",
    group=GROUP,
    summary="All buildings of an area from the 3DBAG of TU Delft and 3DGI, with their heights and roof shapes. "
    "© 3DBAG by tudelft3d and 3DGI, CC BY 4.0.",
    inputs=(REQUIRED_EXTENT, _LOD),
    outputs=SURFACE_OUTPUTS,
    run=_run,
    references=(
        "Peters, R. et al. (2022). Automated 3D reconstruction of LoD2 and LoD1 models for all 10 million "
        "buildings of the Netherlands. PE&RS 88, 165-170. doi:10.14358/PERS.21-00032R2",
    ),
)

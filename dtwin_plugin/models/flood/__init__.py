"""Flooding under extreme rain: the descriptions of its models; the physics stand in `solvers`."""

from __future__ import annotations

from ..base import Model
from .consequences.consequences_model import CONSEQUENCES
from .ensembles.ensemble_model import FLOOD_ENSEMBLE
from .measures.difference_model import DIFFERENCE
from .measures.measures_model import MEASURES
from .model import INPUTS, OUTPUTS, check, run
from .scan.scan_model import FLOOD_SCAN
from .surface.landcover_model import FLOOD_SURFACE
from .terrain.prepare_model import FLOOD_TERRAIN

FLOOD = Model(
    id="flood",
    version="1.2.0",
    title="Flooding under extreme rain",
    group="Water",
    summary="Which areas are expected to flood under extreme rain? Rain on every cell flows over the terrain by the "
    "local inertial equations, around the buildings, into the soil and the sewer.",
    inputs=INPUTS,
    outputs=OUTPUTS,
    run=run,
    check=check,
    references=(
        "Bates, P.D., Horritt, M.S., Fewtrell, T.J. (2010). A simple inertial formulation of the shallow water "
        "equations. Journal of Hydrology 387, 33-45. doi:10.1016/j.jhydrol.2010.03.027",
        "de Almeida, G.A.M., Bates, P., Freer, J.E., Souvignet, M. (2012). Improving the stability of a simple "
        "formulation of the shallow water equations. Water Resources Research 48, W05528. doi:10.1029/2011WR011570",
        "Jensen, T.G. (1996). Artificial retardation of barotropic waves in layered ocean models. Monthly Weather "
        "Review 124, 1272-1283. doi:10.1175/1520-0493(1996)124<1272:AROBWI>2.0.CO;2",
        "van Ormondt, M., Leijnse, T., de Goede, R., Nederhoff, K., van Dongeren, A. (2025). Subgrid corrections for "
        "the linear inertial equations of a compound flood model. Geoscientific Model Development 18, 843-861. "
        "doi:10.5194/gmd-18-843-2025",
    ),
    validity="Sub-critical flow over streets and gardens at 0.5 to 5 m. Without land cover the capacity of the sewer "
    "is part of the infiltration. Soil that is full stays full: it does not drain in the run. Not for dam breaks, "
    "whose momentum the equations leave out.",
)

FLOOD_MODELS = (FLOOD, FLOOD_ENSEMBLE, CONSEQUENCES, DIFFERENCE, MEASURES, FLOOD_SURFACE, FLOOD_SCAN, FLOOD_TERRAIN)

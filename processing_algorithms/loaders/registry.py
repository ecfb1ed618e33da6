"""The one explicit mapping from id to description of the loaders."""

from .background import LOAD_BACKGROUND
from .bag import LOAD_BAG
from .bag3d import LOAD_3DBAG
from .bgt import LOAD_BGT
from .boundaries import LOAD_BOUNDARIES
from .citygml import LOAD_CITYGML
from .cityjson import LOAD_CITYJSON
from .design import LOAD_DESIGN
from .features import LOAD_FEATURES
from .history import SENSOR_HISTORY
from .ifc import LOAD_IFC, REPORT_IFC
from .klic import LOAD_KLIC
from .logs import LOAD_BRO, LOAD_LOGS
from .parcels import LOAD_PARCELS
from .places import FIND_ADDRESS
from .plan import LOAD_PLAN
from .point_clouds import LOAD_AHN_POINTS, LOAD_POINTS
from .points import SURFACE_FROM_POINTS, TERRAIN_FROM_POINTS
from .radar import LOAD_RADAR
from .rain import LOAD_RAIN
from .registers import LOAD_REGISTER
from .roads import LOAD_ROADS
from .sensors import LOAD_SENSORS
from .sewer import LOAD_SEWER
from .terrain import LOAD_AHN, LOAD_TERRAIN, LOAD_TERRAIN_MESH, LOAD_TERRAIN_TILES
from .tiles3d import IMPORT_3DTILES, LOAD_3DTILES
from .tntp import LOAD_TNTP
from .top10nl import LOAD_TOP10NL
from .trees import LOAD_TREES
from .voxels import LOAD_GEOTOP, LOAD_REGIS

LOADERS = {
    model.id: model
    for model in (
        LOAD_BACKGROUND,
        FIND_ADDRESS,
        LOAD_CITYJSON,
        LOAD_CITYGML,
        LOAD_IFC,
        REPORT_IFC,
        LOAD_DESIGN,
        LOAD_3DBAG,
        LOAD_3DTILES,
        IMPORT_3DTILES,
        LOAD_BGT,
        LOAD_BAG,
        LOAD_TOP10NL,
        LOAD_PARCELS,
        LOAD_BOUNDARIES,
        LOAD_TREES,
        LOAD_FEATURES,
        LOAD_REGISTER,
        LOAD_TERRAIN,
        LOAD_AHN,
        LOAD_TERRAIN_TILES,
        LOAD_TERRAIN_MESH,
        LOAD_POINTS,
        LOAD_AHN_POINTS,
        TERRAIN_FROM_POINTS,
        SURFACE_FROM_POINTS,
        LOAD_GEOTOP,
        LOAD_KLIC,
        LOAD_PLAN,
        LOAD_SEWER,
        LOAD_REGIS,
        LOAD_BRO,
        LOAD_LOGS,
        LOAD_RAIN,
        LOAD_RADAR,
        SENSOR_HISTORY,
        LOAD_SENSORS,
        LOAD_ROADS,
        LOAD_TNTP,
    )
}

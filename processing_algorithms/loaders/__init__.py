"""Sources as algorithms: descriptions like those of models, so that one wrapper serves both."""

from .bag3d import LOAD_3DBAG
from .bgt import LOAD_BGT
from .cityjson import LOAD_CITYJSON
from .points import TERRAIN_FROM_POINTS
from .terrain import LOAD_AHN, LOAD_TERRAIN

LOADERS = {
    model.id: model for model in (LOAD_CITYJSON, LOAD_3DBAG, LOAD_BGT, LOAD_TERRAIN, LOAD_AHN, TERRAIN_FROM_POINTS)
}

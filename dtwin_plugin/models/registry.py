"""The one explicit mapping from id to description; `from dtwin_plugin.models import MODELS` comes here at first use."""

from .flood import FLOOD_MODELS
from .noise.difference_model import DIFFERENCE as NOISE_DIFFERENCE
from .noise.installation_model import INSTALLATION_NOISE
from .noise.road_noise_model import ROAD_NOISE
from .plan.plan_model import PLANCHECK
from .quality import CHECK_QUALITY
from .subsurface import SUBSURFACE
from .sunlight import SUNLIGHT
from .traffic.assign_model import ASSIGN_TRAFFIC
from .traffic.demand import DEMAND_MODELS
from .traffic.difference_model import TRAFFIC_DIFFERENCE
from .traffic.network_model import ROAD_NETWORK
from .traffic.reach import REACH_MODELS

MODELS = {
    model.id: model
    for model in (
        CHECK_QUALITY,
        *FLOOD_MODELS,
        INSTALLATION_NOISE,
        NOISE_DIFFERENCE,
        PLANCHECK,
        ROAD_NOISE,
        *SUBSURFACE,
        *SUNLIGHT,
        *DEMAND_MODELS,
        ASSIGN_TRAFFIC,
        TRAFFIC_DIFFERENCE,
        ROAD_NETWORK,
        *REACH_MODELS,
    )
}

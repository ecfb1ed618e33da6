"""Norms of zoning plans and environment plans, from files and from the national services, as rule areas."""

from .environment import EnvironmentPlanService
from .imro_service import ZoningPlanService
from .source import PlanSource

__all__ = ["EnvironmentPlanService", "PlanSource", "ZoningPlanService"]

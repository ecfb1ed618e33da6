"""Algorithms that are no model: projects, pictures, reports, and what has been delivered."""

from ..record import RECORDS
from .describe import Describe
from .picture3d import Picture3d
from .plan_report import PlanReport
from .project import MakeProject
from .register import ExportRegister
from .render3d import Render3d
from .report import Report
from .rules import CheckRules
from .tiles3d import ExportTiles3d

EXPORTS = (
    CheckRules, Describe, ExportRegister, ExportTiles3d, MakeProject, Picture3d, PlanReport, Render3d, Report, *RECORDS
)  # fmt: skip

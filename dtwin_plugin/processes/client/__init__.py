"""A client of OGC API - Processes, part 1 (OGC 18-062r2): tolerant, with what a server bends told apart."""

from .client import Client, Execution
from .deviations import CODES, Deviation, Deviations
from .jobs import JobInfo

__all__ = ["CODES", "Client", "Deviation", "Deviations", "Execution", "JobInfo"]

"""Algorithms on the record of runs: made again, archived, checked, and destroyed by decision."""

from .aggregate import Aggregate
from .archive import ArchiveRun, ArchiveStudy
from .check_archive import CheckArchive
from .destruction import Destroy, DestructionList
from .run_again import RunAgain

RECORDS = (Aggregate, ArchiveRun, ArchiveStudy, CheckArchive, DestructionList, Destroy, RunAgain)

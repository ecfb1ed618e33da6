"""The catalogue of sources as algorithms: test it, take over and hand out lists, repair projects with old addresses."""

from .check import CheckSources
from .exchange import ExportCatalogue, ImportCatalogue
from .repair import RepairProject

CATALOGUE = (CheckSources, ExportCatalogue, ImportCatalogue, RepairProject)

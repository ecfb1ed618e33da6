"""A cone penetration test in GEF, and how the tests read it."""

from dtwin_plugin.progress import Silent
from dtwin_plugin.sources.gef import GefSource

HEAD = {
    "GEFID": "1, 1, 0",
    "COLUMN": "4",
    "REPORTCODE": "GEF-CPT-Report, 1, 1, 2",
    "TESTID": "DKM1",
    "XYID": "31000, 84000.5, 447000.25",
    "ZID": "31000, -0.5, 0.01",
    "STARTDATE": "2016, 7, 13",
}
COLUMNS = ("m, length, 1", "MPa, cone, 2", "MPa, friction, 3", "degrees, inclination, 8")
ROWS = ("1.0 2.0 0.02 0", "2.0 4.0 0.08 0", "3.0 5.0 0.05 0")


def read(path, **options):
    (logs,) = GefSource(path, **options).read()
    return logs


def told(path, **options):
    progress = Silent()
    list(GefSource(path, **options).read(progress=progress))
    return progress.warnings


BORE = {
    "REPORTCODE": "GEF-BORE-Report, 1, 0, 0",
    "COLUMNTEXT": "1, aan",
    "COLUMNSEPARATOR": ";",
    "RECORDSEPARATOR": "!",
}
LAYERS = ("m, top, 1", "m, bottom, 2", "mm, sand median, 8")

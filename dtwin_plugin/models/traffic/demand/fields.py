"""What more than one model of demand asks for."""

from __future__ import annotations

from ...base import Field

ZONE_COLUMN = Field("zone_column", "Column of the zone", "text", optional=True, doc="With the id of each zone; default "
                    "zone, buurtcode, wijkcode or postcode.")  # fmt: skip
MATRIX_NAME = Field("matrix_name", "Name of the matrix", "text", optional=True, doc="Where the file has more.")

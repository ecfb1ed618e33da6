"""The themes of cables and pipes (KLIC, IMKL), with their colours and names: one table for maps, 3D and sections.

References
----------
Regeling informatie-uitwisseling bovengrondse en ondergrondse netten en netwerken, "Kleurgebruik per thema" (2019).
"""

from __future__ import annotations

from types import MappingProxyType
from typing import NamedTuple

from dtwin_plugin.translate import mark


class Theme(NamedTuple):
    """How a theme looks, what it is called, and in which group it stands."""

    colour: str
    label: str
    group: str


_POWER, _GAS, _HAZARD, _SEWER = mark("Electricity"), mark("Gas"), mark("Dangerous contents"), mark("Sewer")
_OTHERS = mark("Other networks")
# "Kleurgebruik per thema" of the Regeling informatie-uitwisseling bovengrondse en ondergrondse netten.
THEMES = MappingProxyType({
    "landelijkHoogspanningsnet": Theme("#FF0000", mark("National high-voltage grid"), _POWER),
    "hoogspanning": Theme("#FF0000", mark("High voltage"), _POWER),
    "middenspanning": Theme("#C80000", mark("Medium voltage"), _POWER),
    "laagspanning": Theme("#960000", mark("Low voltage"), _POWER),
    "gasHogeDruk": Theme("#FFAF3C", mark("Gas, high pressure"), _GAS),
    "gasLageDruk": Theme("#FFD750", mark("Gas, low pressure"), _GAS),
    "buisleidingGevaarlijkeInhoud": Theme("#FF7F00", mark("Pipeline with dangerous contents"), _HAZARD),
    "petrochemie": Theme("#B64A00", mark("Petrochemicals"), _HAZARD),
    "datatransport": Theme("#00FF00", mark("Data"), mark("Data")),
    "rioolVrijverval": Theme("#BA38A8", mark("Sewer, by gravity"), _SEWER),
    "rioolOnderOverOfOnderdruk": Theme("#800080", mark("Sewer, under pressure or vacuum"), _SEWER),
    "warmte": Theme("#008080", mark("Heat"), mark("Heat")),
    "water": Theme("#0000FF", mark("Water"), mark("Water")),
    "wees": Theme("#918A6F", mark("Orphan"), _OTHERS),
    "overig": Theme("#6F5C10", mark("Other"), _OTHERS),
})  # fmt: skip
NONE = Theme("#777777", mark("Theme not known"), _OTHERS)

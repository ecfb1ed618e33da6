"""Units of sources (UCUM, QUDT, UN/CEFACT Recommendation 20, and plain signs) as UDUNITS reads them."""

from __future__ import annotations

from typing import Any

# UDUNITS -> how sources write it, in lower case where that leaves no doubt. The codes in capitals are the common codes
# of UN/CEFACT Recommendation 20, revision 17 (2021).
_SPELLINGS = {
    "ug/m3": ("µg/m3", "μg/m3", "µg/m³", "μg/m³", "ug/m3", "ug/m^3", "ug.m-3", "microgm-per-m3", "GQ"),
    "mg/m3": ("mg/m3", "mg/m³", "milligm-per-m3", "GP"),
    "degC": ("°c", "cel", "c", "degc", "deg_c", "graden celsius", "gradencelsius", "celsius", "degree celsius", "CEL"),
    "K": ("K", "KEL", "kelvin"),
    "%": ("%", "percent", "procent", "P1"),
    "1": ("1", "unitless", "num", "C62", "count", "-"),
    "km/h": ("km/h", "kilom-per-hr", "kmh", "KMH"),
    "m/s": ("m/s", "m-per-sec", "m.s-1", "MTS"),
    "1/h": ("veh/h", "1/h", "/h", "per-hr", "vehicles/hour", "mvt/h", "H85"),
    "dB": ("db", "db(a)", "dba", "decib", "dB[A]", "2N"),
    "Pa": ("Pa", "pa", "PAL"),
    "hPa": ("hpa", "mbar", "millibar", "hectopa", "A97", "MBR"),
    "kPa": ("kpa", "KPA"),
    "mm": ("mm", "millim", "MMT"),
    "cm": ("cm", "centim", "CMT"),
    "m": ("m", "MTR"),
    "km": ("km", "KMT"),
    "mm/h": ("mm/h", "millim-per-hr", "H67"),
    "s": ("s", "sec", "SEC"),
    "min": ("min", "MIN"),
    "h": ("h", "hr", "HUR"),
    "degree": ("°", "deg", "graden", "DD"),
    "W/m2": ("w/m2", "w/m²", "D54"),
    "V": ("V", "volt", "VLT"),
    "kWh": ("kwh", "KWH"),
    "m3/s": ("m3/s", "m³/s", "MQS"),
    "lux": ("lx", "lux", "LUX"),
    "uS/cm": ("µs/cm", "μs/cm", "us/cm"),
    "1e-6": ("ppm", "59"),
    "1e-9": ("ppb", "61"),
}
_KNOWN = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings}


def unit_of(*given: Any) -> tuple[str, str]:
    """Return the unit as UDUNITS reads it ("" where none is known), and the first text that a source gave.

    >>> unit_of("ug/m3"), unit_of("C", "https://qudt.org/vocab/unit/DEG_C"), unit_of("furlong"), unit_of(None, "GQ")
    (('ug/m3', 'ug/m3'), ('degC', 'C'), ('', 'furlong'), ('ug/m3', 'GQ'))
    """
    texts = [text.strip() for text in given if isinstance(text, str) and text.strip()]
    for text in texts:
        name = text.rpartition("/")[2].rpartition("#")[2] if "://" in text else text
        found = _KNOWN.get(name) or _KNOWN.get(name.lower())
        if found:
            return found, texts[0][:100]
    return "", texts[0][:100] if texts else ""

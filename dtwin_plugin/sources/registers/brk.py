"""The cadastral map (BRK, "DKK"), deliveries 3 to 5: parcels, borders and their quality."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from dtwin_plugin.sources.safe_xml import child, text

from .profile import Item, Profile


def _split(profile: Profile, name: str, klasse: str, element: Any) -> Iterator[Item]:
    """Yield an object; of a parcel the place of its number as columns."""
    found = profile.properties(element)
    row = dict(found.row)
    place = child(element, "plaatscoordinaten", "Point")
    numbers = (text(place, "pos") or "").split() if place is not None else []
    if len(numbers) >= 2:
        try:
            x, y = float(numbers[0]), float(numbers[1])
        except ValueError:
            x = y = float("nan")
        row.update({"perceelnummer_plaatscoordinaat_x": x, "perceelnummer_plaatscoordinaat_y": y})
    yield Item(klasse, row, profile.main(found.geometries))


BRK = Profile(
    name="BRK cadastral map",
    dropped=frozenset({"historie", "kadastraleAanduiding", "classificatie", "perceelnummerVerschuiving"}),
    rename=MappingProxyType(
        {
            "a_krkadastrale_gemeente_code_code": "akr_kadastrale_gemeente_code_code",
            "a_krkadastrale_gemeente_code_waarde": "akr_kadastrale_gemeente_code_waarde",
            "delta_x": "perceelnummer_verschuiving_delta_x",
            "delta_y": "perceelnummer_verschuiving_delta_y",
            "kadastrale_grootte_soort_grootte_code": "soort_grootte_code",
            "kadastrale_grootte_soort_grootte_waarde": "soort_grootte_waarde",
        }
    ),
    geometries=("begrenzingPerceel", "grenslijn"),
    numbers=frozenset(
        {
            "perceelnummer", "kadastrale_grootte_waarde", "perceelnummer_rotatie",
            "perceelnummer_verschuiving_delta_x", "perceelnummer_verschuiving_delta_y", "volgnummer",
        }
    ),
    ends=("eind_geldigheid", "eind_registratie"),
    split=_split,
)  # fmt: skip

"""Which of the text files of DINO and the BRO a file is, by what stands in its first lines."""

from __future__ import annotations

# kind -> texts that its head has, all of them; in lower case, without quotes
_MARKS = (
    ("borehole", ("algemene gegevens boring",)),
    ("sounding", ("ves overzicht",)),
    ("quality", ("locatie gegevens", "nitg-nr")),
    ("series", ("tijdstip", "waarde [m]")),
    ("dossier", ("observatie id",)),
    ("samples", ("bro-id", "parameter")),
    ("samples", ("bro-id", "tijdstip veldonderzoek")),
    ("levels", ("locatie", "x-coordinaat", "peildatum")),
    ("levels", ("locatie", "filternummer")),
    ("levels", ("geen standen opgenomen in de dino-database",)),
    ("levels", ("referentie:", "normaal amsterdams peil")),
)


def kind_of(head: bytes) -> str | None:
    """Return the kind of a file by its first bytes, None where it is no file of DINO or the BRO.

    >>> kind_of(b'"VES Overzicht",,'), kind_of(b"Tijdstip,Voorlopige Waarde [m]"), kind_of(b"x,y,z")
    ('sounding', 'series', None)
    """
    if b"\0" in head[:512]:
        return None
    text = head.decode("utf-8", "replace").replace('"', "").lower()
    return next((kind for kind, marks in _MARKS if all(mark in text for mark in marks)), None)


def looks_like_dino(head: bytes) -> bool:
    """Tell whether a file is one of these."""
    return kind_of(head) is not None

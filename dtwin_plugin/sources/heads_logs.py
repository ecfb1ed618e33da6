"""What the first bytes tell of files of the subsurface: GEF, text of DINO and the BRO, tables of logs."""

from __future__ import annotations

import re

from .log_names import cut, kind_of

_ANYWHERE = re.compile(
    rb"^\s*#\s*(GEFID|COLUMNINFO|COLUMNVOID|MEASUREMENTVAR|MEASUREMENTTEXT|REPORTCODE|PROCEDURECODE|XYID|ZID|TESTID)\b",
    re.IGNORECASE | re.MULTILINE,
)
# kind -> texts that its head has, all of them; in lower case, without quotes
_DINO = (
    ("borehole", ("algemene gegevens boring",)),
    ("sounding", ("ves overzicht",)),
    ("quality", ("locatie gegevens", "nitg-nr")),
    ("dossier", ("observatie id",)),
    ("series", ("tijdstip", "waarde [m]")),
    ("samples", ("bro-id", "parameter")),
    ("samples", ("bro-id", "tijdstip veldonderzoek")),
    ("levels", ("locatie", "x-coordinaat", "peildatum")),
    ("levels", ("locatie", "filternummer")),
    ("levels", ("geen standen opgenomen in de dino-database",)),
    ("levels", ("referentie:", "normaal amsterdams peil")),
)


def looks_like_gef(head: bytes) -> bool:
    """Tell whether a file begins as a GEF, also where its first line is lost.

    >>> looks_like_gef(b"#GEFID= 1, 1, 0"), looks_like_gef(b"# xyid = 0, 1, 2"), looks_like_gef(b"#comment")
    (True, True, False)
    """
    return _ANYWHERE.search(head) is not None


def dino_kind(head: bytes) -> str | None:
    """Return the kind of a file by its first bytes, None where it is no file of DINO or the BRO.

    >>> dino_kind(b'"VES Overzicht",,'), dino_kind(b"Tijdstip,Voorlopige Waarde [m]"), dino_kind(b"x,y,z")
    ('sounding', 'series', None)
    """
    if b"\0" in head[:512] or head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b"<"):
        return None  # JSON and XML may have the same words
    text = head.decode("utf-8", "replace").replace('"', "").lower()
    return next((kind for kind, marks in _DINO if all(mark in text for mark in marks)), None)


def looks_like_dino(head: bytes) -> bool:
    """Tell whether a file is one of these."""
    return dino_kind(head) is not None


def looks_like_table(head: bytes) -> bool:
    r"""Tell whether a file is Parquet, or text with a first line that names what a borehole or a test has.

    >>> looks_like_table(b"nr;x;y;top;bottom;lith\n"), looks_like_table(b"PAR1"), looks_like_table(b"x,y,z\n")
    (True, True, False)
    """
    if head[:4] == b"PAR1":
        return True
    if b"\0" in head[:512]:
        return False
    line = head.decode("utf-8-sig", "replace").lstrip().replace("\r", "\n").split("\n")[0].strip()
    return len(line) < 4000 and kind_of(cut(line)) is not None

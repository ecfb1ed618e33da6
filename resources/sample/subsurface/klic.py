"""A KLIC delivery of the area around the Parklaan, as the Kadaster packs it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..geometry import CELL, CELLS, rasterize
from ..plots import House
from ..streets import Street, Surfaces, network
from .connections import connect
from .imkl import collection, letter_path
from .mains import AREA, lay, request_ring
from .networks import Delivery
from .soil import Subsurface

NUMBER = "25G9998001_1"
_CONNECTED = {"Parklaan", "Merelstraat", "Spreeuwstraat", "Vinkenstraat"}
_DAY = (2025, 9, 3, 9, 0, 0)
_GROUND, _ROAD, _PAVED = 250, 214, 232  # grey values of the background


def build(streets: list[Street], houses: Iterable[House], ground: Subsurface) -> Delivery:
    """Return what lies in the ground of the area."""
    delivery = Delivery()
    lay(delivery, ground, network(streets)[1])
    connect(delivery, streets, houses, _CONNECTED)
    return delivery


def write_delivery(delivery: Delivery, surfaces: Surfaces, folder: Path) -> dict[str, int]:
    """Write the zip; give the number of lines, links and nodes."""
    request, inner = NUMBER.rpartition("_")[0], NUMBER
    files: dict[str, bytes] = {
        f"GI_gebiedsinformatielevering_{NUMBER}_V2.xml": collection(delivery, NUMBER, request_ring()).encode("utf-8"),
        f"LI_{NUMBER}.pdf": pdf(f"Levering {NUMBER}", "Fictieve levering voor de voorbeeldgemeente Waterdam."),
        "_Startpagina.html": (
            f"<!doctype html><html lang=nl><meta charset=utf-8><title>{NUMBER}</title><h1>Levering {NUMBER}</h1>"
            "<p>Fictieve levering voor de voorbeeldgemeente Waterdam.</p></html>\n"
        ).encode(),
        f"bronnen/GB_{request}.png": _background(surfaces),
    }
    for item in delivery.precautions:
        files[letter_path(item, NUMBER)] = pdf(f"Voorzorgsmaatregel {item.measure}", f"{item.text}. Fictief.")
    folder.mkdir(parents=True)
    with zipfile.ZipFile(folder / f"Levering_{NUMBER}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(f"{inner}/{name}", _DAY)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    services = sum(line.service for line in delivery.lines.values())
    return {
        "klic_lines": len(delivery.lines), "klic_house_connections": services, "klic_nodes": len(delivery.nodes),
        "klic_depths": len(delivery.depths), "klic_precautions": len(delivery.precautions),
    }  # fmt: skip


def pdf(title: str, text: str) -> bytes:
    """Return a page with a title and a line of text (ISO 32000-1, 7.5: header, objects, table, trailer)."""
    page = f"BT /F1 16 Tf 60 780 Td ({title}) Tj /F1 11 Tf 0 -28 Td ({text}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + end


def _background(surfaces: Surfaces) -> bytes:
    """Return the streets of the area in grey as PNG (ISO 15948), a cell of the terrain a pixel."""
    road = rasterize([part for part, _ in surfaces.carriage] + surfaces.corners)
    paved = rasterize(surfaces.pavement + surfaces.parking + surfaces.cycle + surfaces.foot)
    grey = np.where(road, _ROAD, np.where(paved, _PAVED, _GROUND)).astype(np.uint8)
    x0, y0, x1, y1 = (round(edge / CELL) for edge in AREA)
    grey = grey[CELLS - y1 : CELLS - y0, x0:x1]
    rows = b"".join(b"\0" + row.tobytes() for row in grey)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")

"""An OPeNDAP (DAP2) service on this machine, as hyrax answers: grids with their maps, errors with HTTP 400, faults."""

from __future__ import annotations

import re
import struct
from urllib.parse import unquote, urlsplit

import numpy as np
import serving

PATH = "/opendap/hyrax/GeoTOP/geotop.nc"
TYPES = {"i2": "Int16", "i4": "Int32", "f4": "Float32", "f8": "Float64", "u1": "Byte", "U": "String"}


class Opendap:
    """The state: arrays with their dimensions, attributes, what was asked, and the faults to come.

    `arrays` has (dimensions, values) by name; those of more than one dimension are grids if their maps are there.
    """

    def __init__(self, arrays, attributes=None, delay=3.0):
        self.arrays, self.told, self.delay = arrays, attributes or {}, delay
        self.asked, self.faults, self.url = [], [], ""
        self.most = 50_000_000  # bytes of an answer

    def answer(self, path, query):
        base, _, suffix = path.rpartition(".")
        if base != PATH:
            return 404, error(404, "not found")
        if suffix == "das":
            return 200, self.das().encode()
        try:
            chosen = self.chosen(unquote(query))
        except (KeyError, ValueError, IndexError) as fault:
            return 400, error(1005, f'the constraint is wrong: "{fault}"')
        structure = self.dds(chosen)
        if suffix == "dds":
            return 200, structure.encode()
        body = b"".join(self.data(name, slices) for name, slices in chosen)
        if len(body) > self.most:
            return 413, error(413, "too large")
        return 200, structure.encode() + b"\nData:\n" + body

    def chosen(self, query):
        """What a constraint asks, as names with slices; all if it is empty."""
        if not query:
            return [(name, (slice(None),) * values.ndim) for name, (_, values) in self.arrays.items()]
        found = []
        for part in query.split(","):
            name, brackets = re.fullmatch(r"(\w+)((?:\[[\d:]+\])*)", part).groups()
            _, values = self.arrays[name]
            slices = []
            for size, text in zip(values.shape, re.findall(r"\[([\d:]+)\]", brackets)):
                numbers = [int(number) for number in text.split(":")]
                first, step, last = (numbers[0], 1, numbers[-1]) if len(numbers) < 3 else numbers
                if not 0 <= first <= last < size:
                    raise ValueError(f"{name}[{text}] of {size}")
                slices.append(slice(first, last + 1, step))
            if brackets and len(slices) != values.ndim:
                raise ValueError(name)
            found.append((name, tuple(slices) or (slice(None),) * values.ndim))
        return found

    def is_grid(self, name):
        dimensions, values = self.arrays[name]
        return values.ndim > 1 and all(dimension in self.arrays for dimension in dimensions)

    def pieces(self, name, slices):
        """The arrays that come for a name: itself, and its maps if it is a grid."""
        dimensions, values = self.arrays[name]
        yield name, dimensions, values[slices]
        if self.is_grid(name):
            for dimension, part in zip(dimensions, slices):
                yield dimension, (dimension,), self.arrays[dimension][1][part]

    def dds(self, chosen):
        lines = []
        for name, slices in chosen:
            declared = [
                f"{kind(values)} {piece}" + "".join(f"[{d} = {n}]" for d, n in zip(dims, values.shape)) + ";"
                for piece, dims, values in self.pieces(name, slices)
            ]
            if self.is_grid(name):
                declared = [f"Grid {{ Array: {declared[0]} Maps: {' '.join(declared[1:])} }} {name};"]
            lines += declared
        return "Dataset {\n    " + "\n    ".join(lines) + "\n} geotop.nc;\n"

    def data(self, name, slices):
        return b"".join(xdr(values) for _, _, values in self.pieces(name, slices))

    def das(self):
        lines = ["Attributes {"]
        for name, told in self.told.items():
            lines.append(f"    {name or 'NC_GLOBAL'} {{")
            for key, value in told.items():
                text = f'String {key} "{value}"' if isinstance(value, str) else f"Int16 {key} {value}"
                lines.append(f"        {text};")
            lines.append("    }")
        return "\n".join([*lines, "}"]) + "\n"


def kind(values):
    return TYPES["U" if values.dtype.kind == "U" else values.dtype.str[1:]]


def xdr(values):
    """The bytes of an array: its length (twice for numbers), then each value in at least four bytes."""
    if values.dtype.kind == "U":
        texts = [str(text).encode() for text in values.ravel()]
        padded = (struct.pack(">I", len(t)) + t + b"\0" * (-len(t) % 4) for t in texts)
        return struct.pack(">I", len(texts)) + b"".join(padded)
    code = {"i2": ">i4", "u1": "u1"}.get(values.dtype.str[1:], ">" + values.dtype.str[1:])
    body = np.ascontiguousarray(values).astype(code).tobytes()
    return struct.pack(">II", values.size, values.size) + body + b"\0" * (-len(body) % 4)


def error(code, message):
    text = message.replace('"', '\\"')
    return f'Error {{\n    code = {code};\n    message = "{text}";\n}};\n'.encode()


def of_file(path):
    """The arrays and attributes of a netCDF file, as a service has them."""
    from osgeo import gdal

    group = gdal.OpenEx(str(path), gdal.OF_MULTIDIM_RASTER).GetRootGroup()
    arrays, told = {}, {"": {"title": "from a file"}}
    for name in group.GetMDArrayNames():
        array = group.OpenMDArray(name)
        dimensions = tuple(dimension.GetName() for dimension in array.GetDimensions())
        number = array.GetDataType().GetClass() == gdal.GEDTC_NUMERIC
        arrays[name] = (dimensions, array.ReadAsArray() if number else np.array(array.Read()))
        missing = array.GetNoDataValueAsDouble() if number else None
        if missing is not None and missing == missing:
            told[name] = {"_FillValue": int(missing)}
        if name in "xyz":
            told[name] = {"epsg": 7415}
        del array
    return arrays, told


class Handler(serving.Handler):
    """Faults: "closed", "half" (of what is announced), "short" (half, announced as whole), "other" (another window),
    "lies" (a wrong length in the data), "error" (a DAP error with HTTP 200), or (status, body)."""

    def do_GET(self):
        state = self.server.state
        parts = urlsplit(self.path)
        state.asked.append(unquote(self.path))
        fault = self.fault()
        if fault == "closed":
            return
        status, body = fault if isinstance(fault, tuple) else state.answer(parts.path, parts.query)
        if fault == "error":
            status, body = 200, error(500, "the file is locked")
        if fault == "other" and "[" in unquote(parts.query):
            query = re.sub(r"\[(\d+):1:\d+\]", r"[\1:1:\1]", unquote(parts.query))
            status, body = state.answer(parts.path, query)
        if fault == "lies":
            begin = body.index(b"\nData:\n") + 7
            body = body[:begin] + struct.pack(">I", 7) + body[begin + 4 :]
        self.send(status, body[: len(body) // 2] if fault == "short" else body, half=fault == "half")


serve = serving.server(Handler, PATH)

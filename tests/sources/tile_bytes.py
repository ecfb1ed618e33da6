"""Writers of the byte formats of 3D Tiles 1.0, glTF 2.0 and meshopt, by the words of their specifications.

They share no code with the readers, so that a misreading shows.
"""

import json
import struct

import numpy as np

NUMBERS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}
WIDTHS = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
KINDS = {"i1": "BYTE", "u1": "UNSIGNED_BYTE", "i2": "SHORT", "u2": "UNSIGNED_SHORT", "i4": "INT", "u4": "UNSIGNED_INT",
         "f4": "FLOAT", "f8": "DOUBLE"}  # fmt: skip


def padded(data, to, filler):
    return data + filler * (-len(data) % to)


def glb(document, binary=b""):
    text = padded(json.dumps(document).encode(), 4, b" ")
    body = struct.pack("<II", len(text), 0x4E4F534A) + text
    if binary:
        binary = padded(binary, 4, b"\0")
        body += struct.pack("<II", len(binary), 0x004E4942) + binary
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body


class Gltf:
    """A glTF that grows: buffer views and accessors in one binary chunk."""

    def __init__(self, **document):
        self.binary = b""
        self.json = {"asset": {"version": "2.0"}, "bufferViews": [], "accessors": [], "meshes": [], "nodes": [],
                     "buffers": [{"byteLength": 0}], **document}  # fmt: skip

    def view(self, data, **more):
        self.binary = padded(self.binary, 8, b"\0")
        self.json["bufferViews"].append({"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data), **more})
        self.binary += data
        self.json["buffers"][0]["byteLength"] = len(self.binary)
        return len(self.json["bufferViews"]) - 1

    def accessor(self, values, dtype="f4", **more):
        values = np.asarray(values, f"<{dtype}")
        values = values.reshape(len(values), -1)
        view = {} if "view" in more and more.pop("view") is None else {"bufferView": self.view(values.tobytes())}
        self.json["accessors"].append(
            {"componentType": NUMBERS[dtype], "count": len(values), "type": WIDTHS[values.shape[1]], **view, **more}
        )
        return len(self.json["accessors"]) - 1

    def mesh(self, *primitives, **node):
        """Add a mesh and a node that has it."""
        self.json["meshes"].append({"primitives": list(primitives)})
        self.json["nodes"].append({"mesh": len(self.json["meshes"]) - 1, **node})

    def primitive(self, xyz, ids=None, name="_BATCHID", indices=None, **more):
        attributes = {"POSITION": self.accessor(xyz)}
        if ids is not None:
            attributes[name] = self.accessor(ids)
        if indices is not None:
            more["indices"] = self.accessor(indices, "u2")
        return {"attributes": attributes, **more}

    def bytes(self):
        return glb(self.json, self.binary)


TRIANGLE = [[0, 0, 0], [1, 0, 0], [0, 1, 0]]  # x, y, z with y up: it stands, and its normal is z


def triangle_glb(**document):
    gltf = Gltf(**document)
    gltf.mesh(gltf.primitive(TRIANGLE))
    return gltf.bytes()


def table(columns):
    """Return JSON and binary of a feature or batch table: arrays go to the binary part, what else to the JSON."""
    head, binary = {}, b""
    for name, value in columns.items():
        if isinstance(value, np.ndarray):
            binary = padded(binary, 8, b"\0")
            head[name] = {"byteOffset": len(binary), "componentType": KINDS[value.dtype.str[1:]],
                          "type": WIDTHS[value.shape[1] if value.ndim > 1 else 1]}  # fmt: skip
            binary += value.tobytes()
        else:
            head[name] = value
    text = padded(json.dumps(head).encode(), 8, b" ") if columns else b""
    return text, padded(binary, 8, b"\0")


def tile(magic, feature, batch, body=b"", extra=b""):
    pieces = [*table(feature), *table(batch or {})]
    size = 28 + len(extra) + sum(map(len, pieces)) + len(body)
    return magic + struct.pack("<6I", 1, size, *map(len, pieces)) + extra + b"".join(pieces) + body


def b3dm(body, feature, batch=None):
    return tile(b"b3dm", feature, batch, body)


def i3dm(model, feature, batch=None):
    """A model of bytes is embedded, one of text is an address."""
    embedded = isinstance(model, bytes)
    body = model if embedded else padded(model.encode(), 8, b" ")
    return tile(b"i3dm", feature, batch, body, struct.pack("<I", int(embedded)))


def pnts(feature, batch=None):
    return tile(b"pnts", feature, batch)


def cmpt(*tiles):
    return b"cmpt" + struct.pack("<III", 1, 16 + sum(map(len, tiles)), len(tiles)) + b"".join(tiles)


def octahedron(vectors, dtype):
    """Encode unit vectors in two unsigned numbers each (Cigolini et al. 2014, oct)."""
    vectors = np.asarray(vectors, float)
    flat = vectors[:, :2] / np.abs(vectors).sum(axis=1, keepdims=True)
    below = vectors[:, 2] < 0
    folded = (1 - np.abs(flat[:, ::-1])) * np.where(flat >= 0, 1, -1)
    flat[below] = folded[below]
    return np.rint((flat + 1) / 2 * np.iinfo(dtype).max).astype(dtype)


def meshopt_attributes(values, mode):
    """Encode rows of bytes for EXT_meshopt_compression; every group of sixteen in one mode (0 to 3)."""
    values = np.asarray(values, np.uint8)
    count, stride = values.shape
    before = np.vstack([values[:1], values[:-1]])
    deltas = (values.astype(int) - before).astype(np.int8)
    zigzag = ((deltas.astype(int) << 1) ^ (deltas.astype(int) >> 7)).astype(np.uint8)
    out = b"\xa0"
    block = min((8192 // stride) & ~15, 256)
    for start in range(0, count, block):
        rows = zigzag[start : start + block]
        groups = (len(rows) + 15) // 16
        rows = np.vstack([rows, np.zeros((groups * 16 - len(rows), stride), np.uint8)])
        for byte in range(stride):
            heads = [0] * ((groups + 3) // 4)
            for group in range(groups):
                heads[group // 4] |= mode << (group % 4 * 2)
            out += bytes(heads)
            for group in range(groups):
                out += _group(rows[group * 16 : group * 16 + 16, byte].tolist(), mode)
    return out + b"\0" * (max(32, stride) - stride) + values[0].tobytes()


def _group(values, mode):
    if mode == 0:
        assert not any(values)
        return b""
    if mode == 3:
        return bytes(values)
    bits = 2 * mode
    sentinel, per_byte = 2**bits - 1, 8 // bits
    packed, escaped = [], []
    for value in values:
        packed.append(min(value, sentinel))
        if value >= sentinel:
            escaped.append(value)
    out = []
    for start in range(0, 16, per_byte):
        number = 0
        for value in packed[start : start + per_byte]:
            number = number << bits | value
        out.append(number)
    return bytes(out + escaped)

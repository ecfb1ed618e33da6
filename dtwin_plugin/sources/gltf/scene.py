"""The scene of a glTF: every triangle and point where its nodes put it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from dtwin_plugin.errors import FormatError, SourceError

from .accessors import Buffers, Fetch
from .container import open_container, parse_json
from .draco import unpack
from .properties import PropertyTable, tables_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEEPEST = 200  # nodes above a node
_MOST = 1_000_000  # nodes and instances
_READ = {
    "EXT_mesh_features", "EXT_structural_metadata", "EXT_meshopt_compression", "EXT_mesh_gpu_instancing",
    "KHR_mesh_quantization", "KHR_draco_mesh_compression", "KHR_meshopt_compression", "CESIUM_RTC",
    "EXT_instance_features",
}  # fmt: skip
_LOOKS = ("KHR_materials_", "KHR_texture_", "EXT_texture_", "KHR_lights_", "KHR_techniques_", "MSFT_", "CESIUM_prim")


@dataclass(frozen=True)
class Part:
    """Triangles or points of one primitive in the scene.

    Attributes
    ----------
    xyz : ndarray
        float64, shape (n, 3), as the nodes put it; y is up.
    triangles : ndarray or None
        int64, shape (m, 3); None for points.
    features : ndarray or None
        int64 feature id a vertex.
    table : int or None
        The property table that the features are rows of.
    colour : ndarray or None
        float64 red, green, blue from 0 to 1, shape (n, 3).
    name : str
        Of the node or mesh.
    """

    xyz: NDArray[np.float64]
    triangles: NDArray[np.int64] | None
    features: NDArray[np.int64] | None = None
    table: int | None = None
    colour: NDArray[np.float64] | None = None
    name: str = ""


@dataclass(frozen=True)
class Scene:
    """What a glTF holds."""

    parts: list[Part]
    tables: list[PropertyTable]
    used: list[str]
    required: list[str]
    notes: list[str] = field(default_factory=list)


def read_gltf(data: bytes, file: str, fetch: Fetch) -> Scene:
    """Return the scene of a glTF or GLB; `fetch` gives the bytes of a file beside it.

    Raises
    ------
    FormatError
        If it is not what its format should be, or needs an extension that is not read.
    MissingDependencyError
        If it is packed with Draco and DracoPy is not installed.
    """
    document, binary = open_container(data, file)
    required = [str(name) for name in document.get("extensionsRequired") or []]
    unread = [name for name in required if name not in _READ and not name.startswith(_LOOKS)]
    if unread:
        raise FormatError(
            "{file} needs the glTF extensions {names}, which are not read here.",
            hint="Export it without them.",
            file=file,
            names=", ".join(unread),
        )
    notes: list[str] = []

    def schema_of(uri: str) -> dict[str, Any] | None:
        try:
            return parse_json(fetch(uri), uri)
        except SourceError:
            notes.append("schema")
            return None

    try:
        buffers = Buffers(document, binary, fetch, file)
        tables = tables_of(buffers, schema_of)
        parts = list(_Walk(buffers, notes).parts())
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise FormatError("{file} is no valid glTF: {reason}.", file=file, reason=error) from error
    used = [str(name) for name in document.get("extensionsUsed") or []]
    return Scene(parts, tables, used, required, notes)


class _Walk:
    """The walk through the nodes, which refuses circles."""

    def __init__(self, buffers: Buffers, notes: list[str]) -> None:
        self._buffers, self._notes = buffers, notes
        self._seen = 0
        self._meshes: dict[int, list[Part]] = {}

    def parts(self) -> Iterator[Part]:
        document = self._buffers.document
        rtc = ((document.get("extensions") or {}).get("CESIUM_RTC") or {}).get("center")
        start = np.eye(4)
        if rtc:
            start[:3, 3] = np.asarray(rtc, float).reshape(3)
        if document.get("scenes"):
            roots = self._buffers.item("scenes", document.get("scene", 0)).get("nodes") or []
        else:
            nodes = document.get("nodes") or []
            children = {child for node in nodes for child in node.get("children") or []}
            roots = [number for number in range(len(nodes)) if number not in children]
        for root in roots:
            yield from self._node(root, start, ())

    def _node(self, index: int, above: NDArray[np.float64], path: tuple[int, ...]) -> Iterator[Part]:
        self._seen += 1
        if index in path or len(path) > _DEEPEST or self._seen > _MOST:
            raise FormatError(
                "{file} has nodes that hold each other.",
                hint="Download or export it again.",
                file=self._buffers.file,
            )
        node = self._buffers.item("nodes", index)
        matrix = above @ _matrix(node)
        if node.get("mesh") is not None:
            name = str(node.get("name") or "")
            for part in self._mesh(node["mesh"]):
                for place in self._instances(node):
                    yield _moved(part, matrix if place is None else matrix @ place, name)
        for child in node.get("children") or []:
            yield from self._node(child, matrix, (*path, index))

    def _instances(self, node: dict[str, Any]) -> list[NDArray[np.float64] | None]:
        found = (node.get("extensions") or {}).get("EXT_mesh_gpu_instancing")
        if not isinstance(found, dict):
            return [None]
        columns = {name: self._buffers.read(index) for name, index in (found.get("attributes") or {}).items()}
        count = max((len(values) for values in columns.values()), default=0)
        self._seen += count
        if self._seen > _MOST or any(len(values) != count for values in columns.values()):
            raise self._buffers.wrong("accessors")
        names = {"TRANSLATION": "translation", "ROTATION": "rotation", "SCALE": "scale"}
        return [_matrix({names[n]: values[row] for n, values in columns.items() if n in names}) for row in range(count)]

    def _mesh(self, index: int) -> list[Part]:
        if index not in self._meshes:
            mesh = self._buffers.item("meshes", index)
            primitives = mesh.get("primitives") or []
            parts = [self._primitive(item, str(mesh.get("name") or "")) for item in primitives]
            self._meshes[index] = [part for part in parts if part is not None]
        return self._meshes[index]

    def _primitive(self, primitive: dict[str, Any], name: str) -> Part | None:
        mode = primitive.get("mode", 4)
        if mode in (1, 2, 3):
            self._notes.append("lines")
            return None
        extensions = primitive.get("extensions") or {}
        read, indices = self._attributes(primitive, extensions.get("KHR_draco_mesh_compression"))
        xyz = read("POSITION")
        if xyz is None:
            return None
        if xyz.shape[1] != 3:
            raise self._buffers.wrong("accessors")
        count = len(xyz)
        triangles = None
        if mode != 0:
            order = np.arange(count) if indices is None else indices
            triangles = _triangles(order.astype(np.int64), mode)
            if len(triangles) and not 0 <= int(triangles.min()) <= int(triangles.max()) < count:
                raise self._buffers.wrong("accessors")
        features, table = self._features(extensions.get("EXT_mesh_features"), read, count)
        colour = read("COLOR_0")
        if colour is not None:
            colour = colour[:, :3].astype(float)
        return Part(xyz.astype(np.float64), triangles, features, table, colour, name)

    def _attributes(
        self, primitive: dict[str, Any], draco: Any
    ) -> tuple[Callable[[str], NDArray[Any] | None], NDArray[Any] | None]:
        given = primitive.get("attributes") or {}
        faces, packed = None, {}
        if isinstance(draco, dict):
            faces, found = unpack(self._buffers.view(draco.get("bufferView")), self._buffers.file)
            packed = {name: found[key] for name, key in (draco.get("attributes") or {}).items() if key in found}
        elif primitive.get("indices") is not None:
            faces = self._buffers.read(primitive["indices"])

        def read(name: str) -> NDArray[Any] | None:
            if name in packed:
                return packed[name].reshape(len(packed[name]), -1)
            if isinstance(draco, dict) and name in (draco.get("attributes") or {}):
                return None
            return None if given.get(name) is None else self._buffers.read(given[name])

        return read, None if faces is None else faces.reshape(-1)

    def _features(
        self, extension: Any, read: Callable[[str], NDArray[Any] | None], count: int
    ) -> tuple[NDArray[np.int64] | None, int | None]:
        if not isinstance(extension, dict):
            found = read("_BATCHID")
            if found is None:
                found = read("BATCHID")
            return (None, None) if found is None or len(found) != count else (_ids(found), None)
        sets = [item for item in extension.get("featureIds") or [] if isinstance(item, dict)]
        # The first set that has properties, of those that lie at vertices; textures hold ids per pixel.
        usable = [item for item in sets if "texture" not in item]
        if len(usable) < len(sets):
            self._notes.append("texture")
        for item in sorted(usable, key=lambda item: item.get("propertyTable") is None):
            if item.get("attribute") is None:
                return np.arange(count, dtype=np.int64), item.get("propertyTable")
            found = read(f"_FEATURE_ID_{item['attribute']}")
            if found is not None and len(found) == count:
                return _ids(found), item.get("propertyTable")
        return None, None


def _ids(values: NDArray[Any]) -> NDArray[np.int64]:
    numbers = values[:, 0].astype(np.float64)
    return np.rint(np.where(np.isfinite(numbers), np.clip(numbers, -1, 2.0**53), -1)).astype(np.int64)


def _triangles(order: NDArray[np.int64], mode: Any) -> NDArray[np.int64]:
    if mode == 4:
        return order[: len(order) // 3 * 3].reshape(-1, 3)
    if mode == 5 and len(order) >= 3:
        found = np.column_stack([order[:-2], order[1:-1], order[2:]])
        found[1::2, :2] = found[1::2, 1::-1]
        return found
    if mode == 6 and len(order) >= 3:
        return np.column_stack([np.full(len(order) - 2, order[0]), order[1:-1], order[2:]])
    return np.zeros((0, 3), np.int64)


def _matrix(node: dict[str, Any]) -> NDArray[np.float64]:
    """Return the matrix of a node, for columns; glTF writes it column by column."""
    if node.get("matrix") is not None:
        return np.asarray(node["matrix"], np.float64).reshape(4, 4).T
    result = np.eye(4)
    x, y, z, w = np.asarray(node.get("rotation", (0, 0, 0, 1)), np.float64).reshape(4)
    length = max(float(np.sqrt(x * x + y * y + z * z + w * w)), 1e-12)
    x, y, z, w = x / length, y / length, z / length, w / length
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    result[:3, :3] = turn * np.asarray(node.get("scale", (1, 1, 1)), np.float64).reshape(3)
    result[:3, 3] = np.asarray(node.get("translation", (0, 0, 0)), np.float64).reshape(3)
    return result


def _moved(part: Part, matrix: NDArray[np.float64], name: str) -> Part:
    xyz = part.xyz @ matrix[:3, :3].T + matrix[:3, 3]
    return Part(xyz, part.triangles, part.features, part.table, part.colour, name or part.name)

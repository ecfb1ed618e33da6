"""The scene of a glTF: every triangle and point where its nodes put it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Callable

import numpy as np

from dtwin_plugin.errors import FormatError, SourceError

from .accessors import Buffers, Fetch
from .container import open_container, parse_json
from .draco import unpack
from .features import instance_features, vertex_features
from .placing import matrix_of, triangles_of
from .properties import PropertyTable, classes_of, tables_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DEEPEST = 200  # nodes above a node
_MOST = 1_000_000  # instances
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
    classes : ndarray or None
        uint8, shape (n,): the class of each point, where the metadata has one.
    """

    xyz: NDArray[np.float64]
    triangles: NDArray[np.int64] | None
    features: NDArray[np.int64] | None = None
    table: int | None = None
    colour: NDArray[np.float64] | None = None
    name: str = ""
    classes: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Scene:
    """What a glTF holds.

    Attributes
    ----------
    notes : list of str
        What was left out: "lines", "schema", "feature textures", "property textures", "property attributes".
    centre : ndarray or None
        CESIUM_RTC: a shift with z up [m], which comes after the turn from y up (as CesiumJS and cesium-native do).
    """

    parts: list[Part]
    tables: list[PropertyTable]
    used: list[str]
    required: list[str]
    notes: list[str] = field(default_factory=list)
    centre: NDArray[np.float64] | None = None


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
    used, required = _named(document, "extensionsUsed", file), _named(document, "extensionsRequired", file)
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
        centre = ((document.get("extensions") or {}).get("CESIUM_RTC") or {}).get("center")
        shift = None if centre is None else np.asarray(centre, np.float64).reshape(3)
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise FormatError("{file} is no valid glTF: {reason}.", file=file, reason=error) from error
    return Scene(parts, tables, used, required, sorted(set(notes)), shift)


def _named(document: dict[str, Any], key: str, file: str) -> list[str]:
    found = document.get(key) or []
    if not isinstance(found, list):
        raise FormatError("{file} is no valid glTF: {reason}.", file=file, reason=key)
    return [str(name) for name in found]


class _Walk:
    """The walk through the nodes, each of which may be held once: glTF 2.0, 3.5.2 asks for trees."""

    def __init__(self, buffers: Buffers, notes: list[str]) -> None:
        self._buffers, self._notes = buffers, notes
        self._nodes: set[int] = set()
        self._instanced = 0
        self._meshes: dict[int, list[Part]] = {}

    def parts(self) -> Iterator[Part]:
        document = self._buffers.document
        if document.get("scenes"):
            roots = self._buffers.item("scenes", document.get("scene", 0)).get("nodes") or []
        else:
            nodes = document.get("nodes") or []
            children = {child for node in nodes for child in node.get("children") or []}
            roots = [number for number in range(len(nodes)) if number not in children]
        for root in roots:
            yield from self._node(root, np.eye(4), 0)

    def _node(self, index: int, above: NDArray[np.float64], depth: int) -> Iterator[Part]:
        node = self._buffers.item("nodes", index)
        if index in self._nodes or depth > _DEEPEST:
            raise FormatError(
                "{file} has nodes that hold each other.",
                hint="Download or export it again.",
                file=self._buffers.file,
            )
        self._nodes.add(index)
        matrix = above @ matrix_of(node)
        if node.get("mesh") is not None:
            name = str(node.get("name") or "")
            parts = self._mesh(node["mesh"])
            for part in self._instances(node, parts):
                self._buffers.spend(part.xyz.size + (0 if part.triangles is None else part.triangles.size))
                yield _moved(part, matrix, name)
        for child in node.get("children") or []:
            yield from self._node(child, matrix, depth + 1)

    def _instances(self, node: dict[str, Any], parts: list[Part]) -> Iterator[Part]:
        """Yield the parts of a mesh once for each instance (EXT_mesh_gpu_instancing), or as they are."""
        extensions = node.get("extensions") or {}
        found = extensions.get("EXT_mesh_gpu_instancing")
        if not isinstance(found, dict):
            yield from parts
            return
        columns = {name: self._buffers.read(index) for name, index in (found.get("attributes") or {}).items()}
        count = max((len(values) for values in columns.values()), default=0)
        self._instanced += count
        if self._instanced > _MOST or any(len(values) != count for values in columns.values()):
            raise self._buffers.wrong("accessors")
        names = {"TRANSLATION": "translation", "ROTATION": "rotation", "SCALE": "scale"}
        ids, table = instance_features(extensions.get("EXT_instance_features"), columns, count, self._notes)
        for row in range(count):
            matrix = matrix_of({names[name]: values[row] for name, values in columns.items() if name in names})
            for part in parts:
                moved = _moved(part, matrix, "")
                if ids is not None:
                    moved = replace(moved, features=np.full(len(part.xyz), ids[row], np.int64), table=table)
                yield moved

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
        packed = extensions.get("KHR_draco_mesh_compression")
        read, indices = self._attributes(primitive, packed)
        xyz = read("POSITION")
        if xyz is None:
            return None
        if xyz.shape[1] != 3:
            raise self._buffers.wrong("accessors")
        count = len(xyz)
        triangles = None
        if mode != 0:
            order = np.arange(count) if indices is None else indices
            # Draco unpacks a strip to separate triangles too.
            triangles = triangles_of(order.astype(np.int64), 4 if isinstance(packed, dict) else mode)
            self._buffers.spend(triangles.size)
            if len(triangles) and not 0 <= int(triangles.min()) <= int(triangles.max()) < count:
                raise self._buffers.wrong("accessors")
        metadata = extensions.get("EXT_structural_metadata") or {}
        classes, rest = classes_of(self._buffers, metadata.get("propertyAttributes"), read, count)
        self._notes += ["property textures"] * bool(metadata.get("propertyTextures")) + ["property attributes"] * rest
        features, table = vertex_features(extensions.get("EXT_mesh_features"), read, count, self._notes)
        colour = read("COLOR_0")
        if colour is not None:
            colour = colour[:, :3].astype(float) if len(colour) == count and colour.shape[1] >= 3 else None
        return Part(xyz.astype(np.float64), triangles, features, table, colour, name, classes)

    def _attributes(
        self, primitive: dict[str, Any], draco: Any
    ) -> tuple[Callable[[str], NDArray[Any] | None], NDArray[Any] | None]:
        given = primitive.get("attributes") or {}
        faces, packed = None, {}
        if isinstance(draco, dict):
            faces, found = unpack(self._buffers.view(draco.get("bufferView")), self._buffers.file)
            self._buffers.spend(sum(values.size for values in found.values()))
            packed = {name: found[key] for name, key in (draco.get("attributes") or {}).items() if key in found}
        elif primitive.get("indices") is not None:
            faces = self._buffers.read(primitive["indices"], raw=True)
            if faces.dtype.kind != "u":
                raise self._buffers.wrong("indices")

        def read(name: str) -> NDArray[Any] | None:
            if name in packed:
                values = packed[name].reshape(len(packed[name]), -1)
                return values if given.get(name) is None else self._buffers.scaled(given[name], values)
            if isinstance(draco, dict) and name in (draco.get("attributes") or {}):
                return None
            return None if given.get(name) is None else self._buffers.read(given[name])

        return read, None if faces is None else faces.reshape(-1)


def _moved(part: Part, matrix: NDArray[np.float64], name: str) -> Part:
    return replace(part, xyz=part.xyz @ matrix[:3, :3].T + matrix[:3, 3], name=name or part.name)

"""glTF 2.0 on numpy: triangles and points with their place in the scene and the properties of their features."""

from .scene import Part, Scene, read_gltf

__all__ = ["Part", "Scene", "read_gltf"]

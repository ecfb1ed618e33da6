"""Git LFS pointers: what a repository holds in place of a large file that was not fetched with it."""

from __future__ import annotations

from dtwin_plugin.errors import FormatError

_POINTER = b"version https://git-lfs.github.com/spec"


def refuse_pointer(head: bytes, file: str) -> None:
    """Refuse a file that only points to another.

    Raises
    ------
    FormatError
        If its first bytes are those of a Git LFS pointer.

    Examples
    --------
    >>> refuse_pointer(b"ISO-10303-21;", "a.ifc")
    """
    if not head.startswith(_POINTER):
        return
    sizes = [line[5:] for line in head.decode("ascii", "replace").splitlines() if line.startswith("size ")]
    raise FormatError(
        "{file} is not the file itself but a Git LFS pointer to it ({size} bytes).",
        hint="Fetch the file with git lfs pull, or download it from the page of the repository.",
        file=file,
        size=sizes[0][:20] if sizes else "?",
    )

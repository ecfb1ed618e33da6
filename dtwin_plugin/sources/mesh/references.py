"""Files that a model refers to: those beside it, and no others."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from urllib.parse import unquote

from dtwin_plugin.errors import FormatError, SourceError

from .group import wrong

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")


def beside(path: Path, name: str) -> Path:
    """Return the file beside a model, or in a folder below, that it refers to.

    Raises
    ------
    FormatError
        If the name leads elsewhere: to the network, another folder or an absolute path.
    """
    plain = unquote(name.strip()).replace("\\", "/")
    parts = plain.split("/")
    if not plain or _SCHEME.match(plain) or plain.startswith("/") or ".." in parts or "\0" in plain:
        raise FormatError(
            "{file} refers to {name}, which is not a file beside it; such references are not followed.",
            hint="Put the file in the same folder and refer to it by name, or export the model as one file.",
            file=path.name,
            name=repr(name[:100]),
        )
    target = path.parent.joinpath(*parts)
    if not target.resolve().is_relative_to(path.parent.resolve()):
        raise FormatError(
            "{file} refers to {name}, which is not a file beside it; such references are not followed.",
            hint="Put the file in the same folder and refer to it by name, or export the model as one file.",
            file=path.name,
            name=repr(name[:100]),
        )
    return target


def content(path: Path, uri: str) -> bytes:
    """Return the bytes of a reference: of a file beside the model, or written out in it.

    Raises
    ------
    FormatError, SourceError
        If there are none, or they are elsewhere.
    """
    if uri.startswith("data:"):
        head, _, data = uri.partition(",")
        try:
            return (
                base64.b64decode(data, validate=True) if head.endswith(";base64") else unquote(data).encode("latin-1")
            )
        except (binascii.Error, ValueError) as error:
            raise wrong(path.name, error) from error
    target = beside(path, uri)
    try:
        return target.read_bytes()
    except OSError as error:
        raise SourceError(
            "{file} needs {name}, which cannot be read: {reason}.",
            hint="Put it beside the model.",
            file=path.name,
            name=target.name,
            reason=error.strerror or str(error),
        ) from error

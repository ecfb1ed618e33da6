"""Arrays of a DAP2 (OPeNDAP) data set, of which only the cells that are asked come over the line.

References
----------
ESE-RFC-004.1.2 (DAP 2.0), 6.1 (constraint expressions), 7.3 (data as XDR); RFC 4506 (XDR).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import numpy as np

from dtwin_plugin.errors import FormatError, UnavailableError
from dtwin_plugin.progress import Progress

from ..stop import stop_if_asked
from ..transport import Transport
from . import dds
from .arrays import Window, clean

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST = 4_000_000  # values in one answer: 16 to 32 MB
_MOST_TEXTS = 10_000
_LONGEST_TEXT = 10_000
_TIMEOUT = 120.0  # s
_MARK = re.compile(rb"\nData:\r?\n")


class DapArrays:
    """The arrays of a data set on an OPeNDAP service.

    Parameters
    ----------
    transport : Transport
    url : str
        Of the data set, without .dds or .dods.
    """

    def __init__(self, transport: Transport, url: str) -> None:
        self._transport, self.url = transport, url.rstrip("/")
        self.name = urlsplit(url).hostname or url

    def dimensions(self) -> Mapping[str, Mapping[str, int]]:
        """Return for each array the sizes of its dimensions; raises UnavailableError, FormatError."""
        return {name: variable.sizes for name, variable in self._variables.items()}

    def attributes(self, name: str) -> Mapping[str, Any]:
        """Return the attributes of an array, or of the whole for ""; none where the service tells none."""
        return self._attributes.get(name, {})

    def read(self, names: Sequence[str], window: Window, progress: Progress) -> dict[str, NDArray[Any]]:
        """Return arrays cut to a window, in one request, or more where the values are too many for one.

        Raises
        ------
        UnavailableError
            If the service does not answer, or refuses the request.
        FormatError
            If it answers with something else than was asked.
        Cancelled
            If the user stops it.
        """
        found: dict[str, NDArray[Any]] = {}
        batch: list[str] = []
        size = 0
        for name in names:
            count = math.prod(last - first for first, last in self._spans(name, window))
            if batch and size + count > _MOST:
                found |= self._ask(batch, window, progress)
                batch, size = [], 0
            batch.append(name)
            size += count
        return found | self._ask(batch, window, progress)

    def texts(self, name: str) -> list[str]:
        """Return an array of texts, or of rows of characters; raises FormatError where it has none."""
        variable = self._variables[name]
        if variable.kind not in ("string", "url") or math.prod(variable.sizes.values()) > _MOST_TEXTS:
            raise FormatError("{file} has no texts in {name}.", file=self.name, name=name)
        structure, body = self._data(self._constraint(name, {}))
        reader = _Reader(body, self.name)
        for got in structure:
            values = reader.texts(got) if got.kind in ("string", "url") else reader.numbers(got)
            if got.name == name and isinstance(values, list):
                return [value.strip() for value in values]
        raise self._other("texts")

    def _ask(self, names: Sequence[str], window: Window, progress: Progress) -> dict[str, NDArray[Any]]:
        stop_if_asked(progress)
        structure, body = self._data(",".join(self._constraint(name, window) for name in names))
        reader = _Reader(body, self.name)
        raw: dict[str, NDArray[Any]] = {}
        for variable in structure:
            values = reader.texts(variable) if variable.kind in ("string", "url") else reader.numbers(variable)
            is_map = variable.owner and variable.owner != variable.name and variable.owner in names
            if variable.name in names and variable.name not in raw and not is_map and not isinstance(values, list):
                raw[variable.name] = values
        found = {}
        for name in names:
            expected = tuple(last - first for first, last in self._spans(name, window))
            if name not in raw or raw[name].shape != expected:
                raise self._other(f"{name} {expected}")
            told = self.attributes(name)
            missing = [told.get("_FillValue"), told.get("missing_value")]
            found[name] = clean(raw[name], missing, told.get("scale_factor"), told.get("add_offset"))
        return found

    def _spans(self, name: str, window: Window) -> list[tuple[int, int]]:
        return [window.get(dimension, (0, size)) for dimension, size in self._variables[name].sizes.items()]

    def _constraint(self, name: str, window: Window) -> str:
        """Return what asks for a window of an array: `strat[0:1:9][5:1:5]`, last index included."""
        return name + "".join(f"[{first}:1:{last - 1}]" for first, last in self._spans(name, window))

    def _data(self, constraint: str) -> tuple[list[dds.Variable], memoryview]:
        body = self._get(".dods", constraint)
        mark = _MARK.search(body, 0, 1 << 20)
        if mark is None:
            raise self._other("data")
        structure = dds.variables(body[: mark.start()].decode("utf-8", "replace"), self.name)
        return structure, memoryview(body)[mark.end() :]

    @cached_property
    def _variables(self) -> dict[str, dds.Variable]:
        """The arrays by name; a map of a Grid stands for the array of that name where there is no other."""
        found: dict[str, dds.Variable] = {}
        for variable in dds.variables(self._get(".dds").decode("utf-8", "replace"), self.name):
            if not variable.owner or variable.owner == variable.name:
                found[variable.name] = variable
        return found

    @cached_property
    def _attributes(self) -> dict[str, dict[str, Any]]:
        return dds.attributes(self._get(".das").decode("utf-8", "replace"), self.name)

    def _get(self, suffix: str, constraint: str = "") -> bytes:
        query = "?" + quote(constraint, safe=",:") if constraint else ""
        response = self._transport.get(f"{self.url}{suffix}{query}", timeout=_TIMEOUT)
        refused = dds.error_in(response.body)
        if response.status != 200 or refused is not None:
            reason = refused[1] if refused else f"HTTP {response.status}"
            raise UnavailableError(
                "{server} refused the request for {what}: {reason}.",
                hint="Try again later, or check its address in the catalogue.",
                server=self.name,
                what=constraint[:100] or suffix,
                reason=reason.rstrip("."),
            )
        return response.body

    def _other(self, expected: str) -> FormatError:
        return FormatError(
            "{server} did not send what was asked: {expected}.",
            hint="Try again later, or check its address in the catalogue.",
            server=self.name,
            expected=expected,
        )


class _Reader:
    """Values from the bytes of an answer (XDR), one array after the other."""

    def __init__(self, body: memoryview, server: str) -> None:
        self._body, self._place, self._server = body, 0, server

    def numbers(self, variable: dds.Variable) -> NDArray[Any]:
        """Return the next array."""
        kind, size = dds.BASE[variable.kind]
        shape = tuple(variable.sizes.values())
        if not shape:  # one value has no length before it, and a byte takes four
            return np.frombuffer(self._take(max(size, 4)), ">u4" if size == 1 else kind, 1).reshape(())
        count = self._length(variable, 2)
        total = count * size
        values = np.frombuffer(self._take(total), kind, count).reshape(shape)
        self._take(-total % 4)
        return values

    def texts(self, variable: dds.Variable) -> list[str]:
        """Return the next array of texts."""
        count = self._length(variable, 1) if variable.sizes else 1
        if count > _MOST_TEXTS:
            raise self._short()
        return [self._text() for _ in range(count)]

    def _text(self) -> str:
        length = self._number()
        if length > _LONGEST_TEXT:
            raise self._short()
        text = bytes(self._take(length)).decode("utf-8", "replace")
        self._take(-length % 4)
        return text.rstrip("\0")

    def _length(self, variable: dds.Variable, times: int) -> int:
        """Return the number of values that an array announces, which it does twice where they are numbers."""
        expected = math.prod(variable.sizes.values())
        if [self._number() for _ in range(times)] != [expected] * times:
            raise FormatError(
                "{server} announces another number of values for {name} than its structure has.",
                hint="Try again later.",
                server=self._server,
                name=variable.name,
            )
        return expected

    def _number(self) -> int:
        return int.from_bytes(self._take(4), "big")

    def _take(self, size: int) -> memoryview:
        piece = self._body[self._place : self._place + size]
        if len(piece) < size:
            raise self._short()
        self._place += size
        return piece

    def _short(self) -> FormatError:
        return FormatError("The answer of {server} ends too soon.", hint="Try again later.", server=self._server)

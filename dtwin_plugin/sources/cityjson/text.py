"""JSON read piece by piece from bytes, so that a large document is never whole in memory as Python objects."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dtwin_plugin.errors import FormatError

_WINDOW = 2 << 20  # bytes decoded at a time
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_AGAIN = "Download or export it again."


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Leave out the collector while many small objects are made: none of them is part of a cycle."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def parse(text: bytes | str, file: str, where: str) -> Any:
    """Return the value of a whole JSON text; `where` names it in errors ("line 3")."""
    try:
        return json.loads(text)
    except RecursionError:
        raise too_deep(file) from None
    except UnicodeDecodeError as error:
        raise not_utf8(file, error) from error
    except ValueError as error:
        raise not_json(file, where, reason(error)) from error


def reason(error: ValueError) -> str:
    """Return what is wrong with a JSON text, without its position within a piece."""
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error).rstrip(".")


def not_json(file: str, where: str, why: str) -> FormatError:
    """Return the error for text that is no JSON."""
    message = "{file} is not valid JSON at {where}: {reason}."
    return FormatError(message, hint=_AGAIN, file=file, where=where, reason=why)


def cut_off(file: str, where: str) -> FormatError:
    """Return the error for a file that ends too early."""
    return FormatError("{file} ends in the middle of the JSON text, in {where}.", hint=_AGAIN, file=file, where=where)


def too_deep(file: str) -> FormatError:
    """Return the error for JSON that is nested deeper than the reader goes."""
    return FormatError("{file} nests JSON lists and objects deeper than any CityJSON does.", file=file)


def not_utf8(file: str, error: UnicodeDecodeError) -> FormatError:
    """Return the error for text in another encoding."""
    message = "{file} is not UTF-8 text: {reason}."
    return FormatError(message, hint="Save it as UTF-8.", file=file, reason=error.reason)


class Scanner:
    """A position in a JSON text, which moves over whole values.

    Parameters
    ----------
    data : bytes
        UTF-8 text.
    start : int
        Byte to start at.
    """

    def __init__(self, data: bytes, file: str, start: int = 0) -> None:
        self.data, self.file, self.where = data, file, "its first bytes"
        self.text, self.at, self.base, self.complete = "", 0, start, False
        self._mark = (0, start)  # a position in `text` and its offset in the bytes, to count on from
        self._load(start, _WINDOW)

    @property
    def byte(self) -> int:
        """Where it is, as an offset in the bytes."""
        at, byte = self._mark if self._mark[0] <= self.at else (0, self.base)
        between = self.text[at : self.at]
        byte += len(between) if between.isascii() else len(between.encode("utf-8"))
        self._mark = self.at, byte
        return byte

    @property
    def place(self) -> tuple[Any, ...]:
        """What `go_back` needs to come here again."""
        return self.text, self.at, self.base, self.complete, self._mark

    def go_back(self, place: tuple[Any, ...]) -> None:
        """Go to a place where it has been."""
        self.text, self.at, self.base, self.complete, self._mark = place

    def jump(self, byte: int) -> None:
        """Go to an offset."""
        self._load(byte, _WINDOW)

    def peek(self) -> str:
        """Return the next character that is no white space, "" at the end."""
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.text):
                return self.text[self.at]
            if self.complete:
                return ""
            self._load(self.byte, _WINDOW)

    def take(self, character: str) -> None:
        """Step over a character that must come next."""
        found = self.peek()
        if not found:
            raise cut_off(self.file, self.where)
        if found != character:
            where = f"{self.where} (byte {self.byte})"
            raise not_json(self.file, where, f"expected {character!r}, found {found!r}")
        self.at += 1

    def value(self) -> Any:
        """Return the next value."""
        return self.value_and_text()[0]

    def value_and_text(self) -> tuple[Any, int]:
        """Return the next value and where in `text` it begins; it ends at `at`."""
        if not self.peek():
            raise cut_off(self.file, self.where)
        while True:
            start = self.at
            try:
                value, end = _DECODER.raw_decode(self.text, start)
                # a number at the end of the window may go on in the next
                if end < len(self.text) or self.complete:
                    self.at = end
                    return value, start
            except RecursionError:
                raise too_deep(self.file) from None
            except ValueError as error:
                if self.complete:
                    raise self._fault(error) from error
            self._load(self.byte, 2 * max(_WINDOW, len(self.text)))

    def members(self) -> Iterator[str]:
        """Yield the names in the next object; who asks reads each value before asking on."""
        self.take("{")
        if self.peek() == "}":
            self.at += 1
            return
        yield from self.members_within()

    def members_within(self) -> Iterator[str]:
        """Yield the names from here to the end of the object."""
        while True:
            if self.peek() != '"':
                self.take('"')
            name = self.value()
            self.take(":")
            yield name
            if self.peek() == "}":
                self.at += 1
                return
            self.take(",")

    def _fault(self, error: ValueError) -> FormatError:
        position = getattr(error, "pos", 0)
        # an unterminated string is reported where it begins, everything else that is cut off where it ends
        if "Unterminated" in str(error) or position >= len(self.text.rstrip()):
            return cut_off(self.file, self.where)
        before = len(self.text[:position].encode("utf-8"))
        return not_json(self.file, f"byte {self.base + before}, in {self.where}", reason(error))

    def _load(self, start: int, size: int) -> None:
        stop = min(start + size, len(self.data))
        self.complete = stop == len(self.data)
        piece = self.data[start:stop]
        if not self.complete:
            piece = piece[: _whole_characters(piece)]
        try:
            self.text = piece.decode("utf-8")
        except UnicodeDecodeError as error:
            raise not_utf8(self.file, error) from error
        self.base, self.at, self._mark = start, 0, (0, start)


def _whole_characters(piece: bytes) -> int:
    """Return how many bytes of a piece are whole UTF-8 characters, looking only at its last four."""
    for back in range(1, min(4, len(piece)) + 1):
        byte = piece[-back]
        if byte & 0xC0 != 0x80:  # the first byte of the last character
            length = 1 if byte < 0x80 else 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(piece) if length <= back else len(piece) - back
    return len(piece)

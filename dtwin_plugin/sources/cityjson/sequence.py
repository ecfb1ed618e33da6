"""A CityJSONSeq: a CityJSON object on the first line, and a CityJSONFeature with its own vertices on each other."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from dtwin_plugin.errors import FormatError

from .batch import MAX_OBJECTS, MAX_TEXT, Batch, Family
from .header import Header, appearance_counts, header_of
from .objects import checked
from .opening import Content
from .text import cut_off, parse
from .vertices import array_of, checked_array


class Sequence:
    """A sequence that is read line by line; `first` is its first line, `second` the next that is not empty."""

    def __init__(self, first: bytes, second: bytes, content: Content) -> None:
        self._content, self._file = content, content.file
        self._second = second
        self._number = 1
        members = self._parsed(first[3:] if first.startswith(codecs.BOM_UTF8) else first)
        self.header: Header = header_of(members, self._file)
        if self.header.scale is None:
            raise FormatError(
                "{file} has no transform in its first line, without which a CityJSONSeq has no coordinates.",
                hint='Add the "transform" of the data to the first line.',
                file=self._file,
            )
        self.features = 0
        self._head = members

    def batches(self) -> Iterator[Batch]:
        """Yield the features in batches."""
        features: list[tuple[str, dict[str, Any]]] = []
        size = text = 0
        if self._head.get("CityObjects"):
            features.append(("line 1", self._checked(self._head)))
        for line in self._lines():
            features.append((f"line {self._number}", self._feature(line)))
            size, text = size + len(features[-1][1]["CityObjects"]), text + len(line)
            if size >= MAX_OBJECTS or text >= MAX_TEXT:
                yield self._batch(features)
                size = text = 0
        yield self._batch(features)

    def _lines(self) -> Iterator[bytes]:
        line = self._second
        while line:
            self._number += 1
            if not line.isspace():
                yield line
            line = self._content.line()

    def _parsed(self, line: bytes) -> dict[str, Any]:
        where = f"line {self._number}"
        try:
            value = parse(line, self._file, where)
        except FormatError:
            if not line.endswith(b"\n") and not line.rstrip().endswith(b"}"):
                raise cut_off(self._file, where) from None
            raise
        if not isinstance(value, dict):
            raise FormatError("{file}: {where} is no JSON object.", file=self._file, where=where)
        return value

    def _feature(self, line: bytes) -> dict[str, Any]:
        feature = self._parsed(line)
        if feature.get("type") != "CityJSONFeature":
            message = '{file}: line {line} is no object of type "CityJSONFeature".'
            raise FormatError(message, file=self._file, line=self._number)
        self.features += 1
        return self._checked(feature)

    def _checked(self, feature: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(feature.get("CityObjects"), dict) or not isinstance(feature.get("vertices"), list):
            message = '{file}: line {line} needs an object "CityObjects" and a list "vertices".'
            raise FormatError(message, file=self._file, line=self._number)
        for name, item in feature["CityObjects"].items():
            checked(name, item, self._file)
        return feature

    def _batch(self, features: list[tuple[str, dict[str, Any]]]) -> Batch:
        families, start = [], 0
        for _, feature in features:
            count = len(feature["vertices"])
            families.append(Family(feature["CityObjects"], start, count))
            start += count
        vertices = array_of(list(chain.from_iterable(feature["vertices"] for _, feature in features)))
        if vertices is None:
            for where, feature in features:
                checked_array(feature["vertices"], self._file, where)
        real = self.header.real(np.empty((0, 3)) if vertices is None else vertices)
        appearance: dict[str, int] = {}
        for _, feature in features:
            if isinstance(feature.get("appearance"), dict):
                for name, count in appearance_counts(feature["appearance"]).items():
                    appearance[name] = appearance.get(name, 0) + count
        features.clear()  # so that they are freed as soon as who asked is done with them
        return Batch(families, real, self._content.fraction, appearance)

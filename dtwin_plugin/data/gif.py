"""Moving pictures as GIF (GIF89a), without a library: QGIS brings none on every system."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLOURS = 256
_BITS = 5  # of each colour while colours are counted: more is not seen in 256 of them


def write_gif(path: Path, frames: Iterable[tuple[NDArray[np.uint8], float]]) -> int:
    """Write pictures that follow each other, over and over; return how many.

    Parameters
    ----------
    frames : iterable of (pixels, seconds)
        Red, green and blue, shape (rows, columns, 3), the same for all; and how long each is seen.
    """
    count = 0
    with path.open("wb") as file:
        for pixels, seconds in frames:
            height, width, _ = pixels.shape
            if not count:
                file.write(b"GIF89a" + struct.pack("<HHBBB", width, height, 0x70, 0, 0))
                file.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00")  # for ever
            palette, indices = quantised(pixels)
            file.write(struct.pack("<BBBBHBB", 0x21, 0xF9, 4, 0, max(round(seconds * 100), 2), 0, 0))
            file.write(struct.pack("<BHHHHB", 0x2C, 0, 0, width, height, 0x87) + palette.tobytes() + b"\x08")
            packed = _compressed(indices.ravel().tolist())
            for start in range(0, len(packed), 255):
                block = packed[start : start + 255]
                file.write(bytes((len(block),)) + block)
            file.write(b"\x00")
            count += 1
        file.write(b"\x3b")
    return count


def quantised(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return at most 256 colours, shape (256, 3), and which of them each pixel has: median cut.

    >>> palette, indices = quantised(np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8))
    >>> palette[indices].tolist()
    [[[255, 0, 0], [0, 0, 255]]]
    """
    whole = pixels.reshape(-1, 3).astype(np.int64)
    coarse = whole >> (8 - _BITS)
    keys = (coarse[:, 0] << 2 * _BITS) | (coarse[:, 1] << _BITS) | coarse[:, 2]
    counts = np.bincount(keys, minlength=1 << 3 * _BITS)
    sums = np.stack([np.bincount(keys, whole[:, k].astype(float), counts.size) for k in range(3)], axis=1).astype(float)
    used = np.flatnonzero(counts)
    table = np.zeros(counts.size, np.uint8)
    palette = np.zeros((_COLOURS, 3), np.uint8)
    for number, box in enumerate(_boxes(used, counts, sums)):
        palette[number] = np.round(sums[box].sum(axis=0) / counts[box].sum())
        table[box] = number
    return palette, table[keys].reshape(pixels.shape[:2])


def _boxes(used: NDArray[np.int64], counts: NDArray[np.int64], sums: NDArray[np.float64]) -> list[NDArray[np.int64]]:
    """Cut colours into boxes: each time the one in which most pixels differ most, where half of them lie."""
    colours = sums[used] / counts[used, None]

    def weight(box: NDArray[np.int64]) -> float:
        return float(np.ptp(colours[box], axis=0).max() * counts[used[box]].sum())

    boxes = [np.arange(used.size)]
    weights = [weight(boxes[0])]
    while len(boxes) < _COLOURS and max(weights) > 0:
        chosen = int(np.argmax(weights))
        box = boxes.pop(chosen)
        weights.pop(chosen)
        box = box[np.argsort(colours[box, np.ptp(colours[box], axis=0).argmax()], kind="stable")]
        reached = np.cumsum(counts[used[box]])
        cut = min(max(int(np.searchsorted(reached, reached[-1] / 2)), 1), box.size - 1)
        for half in (box[:cut], box[cut:]):
            boxes.append(half)
            weights.append(weight(half))
    return [used[box] for box in boxes]


def _compressed(indices: list[int]) -> bytes:
    """Return indices as variable-length codes (LZW) of GIF, with 8 bits at first."""
    clear, end = 256, 257
    codes: dict[int, int] = {}
    size, following, bits, held, out = 9, 258, clear, 9, bytearray()
    current = indices[0]
    for index in indices[1:]:
        key = current << 8 | index
        known = codes.get(key)
        if known is not None:
            current = known
            continue
        bits |= current << held
        held += size
        if following < 4096:
            codes[key] = following
            if following == 1 << size:
                size += 1
            following += 1
        else:
            bits |= clear << held
            held += size
            codes.clear()
            size, following = 9, 258
        current = index
        while held >= 8:
            out.append(bits & 255)
            bits >>= 8
            held -= 8
    bits |= current << held
    held += size
    if following == 1 << size and size < 12:  # the reader has learnt one more by then
        size += 1
    bits |= end << held
    held += size
    return bytes(out) + bits.to_bytes((held + 7) // 8, "little")

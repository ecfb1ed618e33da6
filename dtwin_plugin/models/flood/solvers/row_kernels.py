"""The loops over one row of the local inertial scheme, and what they share; nothing here is called but by `kernels`.

Arrays are padded by a ring of one cell, so that cell (row, column) of the terrain is [row + 1, column + 1]; `qx[j, i]`
[m2 s-1] is the discharge per metre of the face between cells i - 1 and i, `qy[j, i]` of the face between rows j - 1
and j, both positive towards the larger index. A cell that is no part of the area is a wall: its bed lies at WALL.

References: see `kernels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...parallel import load_numba, may_cache

Array = NDArray[Any]
Arrays = tuple[Array, ...]
Real = Any  # a number in the precision of the arrays
# time step [s], cell size [m], theta, rounding near 1, bed step [m], inertia [m-1]: see `_flow`
Step = tuple[Real, Real, Real, Real, Real, Real]

numba = load_numba("calculate flooding")
prange = numba.prange
cgutils = numba.core.cgutils
ir = cgutils.ir  # llvmlite, that numba is made with
OPTIONS = {"nogil": True, "cache": may_cache("calculate flooding"), "fastmath": True, "error_model": "numpy"}
njit = numba.njit(**OPTIONS)
exact = numba.njit(**{**OPTIONS, "fastmath": False})  # for sums whose order matters
# No sum may be put in another order, as the compiler chooses one each time that it puts a loop in some kernel.
ORDERED = {**OPTIONS, "fastmath": {"nnan", "ninf", "nsz", "arcp", "contract", "afn"}}
_WITHIN = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}  # called by kernels only: compiled in less time
ordered = numba.njit(**ORDERED, **_WITHIN)
inlined = numba.njit(**ORDERED, **_WITHIN, forceinline=True)
inlined_exact = numba.njit(**{**OPTIONS, "fastmath": False}, **_WITHIN, forceinline=True)

# float32, as a float64 constant would turn the arithmetic of float32 arrays into float64
ZERO, ONE, TWO, FOUR = np.float32(0), np.float32(1), np.float32(2), np.float32(4)
HALF, QUARTER, THIRD = np.float32(0.5), np.float32(0.25), np.float32(1 / 3)
GRAVITY = np.float32(9.81)  # m s-2
WALL = np.float32(1e5)  # m, bed of what is no part of the area
INSIDE = np.float32(5e4)  # m, beds below it are part of the area
DRY = np.float32(1e-4)  # m, no flow over a face below this depth
CELERITY = np.float32(5 / 3)  # of a kinematic wave under Manning friction, over the velocity
STANDING = np.float32(1.08)  # keeps courant 0.7 clear of 1 / sqrt(2), where standing waves grow as the time step varies
SHORT = np.float32(1.2)  # keeps courant 0.7 clear of the limit of the shortest wave, as rain falls in lumps
KEEP = np.float32(1 - 1e-6)  # rounding may not take more from a cell than it holds
TINY = np.float32(1e-20)
MAGIC = np.float32(1419911714)  # (4/3) 2^23 (127 - 0.05), for x^(-1/3) from the bits of x
C0, C1, C2 = np.float32(0.999998), np.float32(2.333016), np.float32(3.890339)  # (1 - d)^(-7/3), least squares
C3, C4 = np.float32(5.74092), np.float32(7.434942)

SCRATCH = 11  # rows of scratch of one strip
SMOOTH, QX, QY0, QY1, R0, R1, SPARE, SPEED, PUSH, PUSH0, PUSH1 = range(SCRATCH)


@numba.extending.intrinsic
def _bits(context: Any, value: Any) -> Any:
    """Return the bits of a float32 as int32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(numba.int32))

    return numba.int32(numba.float32), generate


@numba.extending.intrinsic
def _from_bits(context: Any, value: Any) -> Any:
    """Return the float32 that has these bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(numba.float32))

    return numba.float32(numba.int32), generate


def access(loop: str) -> Any:
    """Return `get(array, row, column)` and `put(array, row, column, value)` for the loop of this name.

    What `put` of a loop writes, `get` of the same loop never reads. That is told to the compiler, which otherwise looks
    at run time whether any two arrays overlap, and gives vector code up where there are many.
    """

    def mark(builder: Any, instruction: Any, kind: str) -> None:
        add, text = builder.module.add_metadata, ir.MetaDataString
        scope = add([text(builder.module, loop), add([text(builder.module, "flood")])])
        instruction.set_metadata(kind, add([scope]))

    def pointer(context: Any, builder: Any, kind: Any, array: Any, *index: Any) -> Any:
        made = context.make_array(kind)(context, builder, array)
        shape, strides = cgutils.unpack_tuple(builder, made.shape), cgutils.unpack_tuple(builder, made.strides)
        return cgutils.get_item_pointer2(context, builder, made.data, shape, strides, kind.layout, index)

    @numba.extending.intrinsic
    def get(context: Any, array: Any, row: Any, column: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            value = builder.load(pointer(context, builder, signature.args[0], *arguments))
            mark(builder, value, "noalias")
            return value

        return array.dtype(array, numba.intp, numba.intp), generate

    @numba.extending.intrinsic
    def put(context: Any, array: Any, row: Any, column: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            stored = builder.store(arguments[3], pointer(context, builder, signature.args[0], *arguments[:3]))
            mark(builder, stored, "alias.scope")
            return context.get_dummy_value()

        return numba.void(array, numba.intp, numba.intp, array.dtype), generate

    return get, put


_get_x, _put_x = access("x faces")
_get_y, _put_y = access("y faces")
_get_s, _put_s = access("shares")
_get_l, _put_l = access("limited")
_get_n, _put_n = access("new depth")
_get_v, _put_v = access("speeds")
_get_p, _put_p = access("push")
_get_g, _put_g = access("grid wave")


@inlined
def power_minus_7_3(x: Real) -> Real:
    """Return x^(-7/3) to 1e-5 relative, x > 0; ten times as fast as `x ** (-7 / 3)`, for it becomes vector code."""
    r = _from_bits(np.int32(MAGIC - np.float32(_bits(np.float32(x))) * THIRD))
    cube = r * r * r
    d = ONE - x * cube  # x^(-7/3) = r^7 (1 - d)^(-7/3)
    return cube * cube * r * (C0 + d * (C1 + d * (C2 + d * (C3 + d * C4))))


@inlined
def _flow(q: Real, around: Real, t: Real, h_l: Real, h_r: Real, z_l: Real, z_r: Real, n: Real, step: Step) -> Real:
    """New discharge over a face, A12 eq. 8 = B10 eq. 11 for q as it was, held below the critical flow of a fall.

    Friction is that of the whole discharge, A13: q over the face and t, the sum of the four across it; n is the sum of
    both roughnesses. `around` is q weighed with its neighbours. Where waves are held to a speed c, water deeper than
    c^2 / g has g hf / c^2 times its own inertia, so that they run at c; what is steady stays the same, J96.
    """
    dt, dx, _, rounding, fall, inertia = step
    eta_l, eta_r = z_l + h_l, z_r + h_r
    depth = max(eta_l, eta_r) - max(z_l, z_r)  # of the flow over the face, B10 text at eq. 11
    hf = max(depth, DRY)
    drop = eta_r - eta_l
    # what the heights' own rounding makes is no slope, so that still water stays still
    drop = drop if abs(drop) > TWO * rounding * (abs(z_l) + abs(z_r) + hf) else ZERO
    t = QUARTER * t
    friction = (QUARTER * GRAVITY * dt) * (n * n) * np.sqrt(q * q + t * t)
    mass = max(ONE, hf * inertia)
    new = (mass * around - (GRAVITY * dt / dx) * hf * drop) / (mass + friction * power_minus_7_3(hf))
    limit = hf * np.sqrt(GRAVITY * hf) * (ONE if abs(z_r - z_l) > fall else TWO)
    return min(max(new, -limit), limit) if depth > DRY else ZERO


@ordered
def x_flow(
    out: Array, j: int, h: Array, qx: Array, qy: Array, z: Array, n: Array, around: Array, row: int, step: Step
) -> None:
    """Put the discharge over the faces between the columns of row j in row QX of `out`."""
    for i in range(1, h.shape[1]):
        t = (_get_x(qy, j, i - 1) + _get_x(qy, j, i)) + (_get_x(qy, j + 1, i - 1) + _get_x(qy, j + 1, i))
        q, base = _get_x(qx, j, i), _get_x(around, row, i)
        h_l, h_r, z_l, z_r = _get_x(h, j, i - 1), _get_x(h, j, i), _get_x(z, j, i - 1), _get_x(z, j, i)
        _put_x(out, QX, i, _flow(q, base, t, h_l, h_r, z_l, z_r, _get_x(n, j, i - 1) + _get_x(n, j, i), step))


@ordered
def y_flow(
    out: Array, j: int, h: Array, qx: Array, qy: Array, z: Array, n: Array, around: Array, row: int, step: Step
) -> None:
    """Put the discharge over the faces between rows j - 1 and j in row QY0 or QY1 of `out`."""
    k, to = j - 1, QY0 + j % 2
    for i in range(1, h.shape[1] - 1):
        t = (_get_y(qx, k, i) + _get_y(qx, k, i + 1)) + (_get_y(qx, j, i) + _get_y(qx, j, i + 1))
        q, base = _get_y(qy, j, i), _get_y(around, row, i)
        h_l, h_r, z_l, z_r = _get_y(h, k, i), _get_y(h, j, i), _get_y(z, k, i), _get_y(z, j, i)
        _put_y(out, to, i, _flow(q, base, t, h_l, h_r, z_l, z_r, _get_y(n, k, i) + _get_y(n, j, i), step))


@ordered
def smooth(out: Array, q: Array, q_l: Array, q_r: Array, z_l: Array, z_r: Array, theta: Real) -> None:
    """Weigh the discharge with both neighbours along the flow, A12 eq. 8; a wall mirrors."""
    side = HALF * (ONE - theta)
    for i in range(out.size):
        left = q_l[i] if z_l[i] < INSIDE else q[i]
        right = q_r[i] if z_r[i] < INSIDE else q[i]
        out[i] = theta * q[i] + side * (left + right)


@inlined
def _speed(q: Real, h_l: Real, h_r: Real, z_l: Real, z_r: Real, inertia: Real, carried: bool) -> Real:
    """Return the speed over a face that the time step comes from [m s-1]; `carried` is with advection.

    Gravity and kinematic wave together are enough for a stable step. Where friction balances the slope, so is the
    speed at which the shortest wave of the linear scheme, from cell to cell, grows: g (hf + 5/3 |drop|) is its square,
    with 5/3 from d(friction)/dh. The lower counts, but none is below what still water or the kinematic wave asks for.
    """
    eta_l, eta_r = z_l + h_l, z_r + h_r
    depth = max(eta_l, eta_r) - max(z_l, z_r)
    hf = max(depth, DRY)
    push = GRAVITY / max(ONE, hf * inertia)  # as in `_flow`
    wave, flow = np.sqrt(push * hf), CELERITY * abs(q) / hf
    short = SHORT * np.sqrt(push * (hf + CELERITY * abs(eta_r - eta_l)))
    both = wave + flow if carried else min(wave + flow, short)
    speed = max(max(STANDING * wave, flow), both)
    return speed if depth > DRY else ZERO


@ordered
def speed_x(scratch: Array, h: Array, z: Array, j: int, inertia: Real, carried: bool) -> None:
    """Let row SPEED of scratch hold the largest speed in each column so far, with the x faces of row j."""
    for i in range(1, h.shape[1]):
        h_l, h_r, z_l, z_r = _get_v(h, j, i - 1), _get_v(h, j, i), _get_v(z, j, i - 1), _get_v(z, j, i)
        speed = _speed(_get_v(scratch, QX, i), h_l, h_r, z_l, z_r, inertia, carried)
        _put_v(scratch, SPEED, i, max(_get_v(scratch, SPEED, i), speed))


@ordered
def speed_y(scratch: Array, h: Array, z: Array, j: int, inertia: Real, carried: bool) -> None:
    """As `speed_x`, with the faces between rows j - 1 and j."""
    k, row = j - 1, QY0 + j % 2
    for i in range(1, h.shape[1] - 1):
        h_l, h_r, z_l, z_r = _get_v(h, k, i), _get_v(h, j, i), _get_v(z, k, i), _get_v(z, j, i)
        speed = _speed(_get_v(scratch, row, i), h_l, h_r, z_l, z_r, inertia, carried)
        _put_v(scratch, SPEED, i, max(_get_v(scratch, SPEED, i), speed))


@inlined
def _push(h_l: Real, h_r: Real, z_l: Real, z_r: Real, step: Step) -> Real:
    """Return how strongly depths beside a face push its water, for `grid_wave` [m2 s-2]; a fall has no more than hf."""
    eta_l, eta_r = z_l + h_l, z_r + h_r
    depth = max(eta_l, eta_r) - max(z_l, z_r)
    hf = max(depth, DRY)
    drop = ZERO if abs(z_r - z_l) > step[4] else CELERITY * abs(eta_r - eta_l)
    push = GRAVITY * (hf + drop) / max(ONE, hf * step[5])  # as in `_flow`
    return push if depth > DRY else ZERO


@ordered
def push_x(scratch: Array, h: Array, z: Array, j: int, step: Step) -> None:
    """Put the push over the x faces of row j in row PUSH of scratch."""
    for i in range(1, h.shape[1]):
        h_l, h_r, z_l, z_r = _get_p(h, j, i - 1), _get_p(h, j, i), _get_p(z, j, i - 1), _get_p(z, j, i)
        _put_p(scratch, PUSH, i, _push(h_l, h_r, z_l, z_r, step))


@ordered
def push_y(scratch: Array, h: Array, z: Array, j: int, step: Step) -> None:
    """Put the push over the faces between rows j - 1 and j in row PUSH0 or PUSH1 of scratch."""
    k, to = j - 1, PUSH0 + j % 2
    for i in range(1, h.shape[1] - 1):
        h_l, h_r, z_l, z_r = _get_p(h, k, i), _get_p(h, j, i), _get_p(z, k, i), _get_p(z, j, i)
        _put_p(scratch, to, i, _push(h_l, h_r, z_l, z_r, step))


@ordered
def grid_wave(scratch: Array, j: int) -> None:
    """Let row SPEED of scratch hold the speed that waves of two cells ask for in the cells of row j [m s-1].

    By von Neumann's method such a wave grows, whatever the friction, from dt^2 sum = 2 dx^2 on, with the sum of g (hf +
    5/3 |drop|) over the four faces of a cell: 5/3 is half of 10/3, the power of the depth in the square of Manning's
    discharge. In still water that is dt sqrt(g h) = dx / sqrt(2).
    """
    north, south = PUSH0 + j % 2, PUSH0 + (j + 1) % 2
    for i in range(1, scratch.shape[1] - 1):
        total = _get_g(scratch, PUSH, i) + _get_g(scratch, PUSH, i + 1)
        total += _get_g(scratch, north, i) + _get_g(scratch, south, i)
        _put_g(scratch, SPEED, i, max(_get_g(scratch, SPEED, i), STANDING * np.sqrt(QUARTER * total)))


@ordered
def feed(scratch: Array, j: int, h: Array, step: Step) -> None:
    """Put the share of the outgoing discharge that the water in each cell of row j can feed, at most 1, in scratch."""
    ratio = KEEP * step[1] / step[0]
    north, south, share = QY0 + j % 2, QY0 + (j + 1) % 2, R0 + j % 2
    for i in range(1, h.shape[1] - 1):
        going = max(_get_s(scratch, QX, i + 1), ZERO) - min(_get_s(scratch, QX, i), ZERO)
        going += max(_get_s(scratch, south, i), ZERO) - min(_get_s(scratch, north, i), ZERO)
        _put_s(scratch, share, i, min(ONE, ratio * _get_s(h, j, i) / max(going, TINY)))


@ordered
def limit_x(out: Array, to: int, scratch: Array, j: int) -> None:
    """Put the discharge over the x faces of row j, cut to the share of the cell that it comes from, in row `to`."""
    share = R0 + j % 2
    for i in range(1, scratch.shape[1]):
        q, left, right = _get_l(scratch, QX, i), _get_l(scratch, share, i - 1), _get_l(scratch, share, i)
        _put_l(out, to, i, q * (left if q > ZERO else right))


@inlined_exact
def kept(h: Real, gain: Real, lost: Real) -> tuple[Real, Real]:
    """New depth, and what rounding took from it, which is made good in the next step (Kahan 1965)."""
    change = gain - lost
    new = max(h + change, ZERO)
    return new, (new - h) - change


@ordered
def limit_y(out: Array, to: int, scratch: Array, j: int) -> None:
    """As `limit_x`, for the faces north of row j, whose cells lie in rows j - 1 and j."""
    north, share_n, share = QY0 + j % 2, R0 + (j - 1) % 2, R0 + j % 2
    for i in range(1, scratch.shape[1] - 1):
        q, above, below = _get_l(scratch, north, i), _get_l(scratch, share_n, i), _get_l(scratch, share, i)
        _put_l(out, to, i, q * (above if q > ZERO else below))


@ordered
def continuity(h: Array, at: int, lost: Array, k: int, q: Arrays, rows: tuple[int, int, int], ratio: Real) -> None:
    """Change the depth of row k, which is row `at` of h, by continuity, B10 eq. 12.

    `q` and `rows` say where its discharges to the west, north and south are.
    """
    qx, qn, qs = q
    w, n, s = rows
    for i in range(1, h.shape[1] - 1):
        gain = ratio * ((_get_n(qx, w, i) - _get_n(qx, w, i + 1)) + (_get_n(qn, n, i) - _get_n(qs, s, i)))
        new, rest = kept(_get_n(h, at, i), gain, _get_n(lost, k, i))
        _put_n(lost, k, i, rest)
        _put_n(h, at, i, new)


@ordered
def highest(largest: Array, h: Array) -> None:
    """Keep the largest depth of a row."""
    for i in range(h.size):
        largest[i] = max(largest[i], h[i])


@ordered
def copy_row(out: Array, to: int, a: Array, j: int) -> None:
    """Copy row j of an array to row `to` of another."""
    for i in range(a.shape[1]):
        out[to, i] = a[j, i]


@ordered
def fill_row(out: Array, to: int, value: Real) -> None:
    """Put a value in all of a row."""
    for i in range(out.shape[1]):
        out[to, i] = value

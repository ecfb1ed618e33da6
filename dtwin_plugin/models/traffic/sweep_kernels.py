"""Trips moved from slower to faster paths, compiled; called by `equilibrium` only.

Only pairs with more than one path take part, and of their paths only the arcs that not all of them share: the others
change no difference. Pair after pair, the flow of each slower path goes to the fastest by Newton's step, with the
times of what it touches brought up to date at once (gradient projection, J94). The second step on the same two paths
sets right what a curved function made of the first.

References
----------
J94 : Jayakrishnan, Tsai, Prashker, Rajadhyaksha (1994), A faster path-based algorithm for traffic assignment,
    Transportation Research Record 1443, 75-83.
X18 : Xie, Nie, Liu (2018), A greedy path-based algorithm for traffic assignment, Transp. Res. Record 2672(48), 36-44.
"""

from __future__ import annotations

from .cost_kernels import Array, njit, np, slope_at, time_at

STEPS = 2  # of Newton on two paths before the next: the third changes nothing that a next sweep does not
FLAT = 1e-15  # of a cost: differences below are rounding


@njit
def rivals(first: Array, following: Array, path_length: Array) -> tuple[int, int, int]:
    """Return how many pairs have more than one path, and how many paths and arcs those have."""
    pairs, paths, arcs = 0, 0, 0
    for pair in range(len(first)):
        if first[pair] >= 0 and following[first[pair]] >= 0:
            pairs += 1
            path = first[pair]
            while path >= 0:
                paths += 1
                arcs += path_length[path]
                path = following[path]
    return pairs, paths, arcs


@njit
def differ(
    first: Array, following: Array, path_start: Array, path_length: Array, path_fixed: Array, path_flow: Array,
    arcs: Array, count: Array, group: Array, path_of: Array, part: Array, fixed: Array, flow: Array, parts: Array,
) -> int:  # fmt: skip
    """Write for each pair with more than one path the arcs that its paths do not share; return how many.

    `group` (pairs + 1) tells which rows of paths are of each pair, `part` (paths + 1) which of `parts` are of each.
    """
    pairs, rows, used = 0, 0, 0
    for pair in range(len(first)):
        if first[pair] < 0 or following[first[pair]] < 0:
            continue
        paths, path = 0, first[pair]
        while path >= 0:
            for k in range(path_start[path], path_start[path] + path_length[path]):
                count[arcs[k]] += 1
            paths += 1
            path = following[path]
        group[pairs] = rows
        path = first[pair]
        while path >= 0:
            path_of[rows], part[rows], fixed[rows], flow[rows] = path, used, path_fixed[path], path_flow[path]
            for k in range(path_start[path], path_start[path] + path_length[path]):
                if count[arcs[k]] < paths:
                    parts[used] = arcs[k]
                    used += 1
            rows += 1
            path = following[path]
        path = first[pair]
        while path >= 0:
            for k in range(path_start[path], path_start[path] + path_length[path]):
                count[arcs[k]] = 0
            path = following[path]
        pairs += 1
    group[pairs], part[rows] = rows, used
    return used


@njit
def _apart(slow: int, fast: int, part: Array, parts: Array, stamp: Array, mark: int, only: Array) -> tuple[int, int]:
    """Write the arcs that one of two paths has and the other has not; return how many the slow one has, and all."""
    for k in range(part[fast], part[fast + 1]):
        stamp[parts[k]] = mark
    count = 0
    for k in range(part[slow], part[slow + 1]):
        arc = parts[k]
        if stamp[arc] == mark:
            stamp[arc] = mark + 1
        else:
            only[count] = arc
            count += 1
    slow_only = count
    for k in range(part[fast], part[fast + 1]):
        if stamp[parts[k]] == mark:
            only[count] = parts[k]
            count += 1
    return slow_only, count


@njit
def _shift(
    only: Array, mine: int, count: int, constant: float, given: float, taken: float,
    kind: Array, free: Array, b: Array, inverse: Array, power: Array, volume: Array, time: Array,
) -> float:  # fmt: skip
    """Move flow between two paths until both cost the same, or one is empty; return how much.

    Parameters
    ----------
    only, mine, count
        The arcs of one path only: the first `mine` of the slow path, up to `count` of the fast one.
    constant : float
        What the slow path costs more than the fast one apart from times.
    given, taken : float
        Flow of the slow and the fast path.
    """
    moved = 0.0
    for _ in range(STEPS):
        gain, slope = constant, 0.0
        for k in range(count):
            arc = only[k]
            gain += time[arc] if k < mine else -time[arc]
            slope += slope_at(kind[arc], free[arc], b[arc], inverse[arc], power[arc], volume[arc])
        if gain == 0.0:
            break
        low, high = -taken - moved, given - moved
        step = gain / slope if slope > 0.0 else (high if gain > 0.0 else low)
        step = min(max(step, low), high)
        if step == 0.0:
            break
        moved += step
        for k in range(count):
            arc = only[k]
            volume[arc] += -step if k < mine else step
            time[arc] = time_at(kind[arc], free[arc], b[arc], inverse[arc], power[arc], volume[arc])
        if abs(step) < 1e-3 * abs(given):  # the curve is straight over so short a step
            break
    return moved


@njit
def sweep(
    begin: int, end: int, group: Array, part: Array, fixed: Array, flow: Array, parts: Array, room: int,
    kind: Array, free: Array, b: Array, inverse: Array, power: Array, volume: Array, time: Array, stamp: Array,
    idle: Array, small: float,
) -> float:  # fmt: skip
    """Make the paths of pairs begin ... end alike; return what their trips could still save [min pcu] before that.

    A pair whose saving was below `small` is left alone for some sweeps (`idle`), and longer each time.
    """
    only, value, excess = np.empty(room, np.int32), np.empty(room), 0.0
    mark = 0
    for pair in range(begin, end):
        if idle[pair, 0] > 0:
            idle[pair, 0] -= 1
            continue
        first, last = group[pair], group[pair + 1]
        fast = first
        for path in range(first, last):
            cost = fixed[path]
            for k in range(part[path], part[path + 1]):
                cost += time[parts[k]]
            value[path - first] = cost
            if cost < value[fast - first]:
                fast = path
        saving, least = 0.0, value[fast - first]
        for path in range(first, last):
            if path == fast or flow[path] <= 0.0:
                continue
            gain = value[path - first] - least
            saving += gain * flow[path]
            if gain <= FLAT * value[path - first]:
                continue
            mark += 2
            mine, count = _apart(path, fast, part, parts, stamp, mark, only)
            moved = _shift(
                only, mine, count, fixed[path] - fixed[fast], flow[path], flow[fast],
                kind, free, b, inverse, power, volume, time,
            )  # fmt: skip
            flow[path] -= moved
            flow[fast] += moved
        excess += saving
        if saving <= small:
            idle[pair, 1] = min(idle[pair, 1] + 1, 6)
            idle[pair, 0] = idle[pair, 1]
        else:
            idle[pair, 1] = 0
    for arc in range(len(stamp)):
        stamp[arc] = 0
    return excess

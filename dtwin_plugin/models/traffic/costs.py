"""How the time on arcs grows with their flow: BPR and conical, with their slope and integral."""

from __future__ import annotations

from typing import Any

import numpy as np

from dtwin_plugin.errors import InputError

from .graph import Floats

FUNCTIONS = ("bpr", "conical")


class Costs:
    """The times of arcs as functions of their flow.

    Parameters
    ----------
    free_time : array
        float64, shape (arcs,) [min], 0 or more.
    capacity : array
        [pcu h-1]; above 0 where the time depends on the flow, anything (0, NaN, infinite) elsewhere.
    b, power : array
        Of BPR: t = t0 (1 + b (v/c)^power). An arc with b, power or t0 of 0 has the same time at any flow.
    function : str
        "bpr", or "conical" (Spiess 1990), whose alpha (above 1) is `power`; where that is 1 or less, or b is 0, the
        arc has the same time at any flow.

    Raises
    ------
    InputError
        If a number is missing, negative, or an arc with congestion has no capacity.

    References
    ----------
    As of `cost_kernels`.

    Examples
    --------
    >>> costs = Costs([10.0, 5.0], [100.0, 0.0], [0.15, 0.0], [4.0, 4.0])
    >>> costs.time(np.array([100.0, 70.0])).tolist()
    [11.5, 5.0]
    >>> Costs([10.0], [100.0], [1.0], [4.0], "conical").time(np.array([100.0])).tolist()
    [20.0]
    """

    def __init__(self, free_time: Any, capacity: Any, b: Any, power: Any, function: str = "bpr") -> None:
        from .cost_kernels import BPR, CONICAL, CONSTANT, QUARTIC

        free, room, b, power = (np.array(part, np.float64).reshape(-1) for part in (free_time, capacity, b, power))
        if function not in FUNCTIONS or not len(free) == len(room) == len(b) == len(power):
            raise InputError("Times with traffic need a known function, and four numbers for each arc.")
        for values, name in ((free, "free time"), (b, "b"), (power, "power")):
            wrong = np.flatnonzero(~((values >= 0) & np.isfinite(values)))
            if len(wrong):
                raise InputError("Arc {arc} has no {name} of 0 or more.", arc=int(wrong[0]), name=name)
        steep = (power > 1) & (b > 0) if function == "conical" else (power > 0) & (b > 0)
        depends = steep & (free > 0) & ~np.isposinf(room)
        wrong = np.flatnonzero(depends & ~(room > 0))
        if len(wrong):
            raise InputError(
                "Arc {arc} has no capacity, while its time depends on its flow.",
                hint="Give it a capacity, or a b of 0.",
                arc=int(wrong[0]),
            )
        if function == "bpr":
            free = np.where(power == 0, free * (1.0 + b), free)  # (v/c)^0 = 1 at any flow
            self.kind = np.where(power == 4, QUARTIC, BPR)
        else:
            b, self.kind = power, np.full(len(free), CONICAL)
        self.kind = np.where(depends, self.kind, CONSTANT).astype(np.int8)
        self.free, self.b, self.power = free, b, power
        self.inverse = np.divide(1.0, room, out=np.ones(len(room)), where=depends)

    @property
    def arrays(self) -> tuple[Any, ...]:
        """The numbers as the kernels take them."""
        return self.kind, self.free, self.b, self.inverse, self.power

    def time(self, flow: Floats) -> Floats:
        """Return the time of each arc [min] at flows [pcu h-1]."""
        from .cost_kernels import times_of

        return self._of(times_of, flow)

    def slope(self, flow: Floats) -> Floats:
        """Return how much the time of each arc grows with its flow [min h pcu-1]."""
        from .cost_kernels import slopes_of

        return self._of(slopes_of, flow)

    def integral(self, flow: Floats) -> Floats:
        """Return the time of each arc integrated over its flow, from 0 [min pcu h-1]."""
        from .cost_kernels import integrals_of

        return self._of(integrals_of, flow)

    def _of(self, kernel: Any, flow: Floats) -> Floats:
        found = np.empty(len(self.free))
        kernel(*self.arrays, np.ascontiguousarray(flow, np.float64), found)
        return found

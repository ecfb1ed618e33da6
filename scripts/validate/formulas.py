"""The formulas of a case file: beds, roughness and depths on cells, and expressions in x and y."""

import ast
import operator

import numpy as np

from dtwin_plugin.errors import FormatError

GRAVITY = 9.81  # m s-2


def plane(domain, height=0.0, slope_x=0.0, slope_y=0.0):
    return height + slope_x * domain.x + slope_y * domain.y


def random(domain, low=0.0, high=1.0, seed=0, island=None, size=10):
    values = np.random.default_rng(seed).uniform(low, high, domain.x.shape)
    if island is not None:
        middle = tuple(slice(n // 2 - size, n // 2 + size) for n in values.shape)
        values[middle] = island
    return values


def v_catchment(domain, channel=20.0, side_slope=0.05, slope=0.02):
    """Two planes towards a channel between them, all of which falls to the south; Di Giammarco et al. (1996)."""
    across = np.abs(domain.x - (domain.x.min() + domain.x.max()) / 2)
    return np.maximum(across - channel / 2, 0) * side_slope + slope * domain.y


def inside_channel(domain, channel=20.0, inside=0.15, outside=0.015):
    middle = (domain.x.min() + domain.x.max()) / 2
    return np.where(np.abs(domain.x - middle) < channel / 2, inside, outside)


def bowls(domain):
    """The bed of test 2 of the Environment Agency (Neelz and Pender 2013): 4 by 4 bowls; means over the cells."""
    steps = (np.arange(10) - 4.5) / 10 * domain.cell_size
    total = 0.0
    for dx in steps:
        for dy in steps:
            x, y = domain.x + dx, domain.y + dy
            cx, cy = np.cos(2 * np.pi * x / 500), np.cos(2 * np.pi * y / 500)
            total = total + 8.66783 - x / 2000 + y / 1500 - 3 / 32 + 5 / 32 * (cx + cy) - 3 / 32 * cx * cy
    return total / len(steps) ** 2


def wave(domain, n, u, time):
    """Depth of a wave on a horizontal plane that runs at u; Hunter et al. (2005)."""
    return (7 / 3 * n**2 * u**2 * np.maximum(u * time - domain.x, 0)) ** (3 / 7)


def sheet(domain, n, rain, slope, direction=90.0):
    """Normal depth of steady flow under rain [m s-1] on a plane that falls towards a direction.

    The direction is clockwise from north [degrees]; the plane begins at the walls that lie up the slope.
    """
    east, north = np.sin(np.radians(direction)), np.cos(np.radians(direction))
    half = domain.cell_size / 2
    reach = np.full(domain.x.shape, np.inf)  # m, up the slope to the first wall
    for part, low, high, at in (
        (east, domain.x.min() - half, domain.x.max() + half, domain.x),
        (north, domain.y.min() - half, domain.y.max() + half, domain.y),
    ):
        if abs(part) > 1e-9:
            reach = np.minimum(reach, (at - (low if part > 0 else high)) / part)
    return (n * rain * reach / np.sqrt(slope)) ** 0.6


def ritter(domain, h0, time, x0):
    """Depth of a dam break on a dry bed without friction; Ritter (1892)."""
    return stoker(domain, h0, 0.0, time, x0)


def stoker(domain, h0, h1, time, x0):
    """Depth of a dam break on a wet bed without friction; Stoker (1957) 10.8; h1 = 0 is Ritter's."""
    x, c0 = domain.x - x0, np.sqrt(GRAVITY * h0)
    if time <= 0:
        return np.where(x < 0, h0, h1)
    fan = (2 * c0 - x / time) ** 2 / (9 * GRAVITY)
    if h1 <= 0:
        return np.where(x < -c0 * time, h0, np.where(x < 2 * c0 * time, fan, 0.0))
    from scipy.optimize import brentq

    c1 = np.sqrt(GRAVITY * h1)

    def middle(front):  # depth and speed behind a shock that runs at `front`
        h = h1 / 2 * (np.sqrt(1 + 8 * (front / c1) ** 2) - 1)
        return h, front * (1 - h1 / h)

    front = brentq(lambda s: middle(s)[1] + 2 * np.sqrt(GRAVITY * middle(s)[0]) - 2 * c0, c1 * (1 + 1e-9), 10 * c0)
    h, u = middle(front)
    behind = np.where(x < (u - np.sqrt(GRAVITY * h)) * time, fan, h)
    return np.where(x < -c0 * time, h0, np.where(x < front * time, behind, h1))


def circle(domain, radius, inside, outside=0.0):
    """One value within a radius of the middle of the domain, another outside."""
    return np.where(_radius(domain) < radius, inside, outside)


def paraboloid(domain, h0, a):
    """The bed of Thacker (1981): h0 deep in the middle of the domain, 0 at the radius a."""
    return h0 * ((_radius(domain) / a) ** 2 - 1)


def thacker_planar(domain, h0, a, amplitude, time):
    """Depth of a level surface that tilts to and fro along x in that bowl, starting at rest; Thacker (1981)."""
    shift = amplitude * np.cos(np.sqrt(2 * GRAVITY * h0) / a * time)
    x, y = domain.x - _middle(domain.x), domain.y - _middle(domain.y)
    return np.maximum(h0 * (1 - ((x - shift) ** 2 + y**2) / a**2), 0.0)


def thacker_curved(domain, h0, a, r0, time):
    """Depth of a round hill of water that rises and falls in that bowl, starting at rest; Thacker (1981)."""
    share = (a**2 - r0**2) / (a**2 + r0**2)
    swing = 1 - share * np.cos(np.sqrt(8 * GRAVITY * h0) / a * time)
    round_part = (_radius(domain) / a) ** 2
    level = np.sqrt(1 - share**2) / swing - 1 - round_part * ((1 - share**2) / swing**2 - 1)
    return np.maximum(h0 * level - paraboloid(domain, h0, a), 0.0)


def profile(domain, csv, folder):
    """A value that depends on the distance from the middle, from a table whose first two columns are both."""
    from .tables import read_table

    distance, value = list(read_table(folder / csv).values())[:2]
    return np.interp(_radius(domain), distance, value)


def _middle(values):
    return (values.min() + values.max()) / 2


def _radius(domain):
    return np.hypot(domain.x - _middle(domain.x), domain.y - _middle(domain.y))


FORMULAS = {
    f.__name__: f
    for f in (
        plane, random, v_catchment, inside_channel, bowls, wave, sheet, ritter, stoker, circle, paraboloid,
        thacker_planar, thacker_curved,
    )
}  # fmt: skip

_FUNCTIONS = {
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "exp", "log", "sqrt", "abs", "hypot", "where")},
    "min": np.minimum,
    "max": np.maximum,
}
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}


def expression(text, domain):
    """Return the values of an expression in x, y, pi and g on the cells; nothing but arithmetic is allowed.

    >>> from .fields import grid_of
    >>> expression("max(1 - x / 2, 0.25 * (y < 1))", grid_of(1, 2, 1.0)).tolist()
    [[0.75, 0.25]]
    """
    names = {"x": domain.x, "y": domain.y, "pi": np.pi, "g": GRAVITY}

    def value(node):
        if isinstance(node, ast.Expression):
            return value(node.body)
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return float(node.value)
        if isinstance(node, ast.Name) and node.id in names:
            return names[node.id]
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](value(node.operand))
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _OPERATORS:
            return _OPERATORS[type(node.ops[0])](value(node.left), value(node.comparators[0]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
            if not node.keywords:
                return _FUNCTIONS[node.func.id](*map(value, node.args))
        raise FormatError(
            "The expression {text} holds something else than numbers, x, y, pi, g, arithmetic and {known}.",
            text=text,
            known=", ".join(sorted(_FUNCTIONS)),
        )

    try:
        tree = ast.parse(str(text), mode="eval")
    except SyntaxError as error:
        raise FormatError("The expression {text} cannot be read: {error}.", text=text, error=error.msg) from error
    return np.broadcast_to(np.asarray(value(tree), float), domain.x.shape).copy()

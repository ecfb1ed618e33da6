"""How the cells of a case lie before the solver: turned, mirrored, or with outlets in a part of an edge.

The answers do not depend on how a terrain lies, so a case with `turn` or `mirror` expects what it does without. What
comes back is the case as it was described.
"""

import numpy as np

EDGES = ("north", "east", "south", "west")  # clockwise
FALL = 50.0  # m below the edge: over an outlet that is a fall, the flow is critical


class View:
    """Cells of a case to cells of the solver and back.

    Parameters
    ----------
    turn : int
        Quarter turns clockwise, in degrees.
    mirror : bool
        East and west change places, before the turn.
    pad : sequence of bool
        Whether a row of cells is added at the north, east, south and west edge.
    """

    def __init__(self, turn=0, mirror=False, pad=(False, False, False, False)):
        self.quarters, self.mirror = (int(turn) // 90) % 4, bool(mirror)
        self.pad = tuple(map(int, pad))

    def there(self, cells, outside=None):
        """Return cells as the solver has them; `outside` for the added ones, default as the nearest."""
        values = np.asarray(cells)
        if not values.ndim:
            return values
        north, east, south, west = self.pad
        widths = ((north, south), (west, east))
        values = (
            np.pad(values, widths, mode="edge") if outside is None else np.pad(values, widths, constant_values=outside)
        )
        return self.lie(values)

    def lie(self, values):
        """Return cells, those that were added included, as they lie before the solver."""
        return np.rot90(values[:, ::-1] if self.mirror else values, -self.quarters)

    def back(self, cells):
        """Return cells as the case has them."""
        values = np.rot90(cells, self.quarters)
        values = values[:, ::-1] if self.mirror else values
        north, east, south, west = self.pad
        return values[north : values.shape[0] - south, west : values.shape[1] - east]

    def place(self, rows, columns, shape):
        """Return rows and columns of the solver for those of a case of this shape."""
        number = np.full(shape, -1)
        number[rows, columns] = np.arange(len(rows))
        turned = self.there(number, -1)
        r, c = np.nonzero(turned >= 0)
        order = np.argsort(turned[r, c])
        return r[order], c[order]

    def edges(self, kinds):
        """Return what happens at each edge of the solver."""
        swap = {"east": "west", "west": "east"} if self.mirror else {}
        named = {swap.get(edge, edge): kind for edge, kind in kinds.items()}
        return {EDGES[(EDGES.index(edge) + self.quarters) % 4]: kind for edge, kind in named.items()}


def padded_bed(bed, view, outlets):
    """Return the bed with a row of cells beyond each padded edge: the slope goes on at an outlet, elsewhere a wall.

    `outlets` are (edge, cells of the case, fall) with the cells of the outlet at that edge.
    """
    north, _, _, west = view.pad
    result = np.pad(
        np.asarray(bed, float), ((view.pad[0], view.pad[2]), (view.pad[3], view.pad[1])), constant_values=np.nan
    )
    for edge, cells, fall in outlets:
        row, col = np.nonzero(cells)
        down, right = {"north": (-1, 0), "south": (1, 0), "east": (0, 1), "west": (0, -1)}[edge]
        here = bed[row, col]
        inner = bed[np.clip(row - down, 0, bed.shape[0] - 1), np.clip(col - right, 0, bed.shape[1] - 1)]
        slope = np.where(np.isfinite(inner), here - inner, 0.0)
        result[row + north + down, col + west + right] = here - FALL if fall else here + np.minimum(slope, 0.0)
    return result

"""The models of the subsurface against closed forms, hand arithmetic and brute force."""

from .subsurface_ground import pits, settling, strains, suits, water
from .subsurface_space import corridors, distances, outcomes, taken

CASES = {
    "clash": (distances, outcomes),
    "claims": (taken,),
    "corridor": (corridors,),
    "settlement": (strains, settling),
    "excavation": (pits,),
    "infiltration": (water,),
    "suitability": (suits,),
}


def rows():
    for model, parts in CASES.items():
        for part in parts:
            for case, quantity, expected, got, tolerance in part():
                yield {
                    "model": model,
                    "case": case,
                    "quantity": quantity,
                    "expected": expected,
                    "got": got,
                    "tolerance": tolerance,
                    "ok": bool(abs(got - expected) <= tolerance),
                    "information": False,
                }

"""`python -m resources.sample OUTDIR`: write the fictional neighbourhood Waterdam."""

from __future__ import annotations

import argparse
from pathlib import Path

from .build import write_sample


def main() -> None:
    """Read the command line and write the sample."""
    parser = argparse.ArgumentParser(description="Write the fictional neighbourhood Waterdam to a folder.")
    parser.add_argument("folder", type=Path, help="where to write; a folder of this name is replaced")
    counts = write_sample(parser.parse_args().folder)
    print(", ".join(f"{key}: {value}" for key, value in counts.items()))


if __name__ == "__main__":
    main()

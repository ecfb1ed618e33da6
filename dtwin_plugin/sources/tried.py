"""A first opening of a file in a process of its own, where a broken one would take the program down with it.

The library that netCDF is read with corrupts the memory of the program when it gives up on some damaged HDF5 files: it
ends by a segmentation fault then or later. So what does not open well elsewhere is not opened here.
"""

from __future__ import annotations

import subprocess
from functools import lru_cache
from pathlib import Path

from dtwin_plugin.errors import FormatError, MissingDependencyError

_TIME = 30.0  # s
_TRIAL = """
import sys
from osgeo import gdal
gdal.PushErrorHandler("CPLQuietErrorHandler")
dataset = gdal.OpenEx(sys.argv[1], gdal.OF_MULTIDIM_RASTER, allowed_drivers=["netCDF"])
if dataset is None or gdal.GetLastErrorType() >= gdal.CE_Failure:
    sys.exit(4)
group = dataset.GetRootGroup()
for name in (group.GetMDArrayNames(["SHOW_ALL=YES"]) or ()) if group else ():
    array = group.OpenMDArray(name)
    count = [1] * len(array.GetDimensions() or ()) if array else []
    if count and all(item.GetSize() for item in array.GetDimensions()):
        array.Read(array_start_idx=[0] * len(count), count=count)
del dataset, group
sys.stdout.write("opened")
sys.stdout.flush()
"""


def try_apart(path: Path) -> None:
    """Open a netCDF file in a process of its own first.

    Raises
    ------
    FormatError
        If it cannot be opened there, or that process does not survive it.
    """
    about = path.stat()
    if not _survives(str(path.absolute()), about.st_size, about.st_mtime_ns):
        raise FormatError(
            "{file} is damaged or ends too soon: the library for netCDF cannot open it.",
            hint="Download or export it again.",
            file=path.name,
        )


@lru_cache(maxsize=64)
def _survives(path: str, size: int, changed: int) -> bool:
    """Tell whether a process opens a file and survives it; True where there is no program to try it with."""
    from .describe import python_program

    try:
        command = [python_program(), "-c", _TRIAL, path]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIME,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except (MissingDependencyError, OSError):
        return True
    except subprocess.TimeoutExpired:
        return False
    # A Python that lacks GDAL ends with 1: nothing is known then.
    return done.stdout.endswith(b"opened") or done.returncode == 1

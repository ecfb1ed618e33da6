"""GDAL for the length of a block: its errors raised here, and its settings for every other plugin left as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any, Callable

from dtwin_plugin.errors import MissingDependencyError

# GDAL must not list the folder of a file it opens, nor wait for a server without an end.
REMOTE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_TIMEOUT": "60",
    "GDAL_HTTP_CONNECTTIMEOUT": "15",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".tif,.tiff",
}


@contextmanager
def osgeo(remote: bool = False) -> Iterator[SimpleNamespace]:
    """Give the modules `gdal`, `ogr` and `osr`, and `call`, which calls a function and raises RuntimeError if it fails.

    Whether GDAL raises its errors is one setting for the whole process before GDAL 3.7, which other plugins count on.
    So it is left alone, and `call` looks at the last error, which GDAL keeps per thread.

    Parameters
    ----------
    remote : bool
        Whether a server is read, which limits what GDAL asks of it.

    Raises
    ------
    MissingDependencyError
        If GDAL's Python bindings are not installed.
    """
    try:
        from osgeo import gdal, ogr, osr
    except ImportError:
        raise MissingDependencyError("gdal", "transform coordinates and to read rasters and vector files") from None
    options = REMOTE if remote else {}
    earlier = {name: gdal.GetThreadLocalConfigOption(name) for name in options}

    def call(function: Callable[..., Any], *args: Any, **named: Any) -> Any:
        gdal.ErrorReset()
        result = function(*args, **named)
        if gdal.GetLastErrorType() >= gdal.CE_Failure:
            raise RuntimeError(gdal.GetLastErrorMsg())
        return result

    with ExitStack() as stack:
        for module in (gdal, ogr, osr):
            if hasattr(module, "ExceptionMgr"):  # GDAL 3.7 and later: a setting of this thread
                stack.enter_context(module.ExceptionMgr(useExceptions=True))
        for name, value in options.items():
            gdal.SetThreadLocalConfigOption(name, value)
        gdal.PushErrorHandler("CPLQuietErrorHandler")
        try:
            yield SimpleNamespace(gdal=gdal, ogr=ogr, osr=osr, call=call)
        finally:
            gdal.PopErrorHandler()
            for name, value in earlier.items():
                gdal.SetThreadLocalConfigOption(name, value)

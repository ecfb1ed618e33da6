"""The models on a server: each a process of pygeoapi (OGC API - Processes 1.0), from its description alone.

`make serve` starts it. QGIS is not needed: what calculates is NumPy, Numba and GDAL.

A request becomes an `Order` (`orders`), a job with a folder of its own (`store`) that a process beside the server, or a
Dask cluster, works at (`runner`), and results that are kept as files (`calculation`) and sent as asked (`results`).
"""

"""Write rain radar as the KNMI does; run in a process of its own, for h5py brings another HDF5 than GDAL has."""

import json
import sys

import h5py
import numpy as np

CORNERS = [0, 49.362064, 0, 55.973602, 10.856453, 55.388973, 9.0093, 48.8953]  # as the KNMI states them
PROJECTION = "+proj=stere +lat_0=90 +lon_0=0 +lat_ts=60 +a=6378.14 +b=6356.75 +x_0=0 y_0=0"


def write(path, images, start, end, formula="GEO=0.010000*PV+0.000000", quantity="PRECIP_[MM]", valid=()):
    """Write images of 765 rows and 700 columns: {"row,column": raw value} each, 0 elsewhere."""
    with h5py.File(path, "w") as file:
        overview = file.create_group("overview")
        overview.attrs["product_datetime_start"] = np.bytes_(start)
        overview.attrs["product_datetime_end"] = np.bytes_(end)
        place = file.create_group("geographic")
        numbers = {"column_offset": 0, "row_offset": 3650, "pixel_size_x": 1, "pixel_size_y": -1}
        for name, value in numbers.items():
            place.attrs[f"geo_{name}"] = np.float32([value])
        place.attrs["geo_number_columns"], place.attrs["geo_number_rows"] = np.int32([700]), np.int32([765])
        place.attrs["geo_product_corners"] = np.float32(CORNERS)
        place.create_group("map_projection").attrs["projection_proj4_params"] = np.bytes_(PROJECTION)
        for number, given in enumerate(images, 1):
            image = file.create_group(f"image{number}")
            image.attrs["image_geo_parameter"] = np.bytes_(quantity)
            if valid:
                image.attrs["image_datetime_valid"] = np.bytes_(valid[number - 1])
            raw = np.zeros((765, 700), np.uint16)
            for key, value in given.items():
                raw[tuple(int(k) for k in key.split(","))] = value
            image.create_dataset("image_data", data=raw, compression=6)
            calibration = image.create_group("calibration")
            calibration.attrs["calibration_formulas"] = np.bytes_(formula)
            calibration.attrs["calibration_missing_data"] = np.int32([65534])
            calibration.attrs["calibration_out_of_image"] = np.int32([65535])


if __name__ == "__main__":
    for given in json.loads(sys.argv[1]):
        write(**given)

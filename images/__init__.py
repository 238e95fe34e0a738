"""Pictures as data: files in and out, range, colors, windows, statistics of noise. Knows no model."""

from .arrays import MIN_SIDE, check_picture, from_unit_range, to_unit_range
from .color import LUMA, luma
from .displacement import check_displacement, find_flow, inside_image, read_flow
from .noise import estimate_noise
from .panels import side_by_side
from .picture_files import check_output, read_picture, write_picture
from .preparation import prepare
from .regions import intersection_over_union
from .samples import read_sample
from .tiling import apply_tiled

__all__ = [
    "LUMA",
    "MIN_SIDE",
    "apply_tiled",
    "check_displacement",
    "check_output",
    "check_picture",
    "estimate_noise",
    "find_flow",
    "from_unit_range",
    "inside_image",
    "intersection_over_union",
    "luma",
    "prepare",
    "read_flow",
    "read_picture",
    "read_sample",
    "side_by_side",
    "to_unit_range",
    "write_picture",
]

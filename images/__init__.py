"""Pictures as data: files in and out, range, colors, windows, statistics of noise. Knows no model."""

from . import anscombe
from .arrays import MIN_SIDE, check_picture, from_unit_range, picture_of, to_unit_range, unit_picture
from .blur_measuring import MeasuredBlur, disk_kernel, measure_blur
from .color import LUMA, luma
from .displacement import check_displacement, find_flow, inside_image, read_flow
from .masks import known_where
from .noise import estimate_noise
from .noise_measuring import MeasuredNoise, measure_noise
from .noise_models import (
    CorrelatedNoise,
    NoiseModel,
    PoissonGaussian,
    Speckle,
    WhiteNoise,
    noise_from_dict,
)
from .panels import side_by_side
from .picture import Picture
from .picture_files import MAX_PIXELS, open_picture, read_picture
from .picture_output import check_output, write_picture
from .preparation import prepare
from .regions import intersection_over_union
from .samples import read_sample
from .scale import Scale, find_scale
from .tiling import apply_tiled, windows_of

__all__ = [
    "LUMA",
    "MAX_PIXELS",
    "MIN_SIDE",
    "CorrelatedNoise",
    "MeasuredBlur",
    "MeasuredNoise",
    "NoiseModel",
    "Picture",
    "PoissonGaussian",
    "Scale",
    "Speckle",
    "WhiteNoise",
    "anscombe",
    "apply_tiled",
    "check_displacement",
    "check_output",
    "check_picture",
    "disk_kernel",
    "estimate_noise",
    "find_flow",
    "find_scale",
    "from_unit_range",
    "inside_image",
    "intersection_over_union",
    "known_where",
    "luma",
    "measure_blur",
    "measure_noise",
    "noise_from_dict",
    "open_picture",
    "picture_of",
    "prepare",
    "read_flow",
    "read_picture",
    "read_sample",
    "side_by_side",
    "to_unit_range",
    "unit_picture",
    "windows_of",
    "write_picture",
]

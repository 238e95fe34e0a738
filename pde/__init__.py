"""The equations: pure functions on tensors, no weights.

Images are float32 tensors `(batch, height, width, channels)`; the pixel size is 1 px, times are
in px². The boundary is reflecting everywhere.
"""

from .boundary import reflect, reflect_for_kernel
from .differences import (
    COLUMNS,
    ROWS,
    backward_difference,
    edge_average,
    edge_difference,
    edge_divergence,
    forward_difference,
    gradient_magnitude_squared,
)
from .diffusivities import (
    DIFFUSIVITIES,
    charbonnier,
    perona_malik_exponential,
    perona_malik_rational,
    weickert,
)
from .errors import InputError
from .five_point import five_point_matrix, five_point_rate
from .linear_diffusion import greens_operator, implicit_diffusion
from .perona_malik import MAX_TIME_STEP, check_time_step, diffusion_rate, stable_time_step
from .smoothing import gaussian_kernel, gaussian_smooth
from .time_stepping import explicit_euler, explicit_midpoint, integrate, repeat

__all__ = [
    "COLUMNS",
    "DIFFUSIVITIES",
    "MAX_TIME_STEP",
    "ROWS",
    "InputError",
    "backward_difference",
    "charbonnier",
    "check_time_step",
    "diffusion_rate",
    "edge_average",
    "edge_difference",
    "edge_divergence",
    "explicit_euler",
    "explicit_midpoint",
    "five_point_matrix",
    "five_point_rate",
    "forward_difference",
    "gaussian_kernel",
    "gaussian_smooth",
    "gradient_magnitude_squared",
    "greens_operator",
    "implicit_diffusion",
    "integrate",
    "perona_malik_exponential",
    "perona_malik_rational",
    "reflect",
    "reflect_for_kernel",
    "repeat",
    "stable_time_step",
    "weickert",
]

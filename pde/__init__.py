"""The equations: pure functions on tensors, no weights.

Images are float32 tensors `(batch, height, width, channels)`; the pixel size is 1 px, times are
in px². The boundary is reflecting everywhere.
"""

from .boundary import reflect, reflect_for_kernel
from .delta_stencil import (
    anisotropic_rate,
    check_stencil,
    corner_differences,
    directional_diffusivities,
    free_parameter,
    spectral_norm_bound,
    stable_anisotropic_time_step,
    stencil_matrix,
    zero_on_border,
)
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
from .diffusion_tensors import (
    coherence_enhancing,
    edge_enhancing,
    edge_enhancing_single,
    eigenvalues,
    isotropic,
    structure_tensor,
    with_eigenvalues,
)
from .diffusivities import (
    DIFFUSIVITIES,
    charbonnier,
    perona_malik_exponential,
    perona_malik_rational,
    weickert,
)
from .errors import InputError
from .fast_explicit import cycle_time, fed_cycle, fed_time_steps, fsi_cycle
from .five_point import five_point_matrix, five_point_rate
from .linear_diffusion import greens_operator, implicit_diffusion
from .perona_malik import MAX_TIME_STEP, check_time_step, diffusion_rate, stable_time_step
from .smoothing import gaussian_kernel, gaussian_smooth, gaussian_weights, smooth_valid
from .time_stepping import explicit_euler, explicit_midpoint, integrate, repeat

__all__ = [
    "COLUMNS",
    "DIFFUSIVITIES",
    "MAX_TIME_STEP",
    "ROWS",
    "InputError",
    "anisotropic_rate",
    "backward_difference",
    "charbonnier",
    "check_stencil",
    "check_time_step",
    "coherence_enhancing",
    "corner_differences",
    "cycle_time",
    "diffusion_rate",
    "directional_diffusivities",
    "edge_average",
    "edge_difference",
    "edge_divergence",
    "edge_enhancing",
    "edge_enhancing_single",
    "eigenvalues",
    "explicit_euler",
    "explicit_midpoint",
    "fed_cycle",
    "fed_time_steps",
    "five_point_matrix",
    "five_point_rate",
    "forward_difference",
    "free_parameter",
    "fsi_cycle",
    "gaussian_kernel",
    "gaussian_smooth",
    "gaussian_weights",
    "gradient_magnitude_squared",
    "greens_operator",
    "implicit_diffusion",
    "integrate",
    "isotropic",
    "perona_malik_exponential",
    "perona_malik_rational",
    "reflect",
    "reflect_for_kernel",
    "repeat",
    "smooth_valid",
    "spectral_norm_bound",
    "stable_anisotropic_time_step",
    "stable_time_step",
    "stencil_matrix",
    "structure_tensor",
    "weickert",
    "with_eigenvalues",
    "zero_on_border",
]

"""The equations: pure functions on tensors, no weights.

Images are float32 tensors `(batch, height, width, channels)`; the pixel size is 1 px, times are
in px². The boundary is reflecting everywhere.
"""

from ..errors import InputError
from .additive_splitting import additive_splitting_step
from .blade import blade_filter, blade_filter_valid
from .boundary import fold, mirror, parities, reflect, reflect_for_kernel, replicate
from .cahn_hilliard import (
    cahn_hilliard_energy,
    cahn_hilliard_rate,
    cahn_hilliard_steps,
    stable_cahn_hilliard_time_step,
)
from .chan_vese import (
    chan_vese_energy,
    checkerboard,
    curvature,
    curvature_parts,
    dirac,
    fitting_force,
    heaviside,
    region_means,
)
from .coherence_enhancing_diffusion import (
    coherence_enhancing_rate,
    scharr_gradient,
    stable_coherence_enhancing_time_step,
)
from .conjugate_gradients import solve_by_conjugate_gradients
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
from .diffusion import MAX_TIME_STEP, check_time_step, diffusion_rate, stable_time_step
from .diffusion_tensors import (
    coherence_enhancing,
    edge_enhancing,
    edge_enhancing_single,
    isotropic,
    with_eigenvalues,
)
from .diffusivities import (
    DIFFUSIVITIES,
    charbonnier,
    perona_malik_exponential,
    perona_malik_rational,
    weickert,
)
from .fast_explicit import cycle_time, fed_cycle, fed_time_steps, fsi_cycle
from .five_point import five_point_matrix, five_point_rate
from .flows import (
    FLOWS,
    CahnHilliardFlow,
    CoherenceEnhancingFlow,
    DiffusivityFlow,
    Flow,
    PeronaMalikFlow,
    TotalVariationFlow,
    register_flow,
)
from .haar_transform import haar, inverse_haar, to_blocks
from .interpolation import (
    INTERPOLATION,
    finer_grid,
    gather_pixels,
    interpolate_displaced,
    split_displacement,
    upsample,
)
from .linear_diffusion import greens_operator, implicit_diffusion
from .loops import repeat, trajectory
from .perona_malik import edgewise_diffusivity
from .reflected_correlation import (
    correlate_reflected,
    correlate_reflected_adjoint,
    is_large_kernel,
    separated,
)
from .selected_gains import gained_filtering
from .smoothing import gaussian_kernel, gaussian_smooth, gaussian_weights, smooth_valid
from .spectral_norm import largest_eigenvalue_bound, spectral_norm_bound_of_bank
from .structure import eigenvalues, structure_at, structure_tensor
from .structure_features import centred_orientation_index, filter_index, orientation_index
from .time_stepping import explicit_euler, explicit_midpoint, integrate
from .total_variation import minmod, total_variation_diffusivity
from .tracing import bfloat16_convolutions

__all__ = [
    "COLUMNS",
    "DIFFUSIVITIES",
    "FLOWS",
    "INTERPOLATION",
    "MAX_TIME_STEP",
    "ROWS",
    "CahnHilliardFlow",
    "CoherenceEnhancingFlow",
    "DiffusivityFlow",
    "Flow",
    "InputError",
    "PeronaMalikFlow",
    "TotalVariationFlow",
    "additive_splitting_step",
    "anisotropic_rate",
    "backward_difference",
    "bfloat16_convolutions",
    "blade_filter",
    "blade_filter_valid",
    "cahn_hilliard_energy",
    "cahn_hilliard_rate",
    "cahn_hilliard_steps",
    "centred_orientation_index",
    "chan_vese_energy",
    "charbonnier",
    "check_stencil",
    "check_time_step",
    "checkerboard",
    "coherence_enhancing",
    "coherence_enhancing_rate",
    "corner_differences",
    "correlate_reflected",
    "correlate_reflected_adjoint",
    "curvature",
    "curvature_parts",
    "cycle_time",
    "diffusion_rate",
    "dirac",
    "directional_diffusivities",
    "edge_average",
    "edge_difference",
    "edge_divergence",
    "edge_enhancing",
    "edge_enhancing_single",
    "edgewise_diffusivity",
    "eigenvalues",
    "explicit_euler",
    "explicit_midpoint",
    "fed_cycle",
    "fed_time_steps",
    "filter_index",
    "finer_grid",
    "fitting_force",
    "five_point_matrix",
    "five_point_rate",
    "fold",
    "forward_difference",
    "free_parameter",
    "fsi_cycle",
    "gained_filtering",
    "gather_pixels",
    "gaussian_kernel",
    "gaussian_smooth",
    "gaussian_weights",
    "gradient_magnitude_squared",
    "greens_operator",
    "haar",
    "heaviside",
    "implicit_diffusion",
    "integrate",
    "interpolate_displaced",
    "inverse_haar",
    "is_large_kernel",
    "isotropic",
    "largest_eigenvalue_bound",
    "minmod",
    "mirror",
    "orientation_index",
    "parities",
    "perona_malik_exponential",
    "perona_malik_rational",
    "reflect",
    "reflect_for_kernel",
    "region_means",
    "register_flow",
    "repeat",
    "replicate",
    "scharr_gradient",
    "separated",
    "smooth_valid",
    "solve_by_conjugate_gradients",
    "spectral_norm_bound",
    "spectral_norm_bound_of_bank",
    "split_displacement",
    "stable_anisotropic_time_step",
    "stable_cahn_hilliard_time_step",
    "stable_coherence_enhancing_time_step",
    "stable_time_step",
    "stencil_matrix",
    "structure_at",
    "structure_tensor",
    "to_blocks",
    "total_variation_diffusivity",
    "trajectory",
    "upsample",
    "weickert",
    "with_eigenvalues",
    "zero_on_border",
]

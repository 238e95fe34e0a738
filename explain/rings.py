"""What the δ-stencil does to rings that diffusion along them should not change at all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..pde import anisotropic_rate, repeat, stable_anisotropic_time_step
from ..pde.backend import ops
from .anatomy import WIDTH, new_figure, panels_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE, PERIOD, TIME = 96, 5.0, 50.0
"""Side of the picture and distance of the rings in px; time of the diffusion in px²."""


def diffused_rings(alpha: float, gamma: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Rings after a diffusion along them, D = t tᵀ with t the tangent.

    The rings are cos(2π r/5 px), whose gradient has no part along t: the differential equation leaves
    them as they are, and what they lose in 50 px² is the dissipation of the stencil.

    Args:
        alpha: α of the stencil.
        gamma: γ of the stencil.

    Returns:
        `(rings, result, kept)`: two arrays, and the share of the contrast that is left, as the ratio
        of the standard deviations away from centre and border.

    Example:
        >>> rings, result, kept = diffused_rings(alpha=0.4, gamma=1.0)
        >>> 0 < kept < 1
        True
    """
    y, x = np.indices((SIZE, SIZE)) - (SIZE - 1) / 2
    radius = np.hypot(x, y)
    rings = 0.5 + 0.5 * np.cos(2 * np.pi * radius / PERIOD)
    y, x = np.indices((SIZE + 1, SIZE + 1)) - SIZE / 2
    along = np.stack([-y, x]) / np.maximum(np.hypot(x, y), 1e-9)
    entries = (along[0] ** 2, along[0] * along[1], along[1] ** 2)
    tensor = [ops.convert_to_tensor(e[None, ..., None].astype("float32")) for e in entries]
    largest = stable_anisotropic_time_step(1, 0, alpha, gamma)
    steps = int(np.ceil(TIME / largest))
    result = repeat(
        lambda u: u + (TIME / steps) * anisotropic_rate(u, tensor, alpha, gamma),
        ops.convert_to_tensor(rings[None, ..., None].astype("float32")),
        steps,
    )
    result = np.asarray(ops.convert_to_numpy(result))[0, ..., 0]
    inner = (radius > 8) & (radius < SIZE / 2 - 4)
    return rings, result, float(result[inner].std() / rings[inner].std())


def draw_rings(
    pairs: Sequence[tuple[float, float]] = (
        (0.0, 0.0),
        (0.0, 1.0),
        (0.25, 1.0),
        (0.4, 1.0),
        (0.49, 1.0),
    ),
) -> "Figure":
    """Draws the rings, and what is left of them for each pair (α, γ).

    Args:
        pairs: The pairs (α, γ) of the stencil, see `diffused_rings`.

    Returns:
        A `matplotlib.figure.Figure`.

    Example:
        explain.draw_rings([(0.0, 1.0), (0.4, 1.0)]).savefig("rings.png")
    """
    results = [diffused_rings(alpha, gamma) for alpha, gamma in pairs]
    panels = [("rings", results[0][0])]
    panels += [
        (f"α = {alpha:g}, γ = {gamma:g}: {100 * kept:.0f} %", result)
        for (alpha, gamma), (_, result, kept) in zip(pairs, results, strict=True)
    ]
    rows = -(-len(panels) // 3)
    figure = new_figure(figsize=(WIDTH, 2.7 * rows))
    for axis, (title, picture) in zip(panels_of(figure, len(panels), 3), panels, strict=True):
        axis.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axis.set_title(title, fontsize=10)
    return figure

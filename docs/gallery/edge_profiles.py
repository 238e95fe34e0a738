"""What flows do to an edge

A row across a step with noise, at first and after three equations. The functions of `imagepde.pde`
have no weights and take tensors of any backend.
"""

import numpy as np
from imagepde import pde
from matplotlib.figure import Figure

rng = np.random.default_rng(0)
row = np.where(np.arange(96) < 48, 0.25, 0.75) + 0.05 * rng.standard_normal((96, 96))
start = row[None, ..., None].astype("float32")


def heat(u):
    return pde.diffusion_rate(u, (np.ones((1, 97, 96, 1), "f4"), np.ones((1, 96, 97, 1), "f4")))


flows = {
    "heat equation": pde.integrate(heat, start, 0.2, 60),
    "Perona-Malik flow": pde.PeronaMalikFlow(contrast=0.08).advance(start, 12.0, 60),
    "TV flow": pde.TotalVariationFlow(epsilon=0.02).advance(start, 0.6, 120),
}
figure = Figure(figsize=(7.5, 3), layout="constrained")
axes = figure.subplots(1, 3, sharey=True)
widths = []
for axis, (name, result) in zip(axes, flows.items(), strict=True):
    line = np.asarray(result)[0, 48, :, 0]
    axis.plot(start[0, 48, :, 0], color="0.7", label="before")
    axis.plot(line, color="tab:blue", label="after")
    between = np.abs(np.asarray(result)[0, :, :, 0].mean(0) - 0.5) < 0.2
    widths.append(f"{between.sum()} by the {name}")
    axis.set(title=name, xlabel="column, px")
axes[0].set_ylabel("grey value")
axes[0].legend()
figure.savefig("edge_profiles.png", dpi=105)
print(
    "Of the step from 0.25 to 0.75, columns with a mean between 0.3 and 0.7 are left: "
    f"{', '.join(widths)}."
)

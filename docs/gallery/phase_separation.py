"""Phase separation

The equation of Cahn and Hilliard lets a mixture fall apart: out of noise grow drops and bridges, which
become fewer and larger. The energy falls all the time, and the mean stays.
"""

import numpy as np
from imagepde import images, pde

flow = pde.CahnHilliardFlow()
rng = np.random.default_rng(0)
state = (0.5 + 0.02 * rng.standard_normal((1, 96, 96, 1))).astype("float32")
panels, energies, mean = [], [], float(state.mean())
times = (0, 8, 40, 160)
for before, time in zip((0, *times), times, strict=False):
    if time:
        state = np.asarray(flow.advance(state, time - before, 5 * (time - before)))
    energies.append(float(np.squeeze(pde.cahn_hilliard_energy(state))))
    panels.append((f"t = {time}", np.kron(state[0, ..., 0], np.ones((2, 2)))))
images.write_picture("phase_separation.png", images.side_by_side(panels))
energies = ", ".join(f"{energy:.1f}" for energy in energies)
print(
    f"Four times of one evolution. The energy: {energies}. The mean moves by "
    f"{abs(float(state.mean()) - mean):.0e}."
)

"""Steps that are too long

An explicit step of TV flow is stable up to ε/4 = 0.0025 only. Here both schemes take a step of 0.03
over and over, twelve times the bound. The explicit one oscillates. In `blade_stable` no step can
let the norm of a picture grow, whatever the weights are.
"""

import numpy as np
from imagepde import images, pde, zoo
from skimage import data

photo = data.camera()[40:232, 120:312].astype("float32") / 255
flow, tau = pde.TotalVariationFlow(epsilon=0.01), 0.03
explicit = np.asarray(flow.advance(photo[None, ..., None], 10 * tau, 10))[0, ..., 0]
model = zoo.load("blade_stable.tv_flow")
stable = np.asarray(model(photo[None, ..., None]))[0, ..., 0]
later = np.asarray(model(stable[None, ..., None]))[0, ..., 0]


def norm(picture):
    return float(np.linalg.norm(picture))


panels = [("given", photo), ("explicit, 10 steps", explicit)]
panels += [("stable, 10 steps", stable), ("stable, 20 steps", later)]
images.write_picture("too_long_steps.png", images.side_by_side(panels))
print(
    f"The norm is {norm(photo):.1f} at first, {norm(explicit):.1f} after ten explicit steps, and "
    f"{norm(stable):.1f} and {norm(later):.1f} after ten and twenty steps of `blade_stable.tv_flow`. "
    "The explicit scheme draws a checkerboard into the sky."
)

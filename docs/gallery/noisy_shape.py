"""A shape in strong noise

Otsu's threshold looks at each pixel by itself. A contour that has to be short does not follow the
noise. The longer it may be (`length` is the price), the thinner are the parts that it follows.
"""

import numpy as np
from imagepde import images, zoo
from skimage import data
from skimage.filters import threshold_otsu

shape = data.horse()[10:322:2, 10:390:2] == 0
noisy = 0.35 + 0.3 * shape + np.random.default_rng(0).normal(0, 0.2, shape.shape)
regions = {
    "threshold": noisy > threshold_otsu(noisy),
    "length 0.2": zoo.segment(noisy, value_range=(0, 1)),
    "length 0.4": zoo.segment(noisy, length=0.4, value_range=(0, 1)),
}
found = {name: 100 * images.intersection_over_union(r, shape) for name, r in regions.items()}
panels = [(f"{name}: {found[name]:.0f} %", r.astype(float)) for name, r in regions.items()]
images.write_picture("noisy_shape.png", images.side_by_side([("given", noisy), *panels]))
print(
    f"Intersection over union with the true shape: {found['threshold']:.0f} % by Otsu's "
    f"threshold, {found['length 0.2']:.0f} % with `length=0.2`, {found['length 0.4']:.0f} % with "
    "`length=0.4`, which loses the legs."
)

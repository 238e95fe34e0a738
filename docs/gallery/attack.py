"""An attack on a promise

`trd_certified.gauss25_contractive` promises that no two pictures come further apart. Gradient
ascent looks for two that do, and finds none. The same attack on `trd_small.gauss25`, which promises
the mean only, finds a change that the model enlarges.
"""

import numpy as np
from imagepde import explain, images, zoo
from skimage import data

photo = data.camera()[102:142, 202:242].astype("float32") / 255
panels, found = [], {}
for name in ("trd_small.gauss25", "trd_certified.gauss25_contractive"):
    model = zoo.load(name)
    result = explain.attack(model, photo, "distance", steps=10)
    f, d = (x[None, ..., None] for x in (result.picture, result.change))
    after = np.asarray(model(f + d) - model(f))[0, ..., 0]
    found[name] = result.ratio
    short = name.split(".")[0]
    for title, picture in ((f"{short}: change", result.change), (f"{result.ratio:.2f} times", after)):
        shown = 0.5 + picture / (6 * result.change.std())
        panels.append((title, np.kron(shown, np.ones((5, 5)))))
images.write_picture("attack.png", images.side_by_side(panels))
print(
    f"A change of a picture, and what becomes of it. `trd_small.gauss25` makes it "
    f"{found['trd_small.gauss25']:.2f} times as long, the certified model "
    f"{found['trd_certified.gauss25_contractive']:.4f} times."
)

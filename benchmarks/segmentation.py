"""Chan–Vese segmentation by surrogates of TV flow, beside the reference and scikit-image.

    python benchmarks/segmentation.py

writes `docs/segmentation.csv`. Pictures are those of scikit-image.
"""

import time
from pathlib import Path

import numpy as np
from imagepde import pde, zoo
from imagepde.images.files import write_csv
from skimage import data
from skimage.segmentation import chan_vese

DOCS = Path(__file__).parents[1] / "docs"
PICTURES = {
    "coins": data.coins,
    "camera, every second pixel": lambda: data.camera()[::2, ::2],
    "astronaut, every second pixel": lambda: data.astronaut()[::2, ::2],
    "coffee, every second pixel": lambda: data.coffee()[::2, ::2],
}
METHODS = {
    "reference": {"regulariser": None},
    "reference, half the time step": {"regulariser": None, "time_step": 0.5, "steps": 1000},
    "`blade_flux.tv_flow`": {"regulariser": "blade_flux.tv_flow"},
    "`blade.tv_flow`": {"regulariser": "blade.tv_flow"},
}


def run(picture, options):
    """The segmentation of a picture, its energy (4.8), how many steps it took, and seconds."""
    colour = np.atleast_3d(picture).astype("float32") / 255
    model = zoo.create("segmentation", channels=colour.shape[-1], **options)
    layer = model.get_layer("segmentation")
    start = time.perf_counter()
    phi, steps = layer.level_set(colour[None])
    seconds = time.perf_counter() - start
    region, grey = np.asarray(phi)[0, ..., 0] > 0, colour.mean(-1)
    region = region if grey[region].mean() >= grey[~region].mean() else ~region
    return region, float(pde.chan_vese_energy(colour[None], phi)[0]), int(steps[0, 0, 0, 0]), seconds


def theirs(picture):
    """scikit-image's, the brighter region; it takes grey pictures only."""
    found = chan_vese(picture / 255, mu=0.2, tol=1e-3, max_num_iter=500, dt=0.5)
    return max((found, ~found), key=lambda region: picture[region].mean())


def main():
    rows = []
    for name, load in PICTURES.items():
        picture, reference = load(), None
        scikit = theirs(picture) if picture.ndim == 2 else None
        for method, options in METHODS.items():
            region, energy, steps, seconds = run(picture, options)
            reference = region if reference is None else reference
            agreement = zoo.intersection_over_union
            rows.append(
                {
                    "picture": name,
                    "method": method,
                    "reference": round(agreement(region, reference), 4),
                    "scikit-image": "" if scikit is None else round(agreement(region, scikit), 4),
                    "energy": round(energy),
                    "steps": steps,
                }
            )
            print(rows[-1], f"{seconds:.1f} s", flush=True)
    write_csv(DOCS / "segmentation.csv", rows)


if __name__ == "__main__":
    main()

"""How long problems take: the data term beside the filters or folded into them, and a step of each."""

import numpy as np
from imagepde import layers, zoo
from skimage import data
from timing import median_seconds, table

SIDE = 512


def image(channels=1):
    picture = data.astronaut()[:SIDE, :SIDE, :channels].astype("float32") / 255
    return picture[None]


def milliseconds(model, x):
    """Per megapixel of what comes out, in ms."""
    model.predict_on_batch(x)
    pixels = np.prod(model.predict_on_batch(x).shape[1:3])
    return 1e3 * median_seconds(lambda: model.predict_on_batch(x)) / pixels * 1e6


def folding():
    """Ten steps of deblurring with `blade.ced`, both ways, for kernels of three sizes."""
    rows = []
    for sigma in (0.5, 1.0, 1.5):
        beside = zoo.regularised("blade.ced", layers.Blur(sigma))
        times = [milliseconds(model, image()) for model in (beside, zoo.folded(beside))]
        side = layers.Blur(sigma).kernel.shape[0]
        rows.append(
            [
                f"{side}×{side}",
                f"{2 * side - 1}×{2 * side - 1}",
                *(f"{t:.0f}" for t in times),
                f"{times[1] / times[0]:.1f}",
            ]
        )
    return table(["kernel", "folded filters", "beside, ms/Mpx", "folded, ms/Mpx", "ratio"], rows)


def problems():
    """A whole problem, relative to ten steps of TV flow."""
    unit = milliseconds(zoo.load("blade_flux.tv_flow"), image())
    rows = [["blade_flux.tv_flow", f"{unit:.0f}", "1.0"]]
    displaced = np.concatenate([image(), np.full((1, SIDE, SIDE, 2), 0.3, "float32")], axis=-1)
    masked = np.concatenate([image(), (image() > 0.6).astype("float32")], axis=-1)
    inputs = {"blade_resample.default": displaced, "reconstruction.inpaint": masked}
    small = image()[:, ::4, ::4]
    inputs |= {"reconstruction.upscale2": image()[:, ::2, ::2], "reconstruction.upscale4": small}
    for name in (
        "blade_resample.default",
        "reconstruction.deblur",
        "reconstruction.deblur_ced",
        "reconstruction.upscale2",
        "reconstruction.upscale4",
        "reconstruction.inpaint",
        "segmentation.blade",
        "segmentation.chan_vese",
    ):
        time = milliseconds(zoo.load(name), inputs.get(name, image()))
        rows.append([name, f"{time:.0f}", f"{time / unit:.1f}"])
    return table(["model", "ms/Mpx", "relative"], rows)


def main():
    print("## Problems\n")
    print("The data term of ten steps of deblurring beside the filters, and folded into them:\n")
    print(folding())
    print(f"Whole problems, {SIDE}² pixels out:\n")
    print(problems())


if __name__ == "__main__":
    main()

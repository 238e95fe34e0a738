"""The figures of `docs/noise.md`: kinds of noise, what is left of them, and dots without fibres."""

import sys
from pathlib import Path

import numpy as np
from imagepde import explain, images, zoo
from imagepde.explain.anatomy import save_figure
from imagepde.images import CorrelatedNoise, PoissonGaussian, WhiteNoise
from imagepde.tasks import psnr
from scipy.ndimage import gaussian_filter
from skimage import data

KINDS = {
    "white": WhiteNoise(25 / 255),
    "camera": PoissonGaussian(1 / 20, 5 / 255),
    "correlated": CorrelatedNoise.blurred(WhiteNoise(25 / 255), 1.2),
}


def with_psnr(title, picture, clean):
    decibels = float(
        psnr(*(x.reshape(1, *clean.shape, 1).astype("float32") for x in (clean, picture)))[0]
    )
    return f"{title}: {decibels:.1f} dB", picture


def kinds_figure():
    """Each kind of noise above what `zoo.restore` and a model of one noise make of it."""
    clean = data.camera()[60:260, 130:330] / 255
    rows = []
    for name, noise in KINDS.items():
        noisy = noise.draw(clean, np.random.default_rng(0)).astype("float32")
        restored = zoo.restore(noisy, value_range=(0, 1))
        blind = zoo.restore(noisy, "trd.blind", value_range=(0, 1))
        panels = [(name, noisy), ("trd.blind", blind), ("restore", restored)]
        rows.append(images.side_by_side([with_psnr(*panel, clean) for panel in panels]))
    return np.concatenate(rows)


def dots():
    """Dots on a dark ground, as fluorescent beads, and the same with few photons."""
    rng = np.random.default_rng(0)
    points = np.zeros((192, 192))
    points[tuple(rng.integers(8, 184, (2, 40)))] = 1.0
    clean = 0.1 + 0.6 * np.minimum(gaussian_filter(points, 1.5) * 14, 1)
    return clean, PoissonGaussian(1 / 20, 5 / 255).draw(clean, rng).astype("float32")


def dots_figure():
    """What a model for weak noise invents between dots, and what `zoo.restore` makes of them."""
    clean, noisy = dots()
    weak = zoo.restore(noisy, "trd.gauss15", value_range=(0, 1))
    panels = [
        ("20 photons", noisy),
        ("trd.gauss15", weak),
        ("restore", zoo.restore(noisy, value_range=(0, 1))),
    ]
    return images.side_by_side([*(with_psnr(*panel, clean) for panel in panels), ("original", clean)])


def main(folder):
    images.write_picture(Path(folder, "noise_kinds.png"), kinds_figure())
    images.write_picture(Path(folder, "noise_dots.png"), dots_figure())
    clean = data.camera() / 255
    noise = CorrelatedNoise.blurred(PoissonGaussian(1 / 20, 5 / 255), 0.8)
    noisy = noise.draw(clean, np.random.default_rng(0)).astype("float32")
    figure = explain.draw_noise(images.measure_noise(noisy, (0, 1)))
    save_figure(figure, Path(folder, "noise_measured.png"))


if __name__ == "__main__":
    main(sys.argv[1])

"""Deblurring, upscaling, tomography and MRI beside what else there is, on the same pictures.

    python benchmarks/inverse_problems.py --data DIR [--sets set12 kodak] [--every 2] > PAGE

The page in the documentation, `docs/inverse_problems.md`, was written with these options.

`DIR` holds folders of pictures, of which the grey values are taken. Wiener and Richardson–Lucy of
scikit-image have their best parameter for each strength of noise, chosen by the PSNR on these very
pictures; ours are called as they come. OpenCV (pip install opencv-python-headless) is left out where it
is not installed. PSNR in dB, the mean over the pictures.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from imagepde import images, layers, zoo
from PIL import Image
from skimage import data, restoration, transform

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

import mri
import tomography

SIGMAS = (0, 2, 10, 25)
BLUR = 1.6

PILLOW = {"area": Image.BOX, "bicubic": Image.BICUBIC}
ENLARGED = {"Pillow, bicubic": Image.BICUBIC, "Pillow, Lanczos": Image.LANCZOS}


def psnr(picture, clean):
    return -10 * np.log10(np.mean((np.clip(picture, 0, 1) - clean) ** 2))


def grey_pictures(folder, every):
    for path in sorted(folder.rglob("*.*"))[::every]:
        if path.suffix in (".png", ".jpg", ".tif"):
            unit, _ = images.unit_picture(images.read_picture(path))
            yield unit if unit.ndim == 2 else unit[..., :3] @ np.float32([0.299, 0.587, 0.114])


def blurred(clean, sigma, seed):
    f = np.asarray(layers.Blur(BLUR).apply(clean[None, ..., None]))[0, ..., 0]
    noise = np.random.default_rng(seed).standard_normal(f.shape)
    return (f + sigma / 255 * noise).astype(np.float32)


def deblurring(pictures):
    """Rows for each strength of noise: the best of scikit-image, and ours."""
    kernel = layers.Blur(BLUR).kernel
    others = {
        "Wiener, best": (
            lambda f, value: restoration.wiener(f, kernel, value),
            np.logspace(-5, 1, 13),
        ),
        "Richardson–Lucy, best": (
            lambda f, value: restoration.richardson_lucy(np.clip(f, 0, 1), kernel, value),
            (1, 2, 4, 8, 16, 32, 64),
        ),
        "unsupervised Wiener": (
            lambda f, value: restoration.unsupervised_wiener(f, kernel, clip=False, rng=0)[0],
            (None,),
        ),
    }
    for sigma in SIGMAS:
        given = [blurred(clean, sigma, seed) for seed, clean in enumerate(pictures)]
        row = {"noise": f"{sigma}/255", "given": mean(given, pictures)}
        for name, (function, values) in others.items():
            row[name] = max(mean([function(f, v) for f in given], pictures) for v in values)
        ours = [zoo.deblur(f, BLUR, value_range=(0, 1)) for f in given]
        row["`zoo.deblur`"] = mean(ours, pictures)
        yield row


def mean(found, pictures):
    return float(np.mean([psnr(u, clean) for u, clean in zip(found, pictures, strict=True)]))


def upscaling(pictures):
    """Rows for each factor and kind of shrinking."""
    try:
        import cv2
    except ModuleNotFoundError:
        cv2 = None
    for factor in (2, 4):
        cropped = [c[: c.shape[0] // 4 * 4, : c.shape[1] // 4 * 4] for c in pictures]
        for name, kernel in PILLOW.items():
            small = [resized(c, [n // factor for n in c.shape], kernel) for c in cropped]
            row = {"factor": factor, "made smaller by": name}
            for title, by in ENLARGED.items():
                found = [resized(f, c.shape, by) for f, c in zip(small, cropped, strict=True)]
                row[title] = mean(found, cropped)
            for title, by in {"bicubic": "INTER_CUBIC", "Lanczos": "INTER_LANCZOS4"}.items():
                if cv2 is not None:
                    how = getattr(cv2, by)
                    found = [
                        cv2.resize(f, c.shape[::-1], interpolation=how)
                        for f, c in zip(small, cropped, strict=True)
                    ]
                    row[f"OpenCV, {title}"] = mean(found, cropped)
            ours = [zoo.upscale(f, factor, value_range=(0, 1)) for f in small]
            row["`zoo.upscale`"] = mean(ours, cropped)
            yield row


def resized(picture, sides, kernel):
    return np.asarray(Image.fromarray(picture).resize((sides[1], sides[0]), kernel))


def tomograms():
    """The phantom, filtered back-projection, and ours, as in `examples/tomography.py`."""
    clean = tomography.phantom()
    sinogram, sigma = tomography.measured(clean)
    simple = tomography.back_projected(sinogram, clean)
    return clean, simple, tomography.solved(sinogram, sigma)


def scans():
    """A photograph, zero filling, and ours, as in `examples/mri.py`."""
    clean = data.camera()[::2, ::2].astype(np.float32) / 255
    frequencies, mask = mri.measured(clean)
    return clean, mri.zero_filled(frequencies), mri.solved(frequencies, mask)


def seconds(function, repeats=2):
    function()
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        found.append(time.perf_counter() - start)
    return min(found)


def speeds():
    """Rows: seconds for a picture of a megapixel, called a second time."""
    clean = transform.resize(data.camera(), (1024, 1024)).astype(np.float32)
    noisy = blurred(clean, 5, 0)
    small = clean[::2, ::2].copy()
    known = np.random.default_rng(0).random(clean.shape) < 0.2
    for name, function in {
        "`zoo.deblur`": lambda: zoo.deblur(noisy, BLUR, value_range=(0, 1)),
        "`zoo.upscale`, to 1024²": lambda: zoo.upscale(small, 2, value_range=(0, 1)),
        "`zoo.inpaint`": lambda: zoo.inpaint(clean, known, value_range=(0, 1)),
        "`zoo.segment`": lambda: zoo.segment(clean, value_range=(0, 1)),
    }.items():
        yield {"call": name, "seconds": seconds(function)}


def table(rows):
    rows = list(rows)
    lines = [" | ".join(rows[0]), " | ".join("---" for _ in rows[0])]
    for row in rows:
        cells = (f"{value:.2f}" if isinstance(value, float) else str(value) for value in row.values())
        lines.append(" | ".join(cells))
    return "\n".join(f"| {line} |" for line in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", default=["set12"])
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args()
    print("# Inverse problems: results\n")
    print("`benchmarks/inverse_problems.py` writes this page; [problems.md](problems.md) says what is")
    print(
        "solved, and how. PSNR in dB. The parameters of Wiener and Richardson–Lucy were chosen on these"
    )
    print("very pictures; ours are called without any. scikit-image takes a picture to be periodic,")
    print("which costs it some of what it could have at the border.\n")
    for name in options.sets:
        pictures = list(grey_pictures(options.data / name, options.every))
        title = f"{name}, {len(pictures)} pictures"
        print(f"## Deblurring: Gaussian of {BLUR} px, {title}\n\n{table(deblurring(pictures))}\n")
        print(f"## Upscaling, {title}\n\n{table(upscaling(pictures))}\n", flush=True)
    rows = []
    for what, simple, (clean, best, ours) in (
        ("tomography, 60 views, noise", "filtered back-projection, best filter", tomograms()),
        ("MRI, a quarter of the frequencies, noise", "zero filling", scans()),
    ):
        rows.append({"problem": what, "simple": simple, "PSNR": float(psnr(best, clean))})
        rows[-1]["`zoo.solve`"] = float(psnr(ours, clean))
    print(f"## Measurements\n\n{table(rows)}\n")
    print(f"## Time for 1024×1024 grey pixels, on two cores, second call\n\n{table(speeds())}")


if __name__ == "__main__":
    main()

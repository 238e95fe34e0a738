"""Inverse problems and segmentation beside what else there is, on the same pictures.

    python benchmarks/inverse_problems.py --data DIR [--sets set12 kodak] [--every 2] > PAGE

The page in the documentation, `docs/inverse_problems.md`, was written with these options, and with
`--parts` for tables that came later.

`DIR` holds folders of pictures, of which the grey values are taken. Wiener and Richardson–Lucy of
scikit-image have their best parameter for each strength of noise, chosen by the PSNR on these very
pictures; ours are called as they come. OpenCV (pip install opencv-python-headless) is left out where it
is not installed. PSNR in dB, the mean over the pictures.
"""

import argparse
import functools
import sys
from pathlib import Path

import numpy as np
from imagepde import images, layers, zoo
from PIL import Image
from skimage import data, filters, restoration
from skimage import segmentation as segments

sys.path.insert(0, str(Path(__file__).parents[1] / "examples"))

import mri
import tomography

SIGMAS = (0, 2, 10, 25)
BLUR = 1.6

INPAINTED, COLOURED = 160, 256
"""Sides of the pictures that are filled in, and of those in colour."""

PARTS = ("deblurring", "upscaling", "inpainting", "colours", "segmentation", "measurements")

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


def opencv():
    """OpenCV, or `None` where it is not installed."""
    try:
        import cv2
    except ModuleNotFoundError:
        return None
    return cv2


def upscaling(pictures):
    """Rows for each factor and kind of shrinking."""
    cv2 = opencv()
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


def colours(folder, every):
    """Rows: colours enlarged one by one, and together by a denoiser that sees all of them."""
    pictures = []
    for path in sorted(folder.rglob("*.png"))[::every]:
        unit, _ = images.unit_picture(images.read_picture(path))
        if unit.ndim == 3:
            n, m = ((side - COLOURED) // 2 for side in unit.shape[:2])
            pictures.append(unit[n : n + COLOURED, m : m + COLOURED, :3].astype(np.float32))
    for factor in (2, 4):
        for name, kernel in PILLOW.items():
            side = COLOURED // factor
            small = [
                np.stack([resized(c[..., k].copy(), (side, side), kernel) for k in range(3)], -1)
                for c in pictures
            ]
            row = {"factor": factor, "made smaller by": name}
            for model in ("trd_small.any", "trd.any", "trd_color.any"):
                found = [zoo.upscale(f, factor, model, value_range=(0, 1)) for f in small]
                row[f"`{model}`"] = mean(found, pictures)
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


def holes(shape):
    """Where pixels are known, by the name of the mask."""
    y, x = np.indices(shape)
    return {
        "lines of 5 px": (x + y) % 48 >= 5,
        "half of the pixels known": np.random.default_rng(0).random(shape) < 0.5,
        "a fifth of the pixels known": np.random.default_rng(0).random(shape) < 0.2,
    }


def inpainting(pictures):
    """Rows for each mask, in the middle of the pictures: that of scikit-image takes minutes else."""
    middle = [
        c[n : n + INPAINTED, m : m + INPAINTED]
        for c in pictures
        for n, m in [[(side - INPAINTED) // 2 for side in c.shape]]
    ]
    others = {
        "scikit-image, biharmonic": lambda f, known: restoration.inpaint_biharmonic(f, ~known),
    }
    cv2 = opencv()
    if cv2 is not None:
        for title, how in {"Telea": "INPAINT_TELEA", "Navier–Stokes": "INPAINT_NS"}.items():
            others[f"OpenCV, {title}"] = functools.partial(filled_by_opencv, cv2, getattr(cv2, how))
    for name, known in holes((INPAINTED, INPAINTED)).items():
        given = [np.where(known, c, 0).astype(np.float32) for c in middle]
        row = {"mask": name}
        for title, function in others.items():
            row[title] = mean([function(f, known) for f in given], middle)
        ours = [zoo.inpaint(f, known, value_range=(0, 1)) for f in given]
        row["`zoo.inpaint`"] = mean(ours, middle)
        yield row


def filled_by_opencv(cv2, how, f, known):
    whole = np.round(255 * f).astype(np.uint8)
    filled = cv2.inpaint(whole, (~known).astype(np.uint8), 3, how) / 255
    return np.where(known, f, filled)


def regions_of(count):
    """Labels from 0 on: a horse on a ground, with a bar across it, and a disk."""
    horse = data.horse()[10:322, 10:390] == 0
    y, x = np.indices(horse.shape)
    labels = horse.astype(int)
    if count > 2:
        labels[270:300, 20:360] = 2
    if count > 3:
        labels[np.hypot(y - 60, x - 60) < 45] = 3
    return labels


def segmentation():
    """Rows: the share of the pixels that are in their region, for numbers of regions and noise."""
    for count in (2, 3, 4):
        labels = regions_of(count)
        greys = np.linspace(0.2, 0.8, count)
        for sigma in (25, 50):
            noise = np.random.default_rng(0).normal(0, sigma / 255, labels.shape)
            given = (greys[labels] + noise).astype(np.float32)
            row = {"regions": count, "noise": f"{sigma}/255"}
            thresholds = filters.threshold_multiotsu(given, count)
            row["scikit-image, multi-Otsu"] = right(np.digitize(given, thresholds), labels)
            row["scikit-image, Chan–Vese"] = "–"
            if count == 2:
                found = segments.chan_vese(given, mu=0.2, max_num_iter=500)
                row["scikit-image, Chan–Vese"] = max(right(r, labels) for r in (found, ~found))
            found = zoo.segment(given, regions=count, value_range=(0, 1))
            row["`zoo.segment`"] = right(found if count == 2 else found - 1.0, labels)
            yield row


def right(found, labels):
    return 100 * float(np.mean(found == labels))


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
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS)
    options = parser.parse_args()
    print("# Inverse problems: results\n")
    print("`benchmarks/inverse_problems.py` writes this page; [problems.md](problems.md) says what is")
    print(
        "solved, and how. PSNR in dB. The parameters of Wiener and Richardson–Lucy were chosen on these"
    )
    print("very pictures; ours are called without any. scikit-image takes a picture to be periodic,")
    print(
        "which costs it some of what it could have at the border. [problem_speed.md](problem_speed.md)"
    )
    print("has the times.\n")
    titles = {"deblurring": f"Deblurring: Gaussian of {BLUR} px", "upscaling": "Upscaling"}
    titles["inpainting"] = f"Inpainting, the middle {INPAINTED}×{INPAINTED} pixels"
    rows_of = {"deblurring": deblurring, "upscaling": upscaling, "inpainting": inpainting}
    for name in options.sets:
        pictures = list(grey_pictures(options.data / name, options.every))
        for part in (part for part in options.parts if part in rows_of):
            title = f"{titles[part]}, {name}, {len(pictures)} pictures"
            print(f"## {title}\n\n{table(rows_of[part](pictures))}\n", flush=True)
    if "colours" in options.parts and "kodak" in options.sets:
        title = f"Upscaling in colour, kodak, the middle {COLOURED}×{COLOURED} pixels"
        rows = colours(options.data / "kodak", 2 * options.every)
        print(f"## {title}, each {2 * options.every}th picture\n\n{table(rows)}\n", flush=True)
    if "segmentation" in options.parts:
        print("## Segmentation: per cent of the pixels in their region\n")
        print(f"{table(segmentation())}\n", flush=True)
    if "measurements" in options.parts:
        print(f"## Measurements\n\n{table(measurements())}\n", flush=True)


def measurements():
    for what, simple, (clean, best, ours) in (
        ("tomography, 60 views, noise", "filtered back-projection, best filter", tomograms()),
        ("MRI, a quarter of the frequencies, noise", "zero filling", scans()),
    ):
        row = {"problem": what, "simple": simple, "PSNR": float(psnr(best, clean))}
        yield row | {"`zoo.solve`": float(psnr(ours, clean))}


if __name__ == "__main__":
    main()

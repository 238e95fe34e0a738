"""Noise of every kind removed by the plain command: pairs of real pictures, and drawn noise.

    python benchmarks/real_noise.py --data DIR [--sets set12 bsd68] [--every 4] [--model trd.any]
        [--textured 10] [--only white] [--bm3d] [--adapt] [--csv FILE]

`DIR` holds folders of clean pictures, and of pairs: `*_noisy_*` with `*_clean_*` beside it. "oracle"
is the same model that is told the true noise, "behind" the most that a picture is behind it. With
--bm3d (pip install bm3d) BM3D stands beside it, after a generalised Anscombe transform with the noise
measured of the same picture. A result is fitted to the clean picture of a real pair by gain and offset
first, as the noisy picture is. PSNR is the mean over the pictures, in dB.
"""

import argparse
from pathlib import Path

import numpy as np
from imagepde import images, zoo
from imagepde.images import anscombe
from imagepde.images.files import write_csv
from noise_measurement import cases, clean_pictures, twelve_bits


def psnr(picture, clean):
    return -10 * np.log10(max(np.mean((np.clip(picture, 0, 1) - clean) ** 2), 1e-12))


def fitted(picture, clean):
    """The picture with the gain and offset that bring it nearest to the clean one."""
    system = np.stack([picture.ravel(), np.ones(picture.size)], axis=1)
    (gain, offset), *_ = np.linalg.lstsq(system, clean.ravel(), rcond=None)
    return gain * picture + offset


def unit(path):
    return images.unit_picture(images.read_picture(path))[0].astype(np.float64)


def pairs(folder):
    for noisy in sorted(folder.glob("*noisy*")):
        (clean,) = folder.glob(noisy.name.replace("noisy", "clean").split("_avg")[0] + "*")
        yield noisy.stem, unit(noisy), unit(clean)


def by_bm3d(noisy):
    """BM3D between an Anscombe transform and its inverse."""
    import bm3d

    noise = images.measure_noise(noisy.astype(np.float32), (0, 1)).noise
    stable = anscombe.forward(noisy, noise)
    low, high = np.quantile(stable, (0.001, 0.999))
    found = bm3d.bm3d((stable - low) / (high - low), sigma_psd=1 / (high - low))
    return anscombe.inverse(found * (high - low) + low, noise)


def of_pairs(folder, model, with_bm3d, adapt):
    for name, noisy, clean in pairs(folder):
        beside = psnr(fitted(by_bm3d(noisy), clean), clean) if with_bm3d else np.nan
        options = {"value_range": (0, 1), "adapt": adapt}
        restored = zoo.restore(noisy.astype(np.float32), model, **options).astype(np.float64)
        yield {
            "data": folder.name,
            "noise": name,
            "pictures": 1,
            "input": psnr(fitted(noisy, clean), clean),
            "restored": psnr(fitted(restored, clean), clean),
            "oracle": np.nan,
            "BM3D": beside,
            "worst": np.nan,
            "behind": np.nan,
            "found": images.measure_noise(noisy.astype(np.float32), (0, 1)).describe(),
        }


def texture(picture):
    """The mean difference of neighbouring pixels."""
    return sum(np.abs(np.diff(picture, axis=axis)).mean() for axis in (0, 1))


def of_cases(folder, model, every, only, textured):
    pictures = list(clean_pictures(folder, every))
    if textured:
        pictures = sorted(pictures, key=texture)[-textured:]
    for name, noise, change in cases():
        if only and only not in name:
            continue
        scores = [score(clean, noise, change, seed, model) for seed, clean in enumerate(pictures)]
        given, restored, oracle = np.array(scores).T
        yield {
            "data": folder.name,
            "noise": name,
            "pictures": len(scores),
            "input": given.mean(),
            "restored": restored.mean(),
            "oracle": oracle.mean(),
            "BM3D": np.nan,
            "worst": (restored - given).min(),
            "behind": (oracle - restored).max(),
            "found": "",
        }


def score(clean, noise, change, seed, model):
    rng = np.random.default_rng(seed)
    noisy = noise.draw(clean, rng)
    back = (lambda values: (values - 100) / 3995) if change is twelve_bits else (lambda values: values)
    value_range = (100, 4095) if change is twelve_bits else (0, 1)
    if change is not None:
        noisy = change(noisy, rng)
    noisy = noisy.astype(np.float32) if noisy.dtype.kind == "f" else noisy
    asked = None if noisy.dtype.kind == "u" else value_range
    restored = zoo.restore(noisy, model, value_range=asked)
    told = zoo.restore(noisy, model or "trd.any", value_range=value_range, noise=noise)
    if noisy.dtype == np.uint8:
        noisy, restored, told = (values / 255 for values in (noisy, restored, told))
    # What was masked or clipped cannot come back: the rest is compared.
    clean, noisy, restored, told = (
        np.asarray(values, np.float64)
        for values in (clean, back(noisy * 1.0), back(restored * 1.0), back(told * 1.0))
    )
    same = np.ones(clean.shape, bool)
    if change is not None and change is not twelve_bits:
        same = (noisy != 0) & (noisy < noisy.max())
    return [psnr(values[same], clean[same]) for values in (noisy, restored, told)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sets", nargs="*", default=["set12"])
    parser.add_argument("--pairs", nargs="*", default=["fluo_w2s"])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--only", help="cases whose name has this in it")
    parser.add_argument("--textured", type=int, help="only so many pictures, with the most texture")
    parser.add_argument("--model")
    parser.add_argument("--bm3d", action="store_true")
    parser.add_argument("--adapt", action="store_true", help="learn the transform of each pair")
    parser.add_argument("--csv", type=Path)
    options = parser.parse_args()
    rows = []
    for name in options.pairs:
        rows += shown(of_pairs(options.data / name, options.model, options.bm3d, options.adapt))
    for name in options.sets:
        cases_of = (options.model, options.every, options.only, options.textured)
        rows += shown(of_cases(options.data / name, *cases_of))
    if options.csv:
        write_csv(options.csv, rows)


def shown(rows):
    rows = list(map(printed, rows))
    if rows:
        means = [np.mean([row[key] for row in rows]) for key in ("input", "restored", "oracle", "BM3D")]
        print("mean", *(f"{value:.2f}" for value in means), flush=True)
    return rows


def printed(row):
    numbers = (f"{row[key]:.2f}" for key in ("input", "restored", "oracle", "BM3D", "worst", "behind"))
    print(row["data"], row["noise"], *numbers, row["found"], sep=" | ", flush=True)
    return row


if __name__ == "__main__":
    main()

"""How well `images.measure_noise` finds noise that was added to clean pictures, and real noise.

    python benchmarks/noise_measurement.py --data DIR [--sets set12 bsd68] [--every 4] [--csv FILE]

`DIR` holds folders of clean pictures, and `fluo_w2s` with real pairs. The error of a picture is that of
σ(mean) over the brightnesses of the clean picture, in the mean of 25 quantiles.
"""

import argparse
import itertools
import time
from pathlib import Path

import numpy as np
from imagepde import images
from imagepde.images import CorrelatedNoise, PoissonGaussian, WhiteNoise
from imagepde.images.files import write_csv

SETS = ("set12", "bsd68", "fluo_cellprofiler_human", "em_fibsem_medulla")
PAIRS = "fluo_w2s"


def black_rows(share):
    """Sets a share of the rows to black, at random places."""

    def change(noisy, rng):
        rows = rng.permutation(len(noisy))[: round(share * len(noisy))]
        noisy[rows] = 0
        return noisy

    return change


def clipped_white(share):
    """Clips the brightest pixels to one value."""
    return lambda noisy, rng: np.minimum(noisy, np.quantile(noisy, 1 - share))


def twelve_bits(noisy, rng):
    """As a camera of 12 bits would store it, with black at 100."""
    return np.clip(np.rint(noisy * 3995 + 100), 0, 4095).astype("uint16")


def eight_bits(noisy, rng):
    return np.clip(np.rint(noisy * 255), 0, 255).astype("uint8")


def cases():
    """`(name, noise, change)` of the protocol."""
    for sigma in (0, 1, 2, 5, 15, 25, 50, 75, 100):
        yield f"white {sigma}", WhiteNoise(sigma / 255), None
    for photons in (10, 30, 100, 1000):
        for sigma in (0, 5, 15):
            noise = PoissonGaussian(1 / photons, sigma / 255)
            yield f"{photons} photons, read {sigma}", noise, None
            if sigma != 15:
                yield f"{photons} photons, read {sigma}, 12 bits", noise, twelve_bits
    for blur in (0.7, 1.2):
        for sigma in (15, 25):
            noise = CorrelatedNoise.blurred(WhiteNoise(sigma / 255), blur)
            yield f"blur {blur}, {sigma}", noise, None
    noise = WhiteNoise(25 / 255)
    for share in (0.05, 0.2, 0.5):
        yield f"white 25, {share:.0%} black rows", noise, black_rows(share)
    for share in (0.05, 0.2, 0.4):
        yield f"white 25, {share:.0%} clipped", noise, clipped_white(share)
    yield "white 5, 8 bits", WhiteNoise(5 / 255), eight_bits


def clean_pictures(folder, every):
    """Grey pictures in [0, 1]."""
    files = sorted(f for f in folder.iterdir() if f.suffix in (".png", ".tif", ".jpg"))
    for file in files[::every]:
        unit, _ = images.unit_picture(images.read_picture(file))
        grey = unit.astype("float64") if unit.ndim == 2 else images.luma(unit[..., :3]).squeeze()
        yield np.asarray(grey, "float64") / max(grey.max(), 1e-9)


def measured(clean, noise, change, seed):
    """One noisy picture: the errors of what is found, and seconds."""
    rng = np.random.default_rng(seed)
    noisy = noise.draw(clean, rng)
    factor, black = 1.0, 0.0
    if change is not None:
        noisy = change(noisy, rng)
    if change is twelve_bits:
        factor, black = 3995 / 4095, 100 / 4095
    start = time.perf_counter()
    found = images.measure_noise(noisy, (0, 4095) if change is twelve_bits else None)
    seconds = time.perf_counter() - start
    brightness = np.quantile(clean, np.linspace(0.02, 0.98, 25))
    given = np.sqrt(noise.variance(brightness))
    told = np.sqrt(found.noise.variance(factor * brightness + black)) / factor
    core, true = (getattr(n, "noise", n) for n in (found.noise, noise))
    gain = getattr(core, "gain", 0.0) / factor
    ratio = told / np.maximum(given, 1e-12)
    return {
        "sigma": 255 * np.mean(told),
        "ratio": np.median(ratio),
        "error": np.mean(np.abs(ratio - 1)),
        "level 8x8": found.levels[3] / factor / max(np.mean(given) * noise.averaged(8), 1e-12),
        "gain": gain / true.gain if getattr(true, "gain", 0) else np.nan,
        "right kind": found.noise.correlated == noise.correlated and type(core) is type(true),
        "sure": found.sure,
        "seconds": seconds,
    }


def rows_of(folder, every):
    pictures = list(clean_pictures(folder, every))
    for name, noise, change in cases():
        each = [measured(clean, noise, change, seed) for seed, clean in enumerate(pictures)]
        column = {key: np.array([one[key] for one in each], float) for key in each[0]}
        nothing = float(noise.variance(0.5)) == 0
        gains = column["gain"]
        yield {
            "data": folder.name,
            "noise": name,
            "pictures": len(each),
            "σ found": f"{np.median(column['sigma']):.2f}",
            "σ ratio": "" if nothing else f"{np.median(column['ratio']):.3f}",
            "error %": "" if nothing else f"{100 * np.median(column['error']):.1f}",
            "90 %": "" if nothing else f"{100 * np.quantile(column['error'], 0.9):.1f}",
            "8×8 ratio": "" if nothing else f"{np.median(column['level 8x8']):.2f}",
            "gain ratio": "" if np.isnan(gains).all() else f"{np.median(gains):.2f}",
            "right kind": f"{column['right kind'].mean():.2f}",
            "sure": f"{column['sure'].mean():.2f}",
            "seconds": f"{np.median(column['seconds']):.2f}",
        }


def rows_of_pairs(folder):
    """Real noise: the deviation of noisy − clean by brightness, beside what is measured."""
    for file in sorted(folder.glob("*_noisy_avg1.png")):
        noisy, clean = (
            images.unit_picture(images.read_picture(f))[0].astype("float64")
            for f in (file, file.with_name(file.name.replace("noisy_avg1", "clean_avg400")))
        )
        # Each picture was stretched by itself.
        a, b = np.polyfit(clean.ravel(), noisy.ravel(), 1)
        clean = a * clean + b
        start = time.perf_counter()
        found = images.measure_noise(noisy)
        seconds = time.perf_counter() - start
        edges = np.quantile(clean, np.linspace(0, 1, 13))
        ratios = []
        for low, high in itertools.pairwise(edges):
            inside = (clean >= low) & (clean <= high)
            true = (noisy - clean)[inside].std()
            ratios.append(np.sqrt(found.noise.variance(clean[inside].mean())) / true)
        blocks = (noisy - clean).reshape(clean.shape[0] // 8, 8, -1, 8).mean((1, 3))
        yield {
            "data": folder.name,
            "noise": file.name[:5],
            "pictures": 1,
            "σ found": f"{found.sigma:.2f}",
            "σ ratio": f"{np.median(ratios):.3f}",
            "error %": f"{100 * np.mean(np.abs(np.array(ratios) - 1)):.1f}",
            "90 %": f"{100 * np.quantile(np.abs(np.array(ratios) - 1), 0.9):.1f}",
            "8×8 ratio": f"{found.levels[3] / blocks.std():.2f}",
            "gain ratio": "",
            "right kind": "",
            "sure": f"{float(found.sure):.2f}",
            "seconds": f"{seconds:.2f}",
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--sets", nargs="*", default=[*SETS, PAIRS], help="which of them")
    parser.add_argument("--every", type=int, default=1, help="take every so-manieth picture only")
    parser.add_argument("--csv", type=Path, help="file to write")
    options = parser.parse_args()
    rows, widths = [], None
    for name in options.sets:
        folder = options.data / name
        if not folder.is_dir():
            parser.error(f"{folder} is no folder")
        found = rows_of_pairs(folder) if name == PAIRS else rows_of(folder, options.every)
        for row in found:
            if widths is None:
                widths = [max(len(key), 7) for key in row]
                widths[:2] = 24, 32
                print(*(f"{key:<{width}}" for key, width in zip(row, widths, strict=True)))
            print(*(f"{value:<{w}}" for value, w in zip(row.values(), widths, strict=True)), flush=True)
            rows.append(row)
    if options.csv:
        write_csv(options.csv, rows)


if __name__ == "__main__":
    main()

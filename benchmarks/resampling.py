"""Resampling twice in a row, and by the flow between two frames: BLADE beside interpolation.

    python benchmarks/resampling.py TEST FRAMES

writes `docs/resampling.csv`. TEST is a folder of photographs. FRAMES
has a folder for each pair of frames, `frame10.png` and `frame11.png`, and `flow10.flo` where the true
flow is known; where it is not, scikit-image's TV-L1 flow takes its place.
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np
from imagepde import tasks, training, zoo
from imagepde.images import read_picture
from imagepde.images.arrays import to_unit_range
from imagepde.images.color import luma
from imagepde.images.displacement import find_flow, read_flow
from imagepde.images.files import write_csv
from scipy import ndimage

DOCS = Path(__file__).parents[1] / "docs"
METHODS = ("bicubic", "lanczos", "blade_resample.default")
MARGIN = 8
"""What is nearer to the border in px does not count: there positions may lie outside."""


def decibels(difference):
    return -10 * np.log10(np.mean(np.square(difference)))


def photographs(source, smooth):
    """Mean PSNR of each method after one motion and after two."""
    rows = []
    for times in (1, 2):
        task = tasks.Displacement(times=times, smooth=smooth)
        found = {method: [] for method in METHODS}
        for number, picture in enumerate(source):
            given, expected = task.pair(to_unit_range(luma(picture)), number)
            for method in METHODS:
                result = np.clip(task.solution(method, given), 0, 1)
                inner = (result - expected)[MARGIN:-MARGIN, MARGIN:-MARGIN]
                found[method].append(decibels(inner))
        title = str(dataclasses.replace(task, times=1)) + (", twice" if times == 2 else "")
        means = {m: round(np.mean(found[m]), 3) for m in METHODS}
        rows.append({"what": title, **means, "share": 1.0})
        print(rows[-1], flush=True)
    return rows


def there_and_back(first, second, field):
    """PSNR of the second frame brought to the first, and of the first moved out and back again.

    What the first measures has noise, changes of light and errors of the flow in it, alike for all
    methods; the second is resampling alone, where the flow leads to and back from within the image.
    """
    known = ~np.isnan(field).any(-1)
    field = np.where(known[..., None], field, 0.0).astype("float32")
    valid = known & zoo.inside_image(field, first.shape, margin=3)
    back = backward(field)
    # Where the flow jumps there is no way back.
    trip = back + np.stack(
        [ndimage.map_coordinates(field[..., k], places(back), order=1, mode="nearest") for k in (0, 1)],
        axis=-1,
    )
    smooth = valid & zoo.inside_image(back, first.shape, margin=3) & (np.abs(trip).max(-1) < 0.02)
    rows = {"registered": {}, "there and back": {}}
    for method in METHODS:
        brought = np.clip(zoo.warp(second, field, method), 0, 1)
        rows["registered"][method] = round(decibels((brought - first)[valid]), 3)
        trip_result = zoo.warp(zoo.warp(first, field, method), back, method)
        rows["there and back"][method] = round(
            decibels((np.clip(trip_result, 0, 1) - first)[smooth]), 3
        )
    shares = {"registered": valid.mean(), "there and back": smooth.mean()}
    return [{"what": what, **values, "share": round(shares[what], 3)} for what, values in rows.items()]


def places(field):
    rows, columns = np.indices(field.shape[:2])
    return rows + field[..., 1], columns + field[..., 0]


def backward(field, iterations=20):
    """The field that leads back, b(x) = −v(x + b(x)), by fixed-point iterations."""
    back = -field
    for _ in range(iterations):
        back = -np.stack(
            [
                ndimage.map_coordinates(field[..., k], places(back), order=1, mode="nearest")
                for k in (0, 1)
            ],
            axis=-1,
        )
    return back.astype("float32")


def main(test, frames):
    source = training.open_source(test)
    rows = [*photographs(source, smooth=False), *photographs(source, smooth=True)]
    for folder in sorted(path for path in Path(frames).iterdir() if path.is_dir()):
        first, second = (to_unit_range(luma(read_picture(folder / f"frame{k}.png"))) for k in (10, 11))
        true = folder / "flow10.flo"
        field = read_flow(true) if true.is_file() else find_flow(second, first)
        kind = "true flow" if true.is_file() else "TV-L1 flow"
        for row in there_and_back(first, second, field):
            rows.append({**row, "what": f"{folder.name}, {kind}, {row['what']}"})
            print(rows[-1], flush=True)
    write_csv(DOCS / "resampling.csv", rows)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Writes what the page needs and the repository does not hold: models and example pictures.

python docs/demo/prepare.py [FOLDER [NAME …]]

The folder is `models` beside this file, if none is given, and the models are those in `SHOWN`. Each
model is exported for windows of a few fixed sizes: LiteRT in a browser runs no file whose height and
width are open.
"""

import json
import sys
import time
from pathlib import Path

from imagepde import export, images, zoo
from PIL import Image
from skimage import data

SHOWN = (
    "trd_small.gauss25",
    "eed.default",
    "blade_stable.tv_flow",
    "blade.tv_flow",
    "ced.default",
)
"""The models of the page, unless it is told others; what it must know of them it asks `zoo.traits`."""

EXAMPLES = {
    "camera": "Photographer (CC0, Lav Varshney)",
    "astronaut": "Astronaut (public domain, NASA)",
    "chelsea": "Cat (CC0, Stéfan van der Walt)",
}
"""Pictures that come with scikit-image."""


def fits(model):
    """Whether the page can show a model: it maps grey pictures to such, window by window."""
    found = zoo.traits(model)
    pictures = found.takes == found.gives == "picture" and found.magnification == 1
    return pictures and not found.needs_whole_image and model.input_shape[1:] == (None, None, 1)


def sides_of(found):
    """Sides of windows for a model with these traits, in px.

    A window must be larger than twice the reach. In a larger one less is computed twice, in a smaller
    one less in vain where a picture is small.
    """
    smallest = 128
    while smallest <= 2 * found.reach:
        smallest *= 2
    return sorted({smallest, 2 * smallest, max(512, smallest)})


def prepare(folder, names=SHOWN, tiles=None):
    """Writes models, example pictures and `models.json`, which describes them.

    Args:
        folder: Where to; it is made.
        names: Names of models of the zoo.
        tiles: Dictionary from names of models to sides of their windows, instead of `sides_of`.

    Returns:
        The contents of `models.json`.

    Raises:
        ValueError: for a model that the page cannot show.
    """
    loaded = {name: zoo.load(name) for name in names}
    for name, model in loaded.items():
        if not fits(model):
            raise ValueError(
                f"The page shows models from grey pictures to such that can be computed in windows. "
                f"Received: {name!r}."
            )
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    described = {"models": [], "examples": []}
    for name, model in loaded.items():
        found, card = zoo.traits(model), zoo.card(name)
        files = []
        for side in (tiles or {}).get(name, sides_of(found)):
            file, begin = f"{name}.{side}.tflite", time.perf_counter()
            export.export(model, folder / file, to="litert", size=(side, side))
            print(f"{file}: {time.perf_counter() - begin:.0f} s", file=sys.stderr)
            files.append({"size": side, "file": file})
        described["models"].append(
            {
                "name": name,
                "title": name,
                "task": card.task,
                "licence": card.licence,
                "halo": found.reach,
                "alignment": found.alignment,
                "smallest_side": max(images.MIN_SIDE, found.smallest_side),
                "mirrors": found.mirrors,
                "tiles": files,
            }
        )
    for name, title in EXAMPLES.items():
        Image.fromarray(getattr(data, name)()).save(folder / f"{name}.png")
        described["examples"].append({"title": title, "file": f"{name}.png"})
    # Last, so that a page that finds it finds all.
    text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    (folder / "models.json").write_text(text, encoding="utf-8")
    return described


if __name__ == "__main__":
    given, *chosen = sys.argv[1:] or [Path(__file__).parent / "models"]
    prepare(given, chosen or SHOWN)

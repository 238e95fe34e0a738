"""Writes what the page needs and the repository does not hold: models and example pictures.

python docs/demo/prepare.py [FOLDER]

The folder is `models` beside this file, if none is given. Each model is exported for windows of a few
fixed sizes: LiteRT in a browser runs no file whose height and width are open.
"""

import json
import sys
import time
from pathlib import Path

from imagepde import export, images, zoo
from PIL import Image
from skimage import data

# Sides of windows: of a larger one less is computed twice, of a smaller one less is computed in vain
# where a picture is small. Each must be larger than twice the reach of its model.
MODELS = {
    "trd_small.gauss25": {"title": "Denoise", "tiles": [256, 512]},
    "eed.default": {"title": "Edge-enhancing diffusion", "tiles": [256, 512]},
    "blade.tv_flow": {"title": "BLADE, total variation flow", "tiles": [128, 256, 512]},
    "ced.default": {"title": "Coherence-enhancing diffusion", "tiles": [512, 1024]},
}

NOT_MIRRORED = {"blade.tv_flow"}
"""Models for which a mirror image beyond the border is not the same as the border: their filters are
learned for one orientation each. A picture smaller than a window then takes more windows."""

EXAMPLES = {
    "camera": "Photographer (CC0, Lav Varshney)",
    "astronaut": "Astronaut (public domain, NASA)",
    "chelsea": "Cat (CC0, Stéfan van der Walt)",
}
"""Pictures that come with scikit-image."""


def prepare(folder, tiles=None):
    """Writes models, example pictures and `models.json`, which describes them.

    Args:
        folder: Where to; it is made.
        tiles: Dictionary from names of models to sides of their windows, instead of those in `MODELS`.

    Returns:
        What `models.json` holds.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    described = {"models": [], "examples": []}
    for name, facts in MODELS.items():
        model, card = zoo.load(name), zoo.card(name)
        files = []
        for side in (tiles or {}).get(name, facts["tiles"]):
            file, begin = f"{name}.{side}.tflite", time.perf_counter()
            export.export(model, folder / file, to="litert", size=(side, side))
            print(f"{file}: {time.perf_counter() - begin:.0f} s", file=sys.stderr)
            files.append({"size": side, "file": file})
        described["models"].append(
            {
                "name": name,
                "title": facts["title"],
                "task": card.task,
                "licence": card.licence,
                "halo": zoo.traits(model).reach,
                "alignment": zoo.traits(model).alignment,
                "smallest_side": max(images.MIN_SIDE, zoo.traits(model).smallest_side),
                "mirrors": name not in NOT_MIRRORED,
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
    prepare(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "models")

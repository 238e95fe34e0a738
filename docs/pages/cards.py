"""Model cards: a page a family, made from the cards, with a picture of what the first model does.

PYTHONPATH=docs python -m pages.cards docs            writes the pages
PYTHONPATH=docs python -m pages.cards docs --pictures draws the pictures
"""

import sys
from pathlib import Path

import numpy as np
from imagepde import images, tasks, zoo
from imagepde.layers import PROPERTIES
from imagepde.zoo import card, find_architecture, list_architectures, list_models
from imagepde.zoo.kinds import KINDS, kind_of
from skimage import data

from .models import HEAD, configuration, result_row, trained
from .plots import log_of

PAPERS = {
    "Valdivia": """@misc{valdivia2024learning,
  title = {Learning Diffusion Functions for Image Restoration},
  author = {Valdivia Ortega, Joel and Haas, Manuel and Effland, Alexander},
  year = {2024}, note = {HAL hal-04573661},
}""",
    "Arridge": """@article{arridge2020networks,
  title = {Networks for Nonlinear Diffusion Problems in Imaging},
  author = {Arridge, Simon and Hauptmann, Andreas},
  journal = {Journal of Mathematical Imaging and Vision}, year = {2020},
  doi = {10.1007/s10851-019-00901-3},
}""",
    "Schrader": """@misc{schrader2023anisotropic,
  title = {Anisotropic Diffusion Stencils: From Simple Derivations over Stability Estimates to
    ResNet Implementations},
  author = {Schrader, Karl and Weickert, Joachim and Krause, Michael},
  year = {2023}, eprint = {2309.05575}, archivePrefix = {arXiv},
}""",
    "Getreuer": """@misc{getreuer2021solving,
  title = {Solving Image PDEs with a Shallow Network},
  author = {Getreuer, Pascal and Milanfar, Peyman and Luo, Xiyang},
  year = {2021}, eprint = {2110.08327}, archivePrefix = {arXiv},
}""",
    "Chen": """@article{chen2017trainable,
  title = {Trainable Nonlinear Reaction Diffusion},
  author = {Chen, Yunjin and Pock, Thomas},
  journal = {IEEE Transactions on Pattern Analysis and Machine Intelligence}, year = {2017},
  doi = {10.1109/TPAMI.2016.2596743},
}""",
}
"""BibTeX, by a name that the `paper` of a card has in it."""

LIMITS = {
    "denoise": "White Gaussian noise of the strength in the name; `zoo.restore(photo, model)` measures "
    "and stabilises other noise first.",
    "deblock": "Trained on JPEG of the quality in the name alone.",
    "surrogate": "Grey values in [0, 1] and the parameters of the equation in the task. How far longer "
    "times and shorter steps go: [results](../blade_results.md).",
    "inpaint": "Known pixels stay as they are, with their noise.",
    "invert": "Trained on the forward process in the task, in its own discretisation.",
    "diffuse": "Pictures in [0, 1], and the time in the task.",
    "segment": "Two regions, told apart by grey value or colour alone.",
    "deblur": "The blur in the task; `zoo.deblur` takes any.",
    "upscale": "The sampling in the task; `zoo.upscale` takes others.",
    "enhance": "Meant for flow-like pictures, as fingerprints.",
}
"""What a model is not for, by what it is for."""


def families():
    """The architectures with pretrained models, those that do the same beside each other."""
    known = [name for name in list_architectures() if list_models(f"{name}.*")]
    order = list(KINDS)
    return sorted(known, key=lambda name: (order.index(kind_of(_first(name))), name))


def _first(family):
    return card(list_models(f"{family}.*")[0])


def overview():
    """The table of families, sorted by what they do, as lines of Markdown."""
    lines = [
        "| what it does | family | models | parameters | promised |",
        "|---|---|---|---|---|",
    ]
    for family in families():
        cards = [card(name) for name in list_models(f"{family}.*")]
        sizes = sorted({c.parameters for c in cards})
        span = f"{sizes[0]:,}" if len(sizes) == 1 else f"{sizes[0]:,} to {sizes[-1]:,}"
        kinds = list(dict.fromkeys(kind_of(c) for c in cards))
        promised = [p for p in PROPERTIES if any(p in c.guarantees for c in cards)]
        row = [", ".join(kinds), f"[{family}](cards/{family}.md)", str(len(cards)), span]
        lines.append(f"| {' | '.join(row)} | {', '.join(promised) or '–'} |")
    return lines


def family_page(family):
    """The card of a family as Markdown."""
    cards = [card(name) for name in list_models(f"{family}.*")]
    first, about = cards[0], find_architecture(family)
    summary = (about.build.__doc__ or "").strip().splitlines()
    kinds = list(dict.fromkeys(kind_of(c) for c in cards))
    lines = [f"# {family}", "", "Made from the model cards by `make docs`.", ""]
    lines += [summary[0], ""] if summary else []
    lines += [f"![What {first.name} does]({PICTURES}/card_{family}.jpg)", ""]
    lines += [f"- Equation: {first.equation}", f"- Paper: {first.paper}"]
    lines += [f"- For: {', '.join(KINDS[k] for k in kinds if k in KINDS)}"]
    lines += [f"- Limits: {LIMITS[k]}" for k in kinds if k in LIMITS]
    for c in cards:
        promises = [PROPERTIES[p] for p in PROPERTIES if p in c.guarantees]
        lines += [
            *("", f"## {c.name}", "", f"{c.task}.", ""),
            f"- Parameters: {c.parameters:,}; FLOPs for 256×256 pixels: {c.flops / 1e9:.3g}G",
            f"- Promised for every picture and all weights: {'; '.join(promises) or 'nothing'}",
            f"- Configuration: {configuration(c.config)}",
            f"- {trained(c)}",
            f"- Licence: {c.licence}",
            *("", "```python", "from imagepde import zoo", "", f'model = zoo.load("{c.name}")', "```"),
            *(["", *HEAD, *map(result_row, c.results)] if c.results else []),
        ]
        if log_of(c, DOCS):
            lines += ["", f"![Training of {c.name}]({PICTURES}/curve_{c.name}.png)", ""]
            lines += [f"Loss and validation, epoch by epoch: [the log](../logs/{c.name}.csv)."]
    entries = [entry for name, entry in PAPERS.items() if name in first.paper]
    if entries:
        lines += ["", "## Citation", "", "```bibtex", *entries, "```"]
    return "\n".join(lines)


PICTURES = "../figures"
DOCS = Path(__file__).parents[1]


def draw(family, folder):
    """A picture of what the first model of a family is given, and of what it makes of it."""
    name = list_models(f"{family}.*")[0]
    model, made_for = zoo.load(name), card(name).made_for
    photo = data.astronaut()[:256, 100:356] if "color" in name else data.camera()[40:296, 110:366]
    height, width = model.input_shape[1:3]
    if height is not None:  # The model is for one size.
        photo = photo[60 : 60 + height, 90 : 90 + width]
    clean = photo.astype(np.float32) / 255
    if made_for is None:
        segments = kind_of(card(name)) == "segment"
        made = zoo.segment(photo, name) if segments else zoo.restore(photo, model) / np.float32(255)
        panels = [("given", clean), (name, made.astype(np.float32))]
    else:
        task = tasks.task_of(name)
        if made_for["kind"] == "flow":
            clean = np.kron(clean, np.ones((2, 2), np.float32))
        mask = task.mask(clean, 0)
        given, wanted = task.pair(clean, 0)
        rows = [("given", task.shown(given)), (name, task.solution(model, given, mask))]
        rows.append(("wanted", wanted))
        sides = [max(np.shape(picture)[axis] for _, picture in rows) for axis in (0, 1)]
        sides = [side * max(1, 256 // min(sides)) for side in sides]  # Titles need room.
        panels = [(_title(name, u, wanted), _sized(np.asarray(u), *sides)) for name, u in rows]
    picture = images.side_by_side(panels)
    images.write_picture(Path(folder, "figures", f"card_{family}.jpg"), picture)


def _sized(picture, height, width):
    """A smaller picture with larger pixels, so that all have one size."""
    picture = picture[..., 0] if picture.ndim == 3 and picture.shape[-1] == 1 else picture
    for axis, side in ((0, height), (1, width)):
        picture = np.repeat(picture, max(1, side // picture.shape[axis]), axis)
    return picture[:height, :width]


def _title(title, picture, wanted):
    """A title with the PSNR, if there is one."""
    if title == "wanted" or np.shape(picture)[:2] != np.shape(wanted)[:2]:
        return title
    error = np.mean((np.squeeze(picture) - np.squeeze(wanted)) ** 2)
    return f"{title}: {-10 * np.log10(max(error, 1e-12)):.1f} dB"


def main(folder, what=None, *names):
    """Writes the pages, or draws the pictures, of all families or of those that are named."""
    Path(folder, "cards").mkdir(exist_ok=True)
    for family in names or families():
        if what == "--pictures":
            draw(family, folder)
        else:
            Path(folder, "cards", f"{family}.md").write_text(
                family_page(family) + "\n", encoding="utf-8"
            )


if __name__ == "__main__":
    main(*sys.argv[1:])

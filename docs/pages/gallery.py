"""The gallery: a page for each script of `docs/gallery`, with its code and the picture that it writes.

PYTHONPATH=docs python -m pages.gallery docs                     writes the pages
PYTHONPATH=docs python -m pages.gallery docs --pictures [NAMES]  runs the scripts first

A script writes NAME.png into the current folder, and prints what one sees there. The page shows the
picture as a JPEG. The scripts are in `docs/`, so that the site has the files that its pages link to.
"""

import ast
import contextlib
import io
import json
import os
import runpy
import sys
import tempfile
from pathlib import Path

from PIL import Image

TOPICS = {
    "Denoising": ("white_noise", "noise_map", "colour_noise", "jpeg_blocks"),
    "Noise of cameras": ("noise_measurement", "few_photons", "correlated_noise", "stripes"),
    "Microscopy": ("stack", "stained_tissue", "dead_pixels"),
    "Inverse problems": (
        *("deblur", "motion_blur", "upscale", "inpaint_tenth", "scratches", "few_views"),
        "own_operator",
    ),
    "Segmentation": ("contour", "noisy_shape", "colour_regions"),
    "Diffusion filters": ("four_filters", "fingerprint", "phase_separation", "edge_profiles"),
    "Surrogates and certificates": ("ten_steps", "too_long_steps", "attack", "warp"),
    "Training": ("finetune", "keras_fit"),
    "Export": ("litert", "precisions"),
    "What models have learned": ("edge_curves", "where_it_stops", "single_pixels", "fourier_states"),
}
"""The scripts by topic, in the order of the pages."""

QUALITY, MOST_BYTES = 85, 60_000
"""Of a picture on a page."""

CAPTIONS = "captions.json"


def names():
    """All scripts in their order."""
    return [name for group in TOPICS.values() for name in group]


def parts(folder, name):
    """Title, paragraph and code of a script."""
    text = (folder / f"{name}.py").read_text(encoding="utf-8")
    title, _, words = ast.get_docstring(ast.parse(text)).partition("\n\n")
    code = text[text.index('"""', 3) + 3 :].strip()
    return title, words, code


def captions(folder):
    """What the scripts printed, by name."""
    return json.loads((folder / CAPTIONS).read_text(encoding="utf-8"))


def page(folder, name):
    """The page of a script as Markdown."""
    title, words, code = parts(folder, name)
    return "\n".join(
        [
            f"# {title}",
            "",
            words,
            "",
            f"![{title}]({name}.jpg)",
            "",
            captions(folder)[name],
            "",
            "```python",
            code,
            "```",
            "",
            f"[{name}.py]({name}.py) is this script. It writes `{name}.png` into the current folder,",
            "and prints what stands below the picture.",
            "",
        ]
    )


def index(folder):
    """The page that shows all pictures, by topic, as Markdown."""
    lines = [
        "# Gallery",
        "",
        "Short scripts, each with its picture. They use pictures that come with scikit-image, or draw",
        "their own. `python docs/gallery/NAME.py` runs one in some seconds; `make figures` runs all.",
        "",
    ]
    for topic, group in TOPICS.items():
        lines += [f"## {topic}", "", '<div class="grid cards" markdown>', ""]
        for name in group:
            title = parts(folder, name)[0]
            lines += [f"-   [![{title}]({name}.jpg){{ loading=lazy }}]({name}.md)", ""]
            lines += [f"    [{title}]({name}.md)", ""]
        lines += ["</div>", ""]
    return "\n".join(lines)


def pages(folder):
    """All pages of the gallery by the name of their file."""
    folder = Path(folder)
    return {"index.md": index(folder), **{f"{name}.md": page(folder, name) for name in names()}}


def run(script):
    """Runs a script in the current folder; returns what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        runpy.run_path(str(script), run_name="__main__")
    return printed.getvalue().strip()


def shrunk(picture):
    """The bytes of the JPEG that a page shows."""
    content = io.BytesIO()
    Image.open(picture).convert("RGB").save(content, "JPEG", quality=QUALITY, optimize=True)
    return content.getvalue()


def draw(folder, name):
    """Runs a script in an empty folder, and keeps its picture and what it printed."""
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
        said, content = run(folder / f"{name}.py"), shrunk(f"{name}.png")
    if len(content) > MOST_BYTES:
        raise SystemExit(f"{name}.jpg has {len(content)} bytes; {MOST_BYTES} are allowed.")
    (folder / f"{name}.jpg").write_bytes(content)
    found = {**(captions(folder) if (folder / CAPTIONS).is_file() else {}), name: said}
    kept = {key: found[key] for key in names() if key in found}
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    (folder / CAPTIONS).write_text(text + "\n", encoding="utf-8")
    print(f"{name}: {said}", flush=True)


def main(docs, what=None, *chosen):
    """Runs scripts, all or those that are named, and writes the pages."""
    folder = Path(docs, "gallery").resolve()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for name in (chosen or names()) if what == "--pictures" else ():
        draw(folder, name)
    for file, text in pages(folder).items():
        (folder / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

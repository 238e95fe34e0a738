"""The tables within pages that are written by hand: which model for what, and what makes each table.

PYTHONPATH=docs python -m pages.choose
"""

from pathlib import Path

from imagepde import zoo
from imagepde.tasks import data_words

from .reproduce import page_rows

ROOT = Path(__file__).parents[2]

PROMISES = {
    "mean": "mean kept",
    "range": "no new extremes",
    "energy": "an energy cannot grow",
    "norm": "norm cannot grow",
    "distance": "non-expansive",
}

_NOISE = {"kind": "gaussian_noise", "sigma": 25}

ROWS = (
    ("Noise of any strength, grey", "trd.any", "bsd68", _NOISE),
    ("Noise of any strength, color", "trd_color.any", "bsds500/val", _NOISE),
    ("The same on a phone or in a page", "trd_small.any", "bsd68", _NOISE),
    ("With a proof: stable", "trd_certified.gauss25", "bsd68", _NOISE),
    ("With a proof: non-expansive", "trd_certified.gauss25_contractive", "bsd68", _NOISE),
    ("A filter whose diffusivity you can draw", "foe_s.gauss25", "bsd68", _NOISE),
    ("Blocks of JPEG, quality 10", "trd.jpeg10", "bsd68", {"kind": "jpeg", "quality": 10}),
    ("Filling in, a tenth of the pixels known", "inpainting.eed", "kodak", {"known": 10}),
    ("TV flow in ten large steps", "blade_stable.tv_flow", "kodak", {"kind": "flow", "steps": 10}),
)
"""What it is for, the model, and which of its results says how good it is."""


def result_words(name, data, task):
    """PSNR before and after, and on which pictures."""
    for found in zoo.card(name).results:
        same = {key: found["task"].get(key) for key in task} == task
        if found["data"] == {"name": data} and same:
            before, after = found["input_psnr"], found["psnr"]
            return f"{before:.1f} → **{after:.2f} dB**, {data_words(found['data'])}"
    raise SystemExit(f"{name} has no result for {data} and {task}.")


def table():
    """The table as Markdown."""
    lines = ["| for | model | result | parameters | proven |", "|---|---|---|---|---|"]
    for purpose, name, data, task in ROWS:
        promises = zoo.certificate(zoo.load(name)).promises
        proven = ", ".join(words for key, words in PROMISES.items() if key in promises) or "–"
        count = f"{zoo.card(name).parameters:,}"
        lines.append(
            f"| {purpose} | `{name}` | {result_words(name, data, task)} | {count} | {proven} |"
        )
    return "\n".join(lines)


def replaced(text, mark, new):
    """A text with another table between a mark and the next end."""
    before, begin, rest = text.partition(f"<!-- {mark} -->")
    _, end, after = rest.partition("<!-- end -->")
    return f"{before}{begin}\n\n{new}\n\n{end}{after}"


def main():
    models = table()
    for name, mark, new in (
        ("README.md", "which model for what", models),
        ("docs/choose.md", "which model for what", models),
        ("docs/reproduce.md", "tables", page_rows()),
    ):
        path = ROOT / name
        text = replaced(path.read_text(encoding="utf-8"), mark, new)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

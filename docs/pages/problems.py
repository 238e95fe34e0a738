"""The page `docs/problem_results.md`: inverse problems, segmentation and resampling, as measured."""

import sys
from pathlib import Path

from imagepde.images.files import read_csv
from imagepde.tasks import task_words
from imagepde.zoo import card

from .parts import table_head


def problems_page(folder):
    """All results of problems as Markdown, from the CSV files in `docs` and the cards."""
    read = {
        name: read_csv(Path(folder, f"{name}.csv"))
        for name in ("deblurring", "upscaling", "segmentation", "resampling")
    }
    return "\n".join(
        [
            "# Problems: results",
            "",
            "This page is made by `make docs` from the model cards and from the CSV files that",
            "`reconstruction.py`, `segmentation.py` and `resampling.py` in `benchmarks` write.",
            "[problems.md](problems.md) says what the problems are.",
            "",
            *_solved(
                "Deblurring: Gaussian of 1 px, noise of 5/255, 24 photographs of Kodak",
                "For the regularisers τ and λ τ, for Richardson–Lucy the number of iterations.",
                read["deblurring"],
            ),
            *_solved(
                "Upscaling fourfold: Gaussian of 0.4 px, no noise, 24 photographs of Kodak",
                "τ and λ τ, – for the projection. Gains are those over Lanczos interpolation.",
                read["upscaling"],
            ),
            *_inpainting(),
            *_segmentation(read["segmentation"]),
            *_resampling(read["resampling"]),
        ]
    )


def _solved(title, note, rows):
    lines = [*table_head(title, ["method", "chosen", "PSNR", "SSIM", "gain"])]
    for row in rows:
        gain = f"{row['gain']:+.2f} dB, {row['ssim_gain']:+.4f}"
        lines.append(
            f"| {row['method']} | {row['chosen']} | {row['psnr']:.2f} dB | {row['ssim']:.4f} | {gain} |"
        )
    chosen = "What is chosen has the highest PSNR on eight photographs of BSDS500 that are in no test."
    return [*lines, "", chosen, note, ""]


def _inpainting():
    columns = ["model", "known", "PSNR", "SSIM"]
    lines = [*table_head("Inpainting, 24 photographs of Kodak", columns)]
    for name in ("inpainting.homogeneous", "inpainting.eed", "reconstruction.inpaint"):
        for row in card(name).results:
            if row["data"] == {"name": "kodak"}:
                known = task_words(row["task"])
                lines.append(f"| `{name}` | {known} | {row['psnr']:.2f} dB | {row['ssim']:.4f} |")
    return [*lines, ""]


def _segmentation(rows):
    columns = ["picture", "curvature", "as the reference", "as scikit-image", "energy (4.8)", "steps"]
    lines = [*table_head("Segmentation: intersection over union", columns)]
    for row in rows:
        other = row["scikit-image"]
        other = f"{other:.3f}" if other != "" else "–"
        lines.append(
            f"| {row['picture']} | {row['method']} | {row['reference']:.3f} | {other} "
            f"| {row['energy']:.0f} | {row['steps']:.0f} |"
        )
    return [*lines, ""]


def _resampling(rows):
    columns = ["what", "bicubic", "Lanczos", "`blade_resample.default`", "pixels that count"]
    lines = [*table_head("Resampling, PSNR", columns)]
    for row in rows:
        values = (row[key] for key in ("bicubic", "lanczos", "blade_resample.default"))
        cells = " | ".join(f"{value:.2f} dB" for value in values)
        lines.append(f"| {row['what']} | {cells} | {100 * row['share']:.0f} % |")
    return [
        *lines,
        "",
        "Photographs are those of Kodak at a quarter of their size, moved by known displacements; the",
        "border of 8 px does not count. Of pairs of frames (Middlebury) the second is brought to the",
        "first, which has noise, changes of light and errors of the flow in it; and the first is moved",
        "by the flow and back again, which is resampling alone.",
        "",
    ]


if __name__ == "__main__":
    print(problems_page(sys.argv[1]))

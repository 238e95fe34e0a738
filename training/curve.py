"""The picture of a training run: loss and validation metric against the epoch."""

from pathlib import Path

from ..images.files import replacing


def draw_curve(
    rows: list[dict[str, float]], title: str, path: str | Path, metric: str = "psnr"
) -> None:
    """Draws the log of a run as a PNG.

    Args:
        rows: List of dictionaries with `epoch`, `loss` and `val_psnr`, or another metric; there may be
            none of a validation.
        title: Title of the picture.
        path: File to write, a PNG; it is replaced as a whole.
        metric: Name of the metric.
    """
    from matplotlib.figure import Figure

    epochs = [row["epoch"] for row in rows]
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.semilogy(epochs, [row["loss"] for row in rows], color="tab:grey", label="training loss")
    axes.set(title=title, xlabel="epoch", ylabel="mean square error")
    reached = [row[f"val_{metric}"] for row in rows if f"val_{metric}" in row]
    if reached:
        right = axes.twinx()
        right.plot(epochs, reached, color="tab:blue", label="validation")
        right.set_ylabel(f"validation {metric.upper()}{' / dB' if metric == 'psnr' else ''}")
    figure.legend(loc="outside lower center", ncols=2)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)

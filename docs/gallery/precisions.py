"""Smaller files

The weights of a LiteRT file can be 16 or 8 bits wide. `export` measures what that costs on the task of
the model, and refuses a loss of more than 0.1 dB.
"""

from imagepde import export, zoo
from matplotlib.figure import Figure

model = zoo.load("diffnet.pm_inverse_noise1")
sizes, losses = [], []
for precision in ("float32", "float16", "int8"):
    report = export.export(model, f"{precision}.tflite", "litert", precision, size=(96, 96))
    sizes.append(report.bytes / 1000)
    losses.append(max(report.psnr_loss or 0.0, 0.0))

figure = Figure(figsize=(7.5, 2.6), layout="constrained")
left, right = figure.subplots(1, 2)
names = ("float32", "float16", "int8")
left.bar_label(left.barh(names, sizes, color="tab:blue"), fmt="%.0f", padding=3)
left.set(xlabel="size of the file, kB", xlim=(0, 1.2 * max(sizes)))
right.bar_label(right.barh(names, losses, color="tab:orange"), fmt="%.3f", padding=3)
right.set(xlabel="loss on the task, dB", xlim=(0, 0.1))
for axis in (left, right):
    axis.invert_yaxis()
figure.savefig("precisions.png", dpi=105)
print(
    f"{model.count_params():,} weights in {sizes[0]:.0f}, {sizes[1]:.0f} and {sizes[2]:.0f} kB. "
    "The loss is that of PSNR on four photographs that the model has not seen."
)

"""A contour on its way

The model of Chan and Vese starts with a checkerboard and moves the contour until both regions are as
uniform as they can be, and the contour is short. `steps` stops it on its way.
"""

from imagepde import images, zoo
from skimage import color, data

photo = data.coins()[60:252, 60:252] / 255
panels, shares = [], {}
for steps in (5, 20, 500):
    region = zoo.segment(photo, "segmentation.blade", steps=steps, side=12)
    tinted = color.label2rgb(region.astype(int), photo, colors=["orange"], alpha=0.35, bg_label=0)
    shares[steps] = f"{100 * region.mean():.0f} %"
    panels.append((f"{steps} steps at most", tinted))
images.write_picture("contour.png", images.side_by_side(panels))
print(
    f"The brighter region, in orange, covers {shares[5]} of the picture after 5 steps, "
    f"{shares[20]} after 20, and {shares[500]} when the contour has come to rest."
)

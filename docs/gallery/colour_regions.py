"""Regions that colour tells apart

A slide with brown and white tissue, and blue nuclei in the white part. In grey the darkest nuclei are
as dark as the brown tissue. `zoo.segment` takes all channels of a picture together.
"""

from imagepde import images, zoo
from skimage import color, data, measure, segmentation

photo = data.immunohistochemistry()[150:342, 250:442] / 255
regions = {"grey": zoo.segment(color.rgb2gray(photo)), "colours": zoo.segment(photo)}
spots = {name: measure.label(~region).max() for name, region in regions.items()}
panels = [("given", photo)]
for name, region in regions.items():
    outlined = segmentation.mark_boundaries(
        photo, region.astype(int), color=(0, 0.8, 0.2), mode="thick"
    )
    panels.append((f"by {name}: {spots[name]} dark parts", outlined))
images.write_picture("colour_regions.png", images.side_by_side(panels))
print(
    f"The darker region has {spots['grey']} parts by grey values, some of them nuclei, and "
    f"{spots['colours']} by colours: the brown tissue alone."
)

"""The photographs that trainings of tests see."""

from skimage import data, io


def write(folder):
    """Twenty small colour photographs in a new folder, in JPEG and PNG, one in a folder below."""
    (folder / "more").mkdir(parents=True)
    for number, picture in enumerate([data.astronaut(), data.chelsea()] * 10):
        top, left = 7 * number, 5 * number
        name = f"{number:02d}." + ("jpg" if number % 2 else "png")
        target = folder / "more" / name if number == 3 else folder / name
        io.imsave(target, picture[top : top + 144, left : left + 150], check_contrast=False)
    return folder

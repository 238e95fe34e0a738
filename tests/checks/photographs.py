"""The photographs that trainings of tests see, for fixtures that serve several tests."""

from imagepde import training


def write(folder):
    """Twenty small colour photographs in a new folder, in JPEG and PNG; returns it as a source."""
    from skimage import data, io

    folder.mkdir()
    for number, picture in enumerate([data.astronaut(), data.chelsea()] * 10):
        top, left = 7 * number, 5 * number
        name = f"{number:02d}." + ("jpg" if number % 2 else "png")
        part = picture[top : top + 144, left : left + 150]
        io.imsave(folder / name, part, check_contrast=False)
    return training.open_source(folder)

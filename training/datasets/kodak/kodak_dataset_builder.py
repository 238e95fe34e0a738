"""Kodak, 24 photographs that never were a JPEG."""

from etils import epath

from ..picture_files import PictureFiles


class Builder(PictureFiles):
    """24 color photographs of 768×512 pixels or upright; the split is `test`."""

    code_path = epath.Path(__file__)
    pkg_dir_path = code_path.parent
    CHANNELS = 3
    HOMEPAGE = "https://r0k.us/graphics/kodak/"

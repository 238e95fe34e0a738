"""BSD68, 68 grey photographs for tests of denoisers."""

from etils import epath

from ..picture_files import PictureFiles


class Builder(PictureFiles):
    """68 grey photographs of 481×321 pixels or upright; the split is `test`."""

    code_path = epath.Path(__file__)
    pkg_dir_path = code_path.parent
    CHANNELS = 1
    HOMEPAGE = "https://github.com/cszn/DnCNN"

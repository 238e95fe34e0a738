"""Set12, twelve grey pictures for tests of denoisers."""

from etils import epath

from ..picture_files import PictureFiles


class Builder(PictureFiles):
    """Twelve grey pictures of 256×256 and 512×512 pixels; the split is `test`."""

    code_path = epath.Path(__file__)
    pkg_dir_path = code_path.parent
    CHANNELS = 1
    HOMEPAGE = "https://github.com/cszn/DnCNN"

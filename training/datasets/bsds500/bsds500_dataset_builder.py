"""BSDS500, 500 photographs of the Berkeley segmentation data set."""

from etils import epath

from ..picture_files import PictureFiles


class Builder(PictureFiles):
    """500 color photographs of 481×321 pixels or upright; splits `train`, `val` and `test`."""

    code_path = epath.Path(__file__)
    pkg_dir_path = code_path.parent
    CHANNELS = 3
    HOMEPAGE = "https://github.com/BIDS/BSDS500"

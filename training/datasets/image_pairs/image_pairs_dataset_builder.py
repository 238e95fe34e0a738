"""Pairs of pictures of one's own: as given, and as they should be."""

import numpy as np
import tensorflow_datasets as tfds
from etils import epath

from ....errors import InputError
from ....images.picture_files import read_picture
from ...sources import as_uint16

_CHANNELS = {"grey": 1, "color": 3}


class Builder(tfds.core.GeneratorBasedBuilder):
    """Pairs of files of one name, `image_pairs/SPLIT/given/NAME` and `image_pairs/SPLIT/clean/NAME`.

    They lie in TFDS's folder for manual downloads. SPLIT is any word, as `train`. 8 and 16 bits are
    kept exactly, as 16 bits.
    """

    code_path = epath.Path(__file__)
    pkg_dir_path = code_path.parent
    VERSION = tfds.core.Version("1.0.0")
    BUILDER_CONFIGS = [  # noqa: RUF012
        tfds.core.BuilderConfig(name="grey", description="One channel; color becomes grey."),
        tfds.core.BuilderConfig(name="color", description="Three channels."),
    ]
    MANUAL_DOWNLOAD_INSTRUCTIONS = (
        "Put the pairs into image_pairs/train/given and image_pairs/train/clean, under the same names."
    )

    @property
    def _channels(self):
        return _CHANNELS[self.builder_config.name]

    def _info(self):
        shape = (None, None, self._channels)
        image = {
            name: tfds.features.Image(shape=shape, dtype=np.uint16, encoding_format="png")
            for name in ("given", "clean")
        }
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict({**image, "filename": tfds.features.Text()}),
            supervised_keys=("given", "clean"),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        folder = dl_manager.manual_dir / "image_pairs"
        splits = sorted(split for split in folder.glob("*") if (split / "given").is_dir())
        if not splits:
            raise InputError(f"There is no folder train/given in {str(folder)!r}.")
        return {split.name: self._generate_examples(split) for split in splits}

    def _generate_examples(self, folder):
        for path in sorted((folder / "given").iterdir()):
            other = folder / "clean" / path.name
            pair = {
                name: as_uint16(read_picture(file), self._channels)
                for name, file in (("given", path), ("clean", other))
            }
            if pair["given"].shape != pair["clean"].shape:
                raise InputError(f"{str(path)!r} and its clean picture differ in size.")
            yield path.name, {**pair, "filename": path.name}

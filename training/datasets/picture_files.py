"""What the builders of published sets of pictures share: files by their addresses and checksums."""

from typing import Any, ClassVar

import tensorflow_datasets as tfds

from ...images.picture_files import read_picture


class PictureFiles(tfds.core.GeneratorBasedBuilder, skip_registration=True):
    """Pictures that are listed in `checksums.tsv`, in the order of their names.

    TFDS takes each file from its folder for manual downloads if it is there, and fetches it otherwise;
    the checksum of either is compared. The last column of the list is the name in that folder:
    `SET/SPLIT/FILE`, or `SET/FILE` for a set that is for tests only. A builder names its own file and
    folder, since TFDS would look for them where `imagepde` lies, which may be elsewhere.

    Attributes:
        CHANNELS: 1 for grey pictures, 3 for color.
        HOMEPAGE: Where the pictures come from.
    """

    VERSION = tfds.core.Version("1.0.0")
    CHANNELS: ClassVar[int] = 3
    HOMEPAGE: ClassVar[str] = ""

    def _info(self):
        # As PNG, since TensorFlow decodes a JPEG to other numbers than most programs.
        image = tfds.features.Image(shape=(None, None, self.CHANNELS), encoding_format="png")
        features = {"image": image, "filename": tfds.features.Text()}
        return self.dataset_info_from_configs(
            features=tfds.features.FeaturesDict(features),
            homepage=self.HOMEPAGE,
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager):
        listed = {one.filename: url for url, one in sorted(self.url_infos.items())}
        files = dl_manager.download(listed)
        splits: dict[str, dict[str, Any]] = {}
        for name in sorted(files):
            folders = name.split("/")[1:-1]
            splits.setdefault(folders[0] if folders else "test", {})[name] = files[name]
        return {split: self._generate_examples(found) for split, found in splits.items()}

    def _generate_examples(self, files):
        for name, path in files.items():
            values = read_picture(path)
            picture = values.reshape(*values.shape[:2], self.CHANNELS)
            yield name, {"image": picture, "filename": name.rsplit("/", 1)[-1]}

"""Sources, degradations and the tf.data pipeline."""

import numpy as np
import pytest
from imagepde import tasks, training
from imagepde.errors import InputError


def patches(source, count, skip=0, **changes):
    settings = {"channels": 1, "patch": 32, "batch": 2, "seed": 3, **changes}
    pairs = training.training_pairs(source, tasks.GaussianNoise(25), **settings, skip=skip)
    return [[x.numpy() for x in pair] for pair in pairs.take(count)]


def test_a_folder_is_searched_with_the_folders_in_it(photograph_folder):
    source = training.open_source(photograph_folder)
    assert source.name == "photographs"
    assert len(source) == 20
    assert all(picture.shape == (144, 150, 3) for picture in source)
    assert len(source.part([0, 5])) == 2
    assert training.open_source(photograph_folder, first=7).record == {
        "name": "photographs",
        "first": 7,
    }


def test_a_list_of_files_is_taken_in_its_order(photograph_folder, tmp_path):
    (tmp_path / "list.txt").write_text("more/03.jpg\n00.png\n")
    source = training.open_source(photograph_folder, tmp_path / "list.txt")
    assert [path.name for path in source.paths] == ["03.jpg", "00.png"]


def test_pictures_of_a_list_are_left_out_wherever_they_lie(photograph_folder, tmp_path):
    listing = tmp_path / "trained.txt"
    listing.write_text("photographs/00.png more/03.jpg 05.jpg elsewhere/07.jpg")
    source = training.open_source(photograph_folder, without=listing)
    names = {path.name for path in source.paths}
    assert len(source) == 17
    assert names.isdisjoint({"00.png", "03.jpg", "05.jpg"})
    assert "07.jpg" in names


def test_a_split_is_named_with_its_data_set(photograph_folder):
    (photograph_folder / "more").rename(photograph_folder / "val")
    assert training.open_source(photograph_folder / "val").name == "photographs/val"
    assert training.open_source(photograph_folder).name == "photographs"


def test_what_is_no_source_is_refused_before_any_work(photograph_folder, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "list.txt").write_text("nowhere.png\n")
    for arguments, message in [
        ((tmp_path / "nowhere",), "no folder"),
        ((tmp_path / "empty",), "no pictures"),
        ((photograph_folder, tmp_path / "list.txt"), "does not exist"),
        ((photograph_folder, tmp_path / "no_list.txt"), "no file"),
        ((photograph_folder, None, 0), "first"),
        (("tfds:no_such_data_set",), "cannot be opened"),
        (("tfds:stl10", "list.txt"), "not with a TFDS"),
    ]:
        with pytest.raises(InputError, match=message):
            training.open_source(*arguments)
    (photograph_folder / "text.png").write_text("no picture")
    with pytest.raises(InputError, match=r"text\.png"):
        training.open_source(photograph_folder)


def test_a_patch_depends_on_seed_and_number_alone(photograph_folder):
    source = training.open_source(photograph_folder)
    whole = patches(source, 20)
    again = patches(source, 20)
    later = patches(source, 8, skip=24)
    other = patches(source, 1, seed=4)
    for one, two in zip(whole, again, strict=True):
        np.testing.assert_array_equal(one, two)
    for one, two in zip(whole[12:], later, strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(whole[0], other[0])


def test_patches_are_crops_with_fresh_noise_of_the_right_strength(photograph_folder):
    pairs = patches(training.open_source(photograph_folder), 60, channels=3)
    noisy, clean = (np.concatenate(part) for part in zip(*pairs, strict=True))
    assert clean.shape == noisy.shape == (120, 32, 32, 3)
    assert clean.min() >= 0
    assert clean.max() <= 1
    noise = noisy - clean
    assert noise.std() == pytest.approx(25 / 255, rel=0.01)
    assert noise.mean() == pytest.approx(0, abs=1e-3)
    # Every picture comes six times; neither crop nor noise comes twice.
    assert len({c.tobytes() for c in clean}) > 110
    assert len({n.tobytes() for n in noise}) == 120


def test_pictures_that_are_too_small_are_left_out(photograph_folder):
    source = training.open_source(photograph_folder)
    with pytest.raises(InputError, match="400×400"):
        patches(source, 1, patch=400)


def test_validation_pairs_are_centres_with_noise_seeded_by_number(photograph_folder):
    source = training.open_source(photograph_folder, first=3)
    noise = tasks.GaussianNoise(25)
    pairs = list(training.validation_pairs(source, noise, 1, 64))
    assert len(pairs) == 3
    for number, (noisy, clean) in enumerate(pairs):
        assert clean.shape == (1, 64, 64, 1)
        np.testing.assert_array_equal(noisy[0], noise.degrade(clean.numpy()[0], number))


@pytest.mark.parametrize("sigma", [0, -5, 300, float("nan")])
def test_noise_of_an_impossible_strength_is_refused(sigma):
    with pytest.raises(InputError, match="sigma"):
        tasks.GaussianNoise(sigma)


@pytest.mark.slow
def test_a_tfds_data_set_is_a_source_too(tmp_path, monkeypatch):
    tfds = pytest.importorskip("tensorflow_datasets")

    class TinyPhotographs(tfds.core.GeneratorBasedBuilder):
        """Twelve noise pictures whose mean tells their number."""

        VERSION = tfds.core.Version("1.0.0")

        def _info(self):
            features = tfds.features.FeaturesDict({"image": tfds.features.Image(shape=(48, 48, 3))})
            return self.dataset_info_from_configs(features=features)

        def _split_generators(self, _):
            return {"train": self._generate_examples()}

        def _generate_examples(self):
            for number in range(12):
                yield number, {"image": np.full((48, 48, 3), 20 * number, np.uint8)}

    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(tfds, "builder", lambda name: TinyPhotographs(data_dir=tmp_path))
    source = training.open_source("tfds:tiny_photographs", first=10)
    assert source.record == {"name": "tiny_photographs/train", "first": 10}
    assert len(source) == 10
    all_pictures = [picture[0, 0, 0] for picture in source]
    some = [picture[0, 0, 0] for picture in source.part([1, 4])]
    assert some == [all_pictures[1], all_pictures[4]]
    (pair,) = patches(source, 1)
    assert pair[1].shape == (2, 32, 32, 1)


@pytest.mark.parametrize("quality", [10, 30, 95])
def test_jpeg_is_what_another_program_reads(quality):
    from io import BytesIO

    from PIL import Image
    from skimage import data

    grey = data.camera()[:100, :90]
    file = BytesIO()
    Image.fromarray(grey).save(file, format="JPEG", quality=quality)
    degraded = tasks.JpegCompression(quality).degrade(grey.astype("float32") / 255, 0)
    np.testing.assert_array_equal(np.rint(255 * degraded), np.asarray(Image.open(file)))
    colour = data.astronaut()[:64, :80].astype("float32") / 255
    degraded = tasks.JpegCompression(quality).degrade(colour, 0)
    assert degraded.shape == colour.shape
    assert 0 < abs(degraded - colour).mean() < 0.1


def test_patches_are_compressed_in_a_pipeline(photograph_folder):
    source = training.open_source(photograph_folder)
    pairs = training.training_pairs(source, tasks.JpegCompression(10), 1, 32, 4, seed=1)
    given, clean = (x.numpy() for x in next(iter(pairs)))
    degradation = tasks.JpegCompression(10)
    for one, expected in zip(given, clean, strict=True):
        np.testing.assert_array_equal(one, degradation.degrade(expected, 0))


@pytest.mark.parametrize("quality", [0, 101, 2.5, True])
def test_quality_of_jpeg_is_checked(quality):
    with pytest.raises(InputError, match="from 1 to 100"):
        tasks.JpegCompression(quality)

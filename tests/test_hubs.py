"""Presets on Hugging Face and Kaggle, with stand-ins of their clients."""

import importlib
import inspect
import shutil
import sys
import types

import pytest
from checks.presets import FILES, refused
from imagepde import training, zoo
from imagepde.errors import InputError


@pytest.fixture(params=["hf://someone/denoiser", "kaggle://someone/denoiser/keras/small"])
def hub(request, monkeypatch, tmp_path):
    """The name of a model on a hub, with a stand-in of its client that keeps uploads in a folder."""
    kept, told = tmp_path / "hub", []

    def upload(folder, **options):
        told.append(options)
        shutil.copytree(folder, kept, dirs_exist_ok=True)

    def download(handle, **options):
        assert handle == request.param.partition("://")[2]
        if not kept.exists():
            error = OSError("404 Client Error: there is no such model.")
            error.response = types.SimpleNamespace(status_code=404)
            raise error
        return str(kept)

    def model_upload(handle, local_model_dir, license_name=None, version_notes=""):
        upload(local_model_dir, handle=handle, license_name=license_name)

    huggingface_hub = {
        "create_repo": lambda repo_id, exist_ok: None,
        "snapshot_download": lambda repo_id, revision, allow_patterns: download(repo_id),
        "upload_folder": lambda repo_id, folder_path, commit_message: upload(folder_path),
    }
    kagglehub = {"model_download": download, "model_upload": model_upload}
    for package, functions in (("huggingface_hub", huggingface_hub), ("kagglehub", kagglehub)):
        module = types.ModuleType(package)
        vars(module).update(functions)
        monkeypatch.setitem(sys.modules, package, module)
    return types.SimpleNamespace(name=request.param, kept=kept, told=told)


def test_models_go_to_a_hub_and_come_back(hub, imagepde, tmp_path):
    refused(hub.name, "cannot be downloaded.*404")
    code, text = imagepde("publish", "perona_malik.gauss25", "--to", hub.name)
    assert code == 0, text
    assert sorted(file.name for file in hub.kept.iterdir()) == FILES
    assert f'zoo.load("{hub.name}")' in (hub.kept / "README.md").read_text()
    assert zoo.load(hub.name).get_weights() == zoo.load("perona_malik.gauss25").get_weights()
    assert imagepde("show", hub.name)[1].splitlines()[0] == hub.name
    assert imagepde("evaluate", hub.name, "--data", tmp_path, "--write-card")[0] == 2
    if hub.name.startswith("kaggle"):
        assert hub.told[0]["license_name"] == "Apache 2.0"
        with pytest.raises(InputError, match="On Kaggle the licence"):
            training.publish_preset("perona_malik.gauss25", hub.name, licence="my own")
    (hub.kept / "model.weights.h5").write_bytes(b"x")
    refused(hub.name, "model.weights.h5 is not what")


@pytest.mark.parametrize(
    "name",
    [
        "hf://",
        "hf://a",
        "hf://a/b/c",
        "hf://a/b c",
        "kaggle://a/b",
        "kaggle://a/b/keras/x/1/2",
        "hf:///b",
    ],
)
def test_other_forms_of_names_are_refused(name):
    with pytest.raises(InputError, match="A model is"):
        zoo.load(name)
    with pytest.raises(InputError, match="A model is"):
        training.publish_preset("perona_malik.gauss25", name)


def test_a_version_is_not_uploaded_to():
    for name in ("hf://a/b@v1", "kaggle://a/b/keras/x/2"):
        with pytest.raises(InputError, match="without a revision"):
            training.publish_preset("perona_malik.gauss25", name)


@pytest.mark.parametrize("name", ["hf://a/b", "kaggle://a/b/keras/c"])
def test_a_client_that_is_missing_is_named(name, imagepde, monkeypatch):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    code, text = imagepde("show", name)
    assert (code, text.count("\n")) == (2, 1)
    assert "pip install 'imagepde[hub]'" in text


def test_a_hub_that_does_not_answer_is_a_failure(imagepde, monkeypatch):
    def download(*arguments, **options):
        raise OSError("Name or service not known")

    client = types.ModuleType("huggingface_hub")
    client.snapshot_download = download
    monkeypatch.setitem(sys.modules, "huggingface_hub", client)
    code, text = imagepde("show", "hf://a/b")
    assert (code, text.count("\n")) == (1, 1)


def test_the_clients_have_the_functions_that_are_called():
    """Their signatures, as far as they are installed here."""
    huggingface = pytest.importorskip("huggingface_hub")
    bound = inspect.signature(huggingface.snapshot_download)
    bound.bind("a/b", revision=None, allow_patterns=[])
    inspect.signature(huggingface.create_repo).bind("a/b", exist_ok=True)
    inspect.signature(huggingface.upload_folder).bind(repo_id="", folder_path="", commit_message="")
    kaggle = pytest.importorskip("kagglehub")
    inspect.signature(kaggle.model_download).bind("a/b/keras/c")
    inspect.signature(kaggle.model_upload).bind("a", "b", license_name="", version_notes="")


def test_the_real_clients_find_presets_in_their_caches(published, tmp_path, monkeypatch):
    """Laid out as the clients keep what they downloaded; nothing is asked of the network."""
    revision = "0123456789012345678901234567890123456789"
    cache = tmp_path / "hf" / "models--someone--denoiser"
    shutil.copytree(published, cache / "snapshots" / revision)
    (cache / "refs").mkdir()
    (cache / "refs" / "main").write_text(revision)
    huggingface = pytest.importorskip("huggingface_hub")
    constants = importlib.import_module("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert huggingface.snapshot_download("someone/denoiser").endswith(revision)
    assert zoo.load("hf://someone/denoiser").card.name == "perona_malik.gauss25"
    with pytest.raises((InputError, ConnectionError), match="cannot be downloaded"):
        zoo.load("hf://someone/other")
    pytest.importorskip("kagglehub")
    cache = tmp_path / "kaggle" / "models" / "someone" / "denoiser" / "keras" / "small"
    shutil.copytree(published, cache / "3")
    (cache / "3.complete").touch()
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kaggle"))
    assert zoo.load("kaggle://someone/denoiser/keras/small/3").card.name == "perona_malik.gauss25"

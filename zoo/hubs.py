"""Hugging Face and Kaggle: presets are fetched and uploaded by the clients of their own."""

import contextlib
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import InputError, reason

HUGGING_FACE, KAGGLE = "hf://", "kaggle://"
_FORMS = {
    HUGGING_FACE: "hf://OWNER/NAME, or hf://OWNER/NAME@REVISION",
    KAGGLE: "kaggle://OWNER/MODEL/FRAMEWORK/VARIATION, and a version after it if wanted",
}
_PARTS = {HUGGING_FACE: (2,), KAGGLE: (4, 5)}

LICENCES = {
    "Apache-2.0": "Apache 2.0",
    "MIT": "MIT",
    "BSD-3-Clause": "BSD-3-Clause",
    "CC0-1.0": "CC0 1.0",
    "CC-BY-4.0": "CC BY 4.0",
    "CC-BY-SA-4.0": "CC BY-SA 4.0",
    "CC-BY-NC-4.0": "CC BY-NC 4.0",
    "CC-BY-NC-SA-4.0": "CC BY-NC-SA 4.0",
}
"""Licences by their SPDX names, and as Kaggle calls them; Hugging Face has them in small letters."""


def on_a_hub(name: str) -> bool:
    """Whether a name is one of Hugging Face or of Kaggle."""
    return name.startswith((HUGGING_FACE, KAGGLE))


def check_upload(name: str, licence: str) -> None:
    """Refuses a name to upload to, before any work.

    Args:
        name: `hf://OWNER/NAME` or `kaggle://OWNER/MODEL/FRAMEWORK/VARIATION`.
        licence: That of the weights, as `LICENCES` has it; Kaggle takes no other.

    Raises:
        InputError: for another form of name, a licence that Kaggle does not know, or a client that is
            not installed.
    """
    hub, rest = _parts(name)
    if "@" in rest or rest.count("/") + 1 != _PARTS[hub][0]:
        raise InputError(f"A model is uploaded without a revision or version. Received: {name!r}.")
    if hub == KAGGLE and licence not in LICENCES:
        known = ", ".join(LICENCES)
        raise InputError(f"On Kaggle the licence is one of {known}. Received: {licence!r}.")
    _client(hub)


def fetched(name: str, files: tuple[str, ...]) -> Path:
    """The folder with the files of a preset on a hub, which its client downloads once and keeps.

    Args:
        name: `hf://OWNER/NAME[@REVISION]` or `kaggle://OWNER/MODEL/FRAMEWORK/VARIATION[/VERSION]`.
        files: The files to get where a client can choose.

    Raises:
        InputError: for another form of name, a client that is not installed, and a model that there
            is not, or that one may not see.
        ConnectionError: if the hub does not answer.
    """
    hub, rest = _parts(name)
    client = _client(hub)
    with _in_one_line(f"{name!r} cannot be downloaded"):
        if hub == KAGGLE:
            return Path(client.model_download(rest))
        owned, _, revision = rest.partition("@")
        return Path(
            client.snapshot_download(owned, revision=revision or None, allow_patterns=list(files))
        )


def upload(folder: Path, name: str, licence: str, message: str) -> None:
    """Uploads a preset; a repository that is not there is made.

    Args:
        folder: The preset.
        name: As for `check_upload`.
        licence: Likewise.
        message: What the history of the repository says.

    Raises:
        InputError: as `check_upload`, and if one must log in first or may not write there.
        ConnectionError: if the hub does not answer.
    """
    check_upload(name, licence)
    hub, rest = _parts(name)
    client = _client(hub)
    with _in_one_line(f"{name!r} cannot be uploaded to"):
        if hub == KAGGLE:
            notes = {"license_name": LICENCES[licence], "version_notes": message}
            client.model_upload(rest, str(folder), **notes)
        else:
            client.create_repo(rest, exist_ok=True)
            client.upload_folder(repo_id=rest, folder_path=str(folder), commit_message=message)


def _parts(name: str) -> tuple[str, str]:
    """The hub of a name, and what comes after it."""
    hub = next(hub for hub in _FORMS if name.startswith(hub))
    rest = name.removeprefix(hub)
    parts = rest.partition("@")[0].split("/") if hub == HUGGING_FACE else rest.split("/")
    if len(parts) not in _PARTS[hub] or not all(parts) or any(c.isspace() for c in rest):
        raise InputError(f"A model is {_FORMS[hub]}. Received: {name!r}.")
    return hub, rest


def _client(hub: str) -> Any:
    """The package of a hub."""
    package = "kagglehub" if hub == KAGGLE else "huggingface_hub"
    try:
        return importlib.import_module(package)
    except ImportError:
        raise InputError(f"{hub} needs {package}: pip install 'imagepde[hub]' first.") from None


@contextlib.contextmanager
def _in_one_line(failed: str) -> Iterator[None]:
    """What a client raises, which is of many classes, as one of two."""
    try:
        yield
    except Exception as error:
        text = f"{failed}; check the name, the network and your login. Received: {reason(error)}."
        # An answer of the hub that says so, or a name that the client itself refuses.
        status = getattr(getattr(error, "response", None), "status_code", None)
        if isinstance(error, ValueError) or status in (400, 401, 403, 404):
            raise InputError(text) from error
        raise ConnectionError(text) from error

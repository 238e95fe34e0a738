"""What MkDocs is given beside the pages of `docs/`: README, CONTRIBUTING, CHANGELOG, API, gallery.

The files at the top of the repository are pages of the site as they stand, with links that fit there.
"""

import importlib
import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[2]
ROOMS = ("zoo", "images", "tasks", "training", "export", "explain", "layers", "pde")
FROM_TOP = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}


def on_files(files, config):
    """Adds the pages that are made when the site is built."""
    for page, source in FROM_TOP.items():
        text = at_the_top((ROOT / source).read_text(encoding="utf-8"))
        files.append(File.generated(config, page, content=text))
    for room in ROOMS:
        files.append(File.generated(config, f"reference/{room}.md", content=reference(room)))
    files.append(File.generated(config, "gallery.md", content=gallery()))
    return files


def on_page_markdown(markdown, **_):
    """Links to files that are no pages become their names."""
    return re.sub(r"\[([^\]]*)\]\(\.\./[^)]*\)", r"\1", markdown)


def at_the_top(text):
    """A file of the top folder, with links as they are from within `docs/`."""
    text = re.sub(r"\]\(docs/demo/[^)]*\)", "](serving.md)", text)
    text = text.replace("](docs/", "](").replace("](CONTRIBUTING.md)", "](contributing.md)")
    return re.sub(r"\[([^\]]*)\]\((?:CITATION\.cff|examples/[^)]*|LICENSE)\)", r"\1", text)


def reference(room):
    """A page with the public names of a room."""
    module = importlib.import_module(f"imagepde.{room}")
    lines = [f"# imagepde.{room}", "", module.__doc__.strip(), ""]
    for name in sorted(module.__all__, key=str.lower):
        if callable(getattr(module, name)):
            lines += [f"::: imagepde.{room}.{name}", ""]
    return "\n".join(lines)


def gallery():
    """The figures of all pages, each with the page that explains it."""
    lines = ["# Gallery", "", '<div class="grid cards" markdown>', ""]
    for page in sorted((ROOT / "docs").glob("*.md")):
        for words, picture in re.findall(
            r"!\[([^\]]+)\]\((figures/[^)]+)\)", page.read_text(encoding="utf-8")
        ):
            lines += [
                f"-   [![{words}]({picture}){{ loading=lazy }}]({page.name})",
                "",
                f"    {words}",
                "",
            ]
    return "\n".join([*lines, "</div>", ""])

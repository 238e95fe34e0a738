"""What MkDocs is given beside the pages of `docs/`: README, CONTRIBUTING, CHANGELOG, API, figures.

The files at the top of the repository are pages of the site as they stand, with links that fit there.
"""

import importlib
import json
import re
import sys
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[2]
TUTORIALS = ROOT / "docs" / "tutorials"
# MkDocs loads this file by its path, so that it is in no package.
sys.path.append(str(ROOT / "docs"))
notebook = importlib.import_module("pages.notebooks").notebook
ROOMS = ("zoo", "images", "tasks", "training", "export", "explain", "bulk", "layers", "pde")
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
    files.append(File.generated(config, "figures.md", content=figures()))
    for page in TUTORIALS.glob("*.md"):
        text = json.dumps(notebook(page.read_text(encoding="utf-8")), indent=1, ensure_ascii=False)
        files.append(File.generated(config, f"tutorials/{page.stem}.ipynb", content=text))
    return files


def on_page_markdown(markdown, page, **_):
    """Links to files that are no pages become their names; a tutorial gets a link to its notebook."""
    name = Path(page.file.src_uri)
    if name.parent.name == "tutorials":
        return f"{markdown}\n\nThis page as a notebook: [{name.stem}.ipynb]({name.stem}.ipynb).\n"
    if len(name.parts) > 1:  # There `../` is still within `docs/`.
        return markdown
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


def figures():
    """The figures of all pages, each with the page that explains it."""
    lines = ["# Figures of the pages", "", '<div class="grid cards" markdown>', ""]
    for page in (*sorted(TUTORIALS.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))):
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

"""Every model of the zoo in every form: size on disk, agreement, and time a megapixel.

python benchmarks/export.py write FOLDER docs/exports.csv ['trd.*' …]
python benchmarks/export.py time FOLDER docs/exports.csv ['trd.*' …]
python benchmarks/export.py page docs/exports.csv > docs/exports.md

`write` exports, and can be stopped and started again; `time` measures what was written, all files of a
model in turns, on a machine that does nothing else; `page` writes the table.
"""

import argparse
import csv
import functools
import os
import shutil
import sys
from pathlib import Path

from imagepde import export, zoo
from imagepde.errors import InputError
from imagepde.export.agreement import images_to_compare
from imagepde.export.forms import FORMS, form_of
from imagepde.images.files import replacing
from timing import fastest_in_turns, table

SIDE, SIDE_OF_SLOW = 256, 64
SLOW = ("inpainting", "reconstruction", "segmentation")
"""Architectures of up to hundreds of steps: their pictures are smaller."""

PROCESSORS = 2

LEAST, MOST, ENOUGH = 3, 30, 1.0
"""So often a file is called at least and at most, and no more after so many seconds of calls."""

FORMS_TO_WRITE = (
    ("saved_model", "float32", None),
    ("onnx", "float32", None),
    ("litert", "float32", None),
    ("litert", "float32", SIDE),
    ("litert", "float16", None),
    ("litert", "dynamic_int8", None),
    ("litert", "int8", SIDE),
)
COLUMNS = (
    "model",
    "form",
    "precision",
    "size",
    "sha256",
    "bytes",
    "difference",
    "psnr",
    "psnr_loss",
    "seconds_per_megapixel",
    "reason",
)
TITLES = {
    ("saved_model", "float32", "any"): "SavedModel",
    ("onnx", "float32", "any"): "ONNX",
    ("litert", "float32", "any"): "LiteRT",
    ("litert", "float32", "fixed"): "LiteRT, one size",
    ("litert", "float16", "any"): "float16",
    ("litert", "dynamic_int8", "any"): "dynamic int8",
    ("litert", "int8", "fixed"): "int8, one size",
}


def read(path):
    """The rows, by model, form, precision and size."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {key_of(row): row for row in csv.DictReader(file)}


def key_of(row):
    """What tells one row from another."""
    return row["model"], row["form"], row["precision"], row["size"]


def save(path, rows):
    """All rows, in order."""
    order = {key: number for number, key in enumerate(TITLES)}
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for key in sorted(rows, key=lambda k: (k[0], order[k[1:]])):
            writer.writerow(rows[key])


def side_of(name):
    """Side of the pictures on which a model is measured, and for which there is a file of one size."""
    return SIDE_OF_SLOW if name.startswith(SLOW) else SIDE


def file_of(folder, row):
    """Where an exported model is kept."""
    name = "-".join((row["model"], row["precision"], row["size"]))
    return folder / (name + FORMS[row["form"]].suffix)


def write(folder, path, patterns):
    """Exports what is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in dict.fromkeys(name for pattern in patterns for name in zoo.list_models(pattern)):
        model, sha256 = zoo.load(name), zoo.card(name).sha256 or ""
        for form, precision, side in FORMS_TO_WRITE:
            size = "fixed" if side else "any"
            row = {"model": name, "form": form, "precision": precision, "size": size, "sha256": sha256}
            known = read(path).get(key_of(row))
            if (
                known
                and known["sha256"] == sha256
                and (known["reason"] or file_of(folder, row).exists())
            ):
                continue
            shutil.rmtree(file_of(folder, row), ignore_errors=True)
            own = model.input_shape[1:3]
            sides = None if side is None else own if None not in own else (side_of(name),) * 2
            try:
                report = export.export(model, file_of(folder, row), form, precision, sides)
                row |= {"bytes": report.bytes, "difference": f"{report.difference:.2g}"}
                if report.psnr_loss is not None:
                    row |= {"psnr": f"{report.psnr:.3f}", "psnr_loss": f"{report.psnr_loss:.4f}"}
            except (InputError, export.ExportError) as error:
                row["reason"] = str(error).replace(
                    f" Nothing was left at {str(file_of(folder, row))!r}.", ""
                )
            save(path, read(path) | {key_of(row): row})
            print(*row.values(), file=sys.stderr, flush=True)


def runner(path):
    """A function of an image, which uses all processors."""
    if path.suffix != ".tflite":
        return FORMS[form_of(path)].run(path)
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=PROCESSORS)
    signature = interpreter.get_signature_runner()
    (name,) = signature.get_input_details()
    return lambda image: signature(**{name: image})


def time(folder, path, patterns):
    """Measures the files of each model in turns, several times; the fastest call counts."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:PROCESSORS])
    rows = read(path)
    for name in dict.fromkeys(name for pattern in patterns for name in zoo.list_models(pattern)):
        model = zoo.load(name)
        own = model.input_shape[1:3]
        sides = own if None not in own else (side_of(name),) * 2
        *_, (_, image) = images_to_compare(model, sides)
        mine = [row for key, row in rows.items() if key[0] == name and not row["reason"]]
        runners = [runner(file_of(folder, row)) for row in mine]
        fastest = fastest_in_turns(
            [functools.partial(run, image) for run in runners], LEAST, MOST, ENOUGH
        )
        for row, seconds in zip(mine, fastest, strict=True):
            row["seconds_per_megapixel"] = f"{seconds * 1e6 / (sides[0] * sides[1]):.3g}"
        save(path, rows)
        print(name, *(f"{seconds:.3f}" for seconds in fastest), file=sys.stderr, flush=True)


def page(path):
    """The tables of sizes and times, and what cannot be exported."""
    rows = read(path)
    names = sorted({key[0] for key in rows})

    def cells(name, text):
        found = [rows.get((name, *key)) for key in TITLES]
        return [name, *("–" if row is None or row["reason"] else text(row) for row in found)]

    header = ["model", *TITLES.values()]
    print("# Exported models\n")
    print("This page is made by `benchmarks/export.py` from [exports.csv](exports.csv), which it")
    print("writes, too. [export.md](export.md) explains the forms.\n")
    print("## Size in kB\n")
    print(table(header, [cells(n, lambda r: f"{int(r['bytes']) / 1000:.0f}") for n in names]))
    print_times(header, cells, rows, names)
    print("## What other arithmetic costs\n")
    print(
        "PSNR in float32 and what is lost, in dB, on the task of the model; at most 0.1 is let pass.\n"
    )
    lossy = [key for key in TITLES if key[1] != "float32"]

    def loss(name, key):
        row = rows.get((name, *key))
        if row is None or not row["psnr_loss"]:
            return "–"
        return f"{float(row['psnr_loss']):.3f}"

    def psnr(name):
        found = [rows.get((name, *key), {}).get("psnr") for key in lossy]
        return next((f"{float(value):.2f}" for value in found if value), None)

    body = [[n, psnr(n), *(loss(n, key) for key in lossy)] for n in names if psnr(n)]
    print(table(["model", "float32", *(TITLES[key] for key in lossy)], body))
    print("## What cannot be exported, and why\n")
    reasons = {}
    for key, row in rows.items():
        if row["reason"]:
            reasons.setdefault((TITLES[key[1:]], row["reason"]), []).append(key[0])
    for (title, reason), found in sorted(reasons.items()):
        print(f"- {title}: {', '.join(f'`{name}`' for name in sorted(found))}. {reason}")


def print_times(header, cells, rows, names):
    """The tables of times."""
    print("## Seconds a megapixel\n")
    slow = ", ".join(f"`{name}`" for name in SLOW)
    print(
        f"The fastest of as many calls as {ENOUGH:g} s has room for, of {LEAST} at least and "
        f"{MOST} at most, all files of a model in turns, on {PROCESSORS} processors. Pictures have "
        f"{SIDE}² pixels, {SIDE_OF_SLOW}² for `linear_diffusion`, {slow}. Files of one size are of "
        "this size. Per pixel of the input: upscaling computes more of them.\n"
    )
    print(table(header, [cells(n, lambda r: r["seconds_per_megapixel"] or "?") for n in names]))
    print("## int8 beside float32\n")
    print("How many times as fast a LiteRT file of one size is in int8.\n")
    print(table(["model", "float32, ms", "int8, ms", "ratio", "loss in dB"], ratios(rows, names)))


def ratios(rows, names):
    """One line for each model that has an int8 file."""
    for name in names:
        one, other = (rows.get((name, "litert", kind, "fixed")) for kind in ("float32", "int8"))
        if not one or not other or other["reason"] or not other["seconds_per_megapixel"]:
            continue
        pixels = side_of(name) ** 2
        times = [float(row["seconds_per_megapixel"]) * pixels / 1e3 for row in (one, other)]
        yield [
            name,
            *(f"{t:.0f}" for t in times),
            f"{times[0] / times[1]:.1f}",
            f"{float(other['psnr_loss']):.3f}",
        ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("write", "time", "page"):
        sub = commands.add_parser(command)
        if command != "page":
            sub.add_argument("folder", type=Path)
        sub.add_argument("csv", type=Path)
        if command != "page":
            sub.add_argument("patterns", nargs="*", default=["*"])
    given = parser.parse_args()
    if given.command == "write":
        write(given.folder, given.csv, given.patterns)
    elif given.command == "time":
        time(given.folder, given.csv, given.patterns)
    else:
        page(given.csv)

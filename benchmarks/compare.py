"""What has become slower between two profiles, by ratios within each of them.

    python benchmarks/compare.py before.csv after.csv [--most 15]

Files are those of `benchmarks/profile_families.py`. The time of a row counts in matrix products and in
copies of its own process; it is slower if it takes more of both. Exit code 1 if a row is slower by more
than `--most` per cent.
"""

import argparse
import csv
import sys

from timing import table


def units(file):
    """Time of each row in matrix products and in copies, by model, layer and side."""
    with open(file, newline="", encoding="utf-8") as lines:
        return {
            (row["model"], row["layer"], row["side"]): [
                float(row["ms"]) / float(row[unit]) for unit in ("product_ms", "copy_ms")
            ]
            for row in csv.DictReader(lines)
        }


def slower(before, after, most):
    """The rows of both that take longer by more than `most` per cent, with how many times as long.

    What machines share is not the ratio of a product to a copy, so the smaller change counts.
    """
    changes = {
        key: min(new / old for old, new in zip(before[key], after[key], strict=True))
        for key in before.keys() & after.keys()
    }
    return {key: change for key, change in changes.items() if change > 1 + most / 100}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--most", type=float, default=15, help="Per cent that a row may be slower.")
    options = parser.parse_args()
    before, after = units(options.before), units(options.after)
    common = len(before.keys() & after.keys())
    if not common:
        sys.exit("The two files have no row in common.")
    found = slower(before, after, options.most)
    print(f"{len(found)} of {common} rows are slower by more than {options.most:g} %.\n")
    if found:
        worst = sorted(found.items(), key=lambda entry: -entry[1])
        print(table(["model", "layer", "side", "times as long"], [[*k, f"{c:.2f}"] for k, c in worst]))
        sys.exit(1)


if __name__ == "__main__":
    main()

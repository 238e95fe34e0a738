"""Runs the command behind a table: make reproduce TABLE=inverse_problems DATA=FOLDER

Without a table it lists them, as `docs/reproduce.md` has it.
"""

import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

TABLES = {
    "benchmarks": "benchmarks/run_all.py",
    "exported_operations": "benchmarks/exported_operations.py",
    "inverse_problems": "benchmarks/inverse_problems.py --data DATA --sets set12 kodak --every 2",
    "large_blurs": "benchmarks/large_blurs.py",
    "large_pictures": "benchmarks/large_pictures.py",
    "noise": "benchmarks/real_noise.py --data DATA --sets set12 bsd68 --every 4",
    "noise_measurement": "benchmarks/noise_measurement.py --data DATA --sets set12 --every 4",
    "self_supervised": "benchmarks/self_supervised.py --data DATA --sets fluo_cellprofiler_human "
    "em_fibsem_medulla",
    "problem_speed": "benchmarks/problem_speed.py",
    "twelve_megapixels": "benchmarks/twelve_megapixels.py",
    "profile": "benchmarks/profile_families.py docs/profile.csv",
    "segmentation": "benchmarks/segmentation.py",
    "blade_frontier": "benchmarks/blade_frontier.py DATA/kodak targets frontier.csv frontier.png",
    "blade_horizon": "benchmarks/blade_horizon.py DATA/kodak targets horizon.csv horizon.png",
}
"""The script behind each table; DATA is the folder with the sets of pictures."""


def page_rows():
    """The tables and their commands as Markdown."""
    lines = ["| table | command |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | `python {line}` |" for name, line in TABLES.items())])


def main(table="", data=""):
    if table not in TABLES:
        raise SystemExit(f"TABLE must be one of {', '.join(TABLES)}. Received: {table!r}.")
    line = TABLES[table]
    if "DATA" in line and not Path(data).is_dir():
        raise SystemExit(f"{table} needs DATA, a folder with the sets of pictures. Received: {data!r}.")
    command = [sys.executable, *(word.replace("DATA", data) for word in shlex.split(line))]
    raise SystemExit(subprocess.run(command, cwd=ROOT, env=os.environ).returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Fuzzing of the readers: damaged and hostile files give one line of ValueError or OSError.

`python benchmarks/signals_fuzz.py --minutes 10 --reader wfdb` mutates small files of one format,
reads each in a child process under a limit of memory and of time, prints the executions and what
was found, and saves failing inputs. Without --reader all readers are fuzzed. `--json FILE` keeps
the figures. Inputs follow from the seed and their number, so that each can be made again.
"""

import argparse
import json
import multiprocessing
import os
import re
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.read import read_chunks, read_recording, record_info
from cardiotwin.signals.recording import Marks, Recording, Trace
from cardiotwin.signals.write import write_recording

#: Names and bytes of the files of one record; the first is the one that is opened.
Files = dict[str, bytes]
#: What a text number or name is replaced with.
HOSTILE = [
    *(b"0", b"-1", b"1", b"2", b"65536", b"2147483648", b"-2147483649", b"999999999999999999"),
    *(b"1000000000000", b"1e308", b"1e-308", b"nan", b"inf", b"-inf", b"", b" ", b"\0", b"#"),
    *(b"../a.dat", b"/etc/passwd", b"~", b"a", b"http://localhost/a", b"\xff\xfe", b"x" * 300),
]
#: A file of a few kilobytes that takes longer hangs.
SLOWEST_S = 5.0
#: Memory beyond what the process has before it reads: twice the bound that claims.py states.
MEMORY_BYTES = 2**29


def small_recording() -> Recording:
    """A record with all that the formats hold."""
    rng = np.random.default_rng(5)
    samples = np.round(rng.normal(size=(3, 100)), 3)
    ecg = ECG(samples_mv=samples, fs_hz=250.0, leads=("I", "II", "V1"))
    trace = Trace(name="PLETH", samples=rng.normal(size=100), fs_hz=250.0, unit="NU")
    slow = Trace(name="RESP", samples=rng.normal(size=50), fs_hz=125.0, unit="pm")
    marks = Marks(
        times_ms=np.array([40.0, 200.0, 360.0]), labels=("N", "V", "N"), notes=("(AFIB", "", "")
    )
    meta: dict[str, str | float] = {
        "age_years": 60.0,
        "sex": "female",
        "start": "2020-01-02 03:04:05",
    }
    return Recording(
        ecg=ecg, traces={"PLETH": trace, "RESP": slow}, marks={"atr": marks}, meta=meta
    )


def written(ending: str) -> Files:
    """The small record in one format, with every file that belongs to it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        write_recording(small_recording(), path, lossy=True)
        others = sorted(p for p in Path(folder).iterdir() if p != path)
        return {p.name: p.read_bytes() for p in (path, *others)}


def wfdb_seeds() -> list[Files]:
    """Our own record, one of each other format, a record of two segments, and FLAC."""
    noise = np.random.default_rng(1).integers(0, 256, 900, dtype=np.uint8).tobytes()
    seeds = [written(".hea")]
    for number in (8, 24, 32, 61, 80, 160, 212, 310, 311):
        lines = [f"a.dat {number} 200(10)/mV 12 0 5 0 0 II", f"a.dat {number} 100/uV 12 0 1 0 0 V1"]
        seeds.append({"a.hea": "\n".join(["a 2 250 100", *lines]).encode(), "a.dat": noise})
    parts = {"b.hea": b"b 1 250 50\nb.dat 16 200/mV 16 0 0 0 0 II\n", "b.dat": noise[:100]}
    fixed = {"a.hea": b"a/3 1 250 130\nb 50\n~ 30\nb 50\n", **parts}
    layout = {"l.hea": b"l 2 250 0\n~ 0 200/mV 0 0 0 0 0 II\n~ 0 200/mV 0 0 0 0 0 V5\n"}
    varying = {"a.hea": b"a/3 2 250 80\nl 0\nb 50\n~ 30\n", **layout, **parts}
    return [*seeds, fixed, varying, *flac_seed()]


def flac_seed() -> list[Files]:
    """A compressed record."""
    import soundfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.flac"
        numbers = np.random.default_rng(2).integers(-999, 999, (100, 1), dtype=np.int16)
        soundfile.write(path, numbers, 250, "PCM_16", format="FLAC")
        return [
            {"a.hea": b"a 1 250 100\na.dat 516 200/mV 16 0 0 0 0 II\n", "a.dat": path.read_bytes()}
        ]


SEEDS: dict[str, Callable[[], list[Files]]] = {
    "wfdb": wfdb_seeds,
    "edf": lambda: [written(".edf"), written(".bdf")],
    "csv": lambda: [
        written(".csv"),
        {"a.csv": b"time_s;I (uV);II [mV]\n0,0;1,5;2\n0,004;;3\n0,008;1;\n"},
    ],
    "npz": lambda: [written(".npz")],
    "dicom": lambda: [written(".dcm")],
}


def mutated(files: Files, rng: np.random.Generator) -> Files:
    """One to four changes to the files of a record."""
    changed = dict(files)
    for _ in range(int(rng.integers(1, 5))):
        name = str(rng.choice(sorted(changed)))
        change = CHANGES[int(rng.integers(len(CHANGES)))]
        changed[name] = change(changed[name], rng)[: 2**16]
    return changed


def _span(data: bytes, rng: np.random.Generator) -> tuple[int, int]:
    start = int(rng.integers(len(data) + 1))
    return start, min(len(data), start + int(rng.geometric(0.1)))


def _flipped(data: bytes, rng: np.random.Generator) -> bytes:
    changed = np.frombuffer(data, np.uint8).copy()
    if changed.size:
        places = rng.integers(changed.size, size=int(rng.integers(1, 9)))
        changed[places] ^= (1 << rng.integers(8, size=places.size)).astype(np.uint8)
    return changed.tobytes()


def _overwritten(data: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _span(data, rng)
    value = int(rng.choice([0, 1, 0x20, 0x7F, 0x80, 0xFF]))
    return data[:start] + bytes([value]) * (stop - start) + data[stop:]


def _cut(data: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _span(data, rng)
    return data[:start] + data[stop:]


def _truncated(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: int(rng.integers(len(data) + 1))]


def _repeated(data: bytes, rng: np.random.Generator) -> bytes:
    start, stop = _span(data, rng)
    return data[:stop] + data[start:stop] * int(rng.integers(1, 50)) + data[stop:]


def _inserted(data: bytes, rng: np.random.Generator) -> bytes:
    start, _ = _span(data, rng)
    new = rng.integers(0, 256, int(rng.integers(1, 20)), dtype=np.uint8).tobytes()
    return data[:start] + new + data[start:]


def _hostile(data: bytes, rng: np.random.Generator) -> bytes:
    """A word of the text replaced, padded to its length half of the time."""
    words = list(re.finditer(rb"[^\s,;/()]+", data[:4096]))
    if not words:
        return data
    word = words[int(rng.integers(len(words)))]
    new = HOSTILE[int(rng.integers(len(HOSTILE)))]
    if rng.random() < 0.5:
        new = new[: len(word[0])].ljust(len(word[0]))
    return data[: word.start()] + new + data[word.end() :]


def _number(data: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes overwritten by a whole number of 2, 4 or 8 bytes, large or small."""
    width = int(rng.choice([2, 4, 8]))
    value = int(rng.choice([0, 1, -1, 2**15 - 1, -(2**15), 255, 4096])) if width == 2 else 0
    if width > 2:
        value = int(rng.choice([0, 1, -1, 2**31 - 1, -(2**31), 2**16, 10**9]))
    start = int(rng.integers(max(1, len(data) - width)))
    return data[:start] + value.to_bytes(width, "little", signed=True) + data[start + width :]


CHANGES = (_flipped, _overwritten, _cut, _truncated, _repeated, _inserted, _hostile, _number)


def attempt(files: Files, folder: Path) -> str:
    """Read a record in every way; "" when all goes as it should, else what went wrong."""
    for old in folder.iterdir():
        old.unlink()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    path = folder / next(iter(files))
    start = time.monotonic()
    ways: tuple[Callable[[], Any], ...] = (
        lambda: read_recording(path),
        lambda: record_info(path),
        lambda: sum(1 for _ in zip(read_chunks(path, 0.1, 0.02), range(50), strict=False)),
    )
    for way in ways:
        try:
            way()
        except (OSError, ValueError) as error:
            told = str(error)
            if not told.isprintable() or not 0 < len(told) < 600 or isinstance(error, UnicodeError):
                return f"not one line: {told[:200]!r}"
        except BaseException as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(last.filename).name}:{last.lineno}"
            return f"{type(error).__name__}: {str(error)[:200]} in {place}"
    took = time.monotonic() - start
    return f"took {took:.1f} s" if took > SLOWEST_S else ""


def case(reader: str, seeds: list[Files], number: int) -> Files:
    """The input of that number."""
    rng = np.random.default_rng([number, sorted(SEEDS).index(reader)])
    return mutated(seeds[int(rng.integers(len(seeds)))], rng)


def _child(reader: str, first: int, stop: float, at: Any, found: Any) -> None:
    """Attempt one input after the other, telling the number before each."""
    warnings.simplefilter("error")
    seeds = SEEDS[reader]()
    with tempfile.TemporaryDirectory() as folder:
        attempt(seeds[0], Path(folder))  # imports count as memory of the process
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        while time.time() < stop:
            at.value = first
            told = attempt(case(reader, seeds, first), Path(folder))
            if told:
                found.put((first, told))
            first += 1
        at.value = first


def fuzz(
    reader: str, minutes: float, save: Path, first: int = 0
) -> tuple[int, list[tuple[int, str]]]:
    """Executions and findings of one reader; a child that dies or hangs is replaced."""
    context = multiprocessing.get_context("fork")
    stop, findings, begun = time.time() + 60 * minutes, [], first
    while time.time() < stop:
        at, found = context.Value("q", first), context.SimpleQueue()
        child = context.Process(target=_child, args=(reader, first, stop, at, found))
        child.start()
        before, since = first, time.time()
        while child.is_alive():
            child.join(0.2)
            findings += [found.get() for _ in iter(found.empty, True)]
            if at.value != before:
                before, since = at.value, time.time()
            if time.time() - since > 4 * SLOWEST_S:
                child.kill()
                findings.append((before, "hangs"))
                break
        child.join()
        if child.exitcode not in (0, -9):
            findings.append((at.value, f"the process died with {child.exitcode}"))
        findings += [found.get() for _ in iter(found.empty, True)]
        first = at.value + (child.exitcode != 0)
    for number, _ in findings[:20]:
        for name, data in case(reader, SEEDS[reader](), number).items():
            (save / f"{reader}_{number}").mkdir(parents=True, exist_ok=True)
            (save / f"{reader}_{number}" / name).write_bytes(data)
    return first - begun, findings


def main() -> int:
    """Fuzz, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of each reader")
    parser.add_argument("--reader", choices=sorted(SEEDS), action="append")
    parser.add_argument("--first", type=int, default=0, help="number of the first input")
    parser.add_argument("--save", type=Path, default=Path("fuzz_findings"), help="failing inputs")
    parser.add_argument("--json", type=Path, help="file with the figures, kept up to date")
    args = parser.parse_args()
    figures: dict[str, Any] = {"fuzz_executions": {}, "fuzz_minutes": {}, "fuzz_findings": {}}
    if args.json and args.json.exists():
        figures = json.loads(args.json.read_text())
    for reader in args.reader or sorted(SEEDS):
        executions, findings = fuzz(reader, args.minutes, args.save, args.first)
        print(f"{reader:6} {executions:9} executions, {len(findings)} findings", flush=True)
        for number, told in findings[:20]:
            print(f"    {number}: {told}", flush=True)
        figures["fuzz_executions"][reader] = executions
        figures["fuzz_minutes"][reader] = args.minutes
        figures["fuzz_findings"][reader] = len(findings)
    if args.json:
        import record  # lies beside this file

        figures |= record.circumstances(("numpy", "pyedflib", "pydicom"))
        args.json.write_text(json.dumps(figures, indent=1) + "\n")
    return int(any(figures["fuzz_findings"].values()))


if __name__ == "__main__":
    sys.exit(main())

"""Samples of WFDB files: bytes of each format into numbers (WFDB Applications Guide, signal(5))."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .claims import require_file, require_room, short

#: Samples and bytes of the block in which each format packs them.
_BLOCKS = {
    8: (1, 1),
    16: (1, 2),
    24: (1, 3),
    32: (1, 4),
    61: (1, 2),
    80: (1, 1),
    160: (1, 2),
    212: (2, 3),
    310: (3, 4),
    311: (3, 4),
}
_FLAC = {508: 8, 516: 16, 524: 24}
#: Bits of a number in the formats that keep one number for "no sample": the least.
_BITS = {16: 16, 24: 24, 32: 32, 61: 16, 80: 8, 160: 16, 212: 12, 310: 10, 311: 10, **_FLAC}
INVALID = {number: -(1 << (bits - 1)) for number, bits in _BITS.items()}


def is_flac(number: int) -> bool:
    """Whether a format is compressed."""
    return number in _FLAC


def require_format(header: Path, number: int) -> None:
    """Raise unless the format is known."""
    if number not in _BLOCKS and number not in _FLAC:
        known = ", ".join(map(str, [*_BLOCKS, *_FLAC]))
        msg = f"{header} states format {number}, which is unknown; known are {known}"
        raise ValueError(msg)


def held(path: Path, number: int, offset: int, signals: int) -> int:
    """Samples that a file can hold, of all signals together."""
    size = require_file(path)
    if number in _FLAC:
        with _flac(path) as file:
            require_room(path, file.frames * file.channels, size)
            return max(0, file.frames * file.channels - offset * signals)
    samples, room = _BLOCKS[number]
    whole, rest = divmod(max(0, size - offset), room)
    return whole * samples + (rest * samples) // room


def read_samples(
    path: Path, number: int, offset: int, first: int, count: int
) -> NDArray[np.integer]:
    """(count,) Numbers from the first on, as they stand in the file.

    `offset` counts bytes, as the header has it; what a last block lacks in the file is 0.
    """
    samples, room = _BLOCKS[number]
    skip = first % samples
    blocks = -(-(skip + count) // samples)
    with path.open("rb") as file:
        file.seek(offset + first // samples * room)
        data = np.frombuffer(file.read(blocks * room).ljust(blocks * room, b"\0"), np.uint8)
    return _unpack(data, number)[skip : skip + count]


def _unpack(data: NDArray[np.uint8], number: int) -> NDArray[np.integer]:
    """Whole blocks of bytes into numbers, by format."""
    match number:
        case 8:
            return data.view(np.int8)
        case 16:
            return data.view("<i2")
        case 32:
            return data.view("<i4")
        case 61:
            return data.view(">i2")
        case 80:
            return data.astype(np.int16) - 2**7
        case 160:
            return data.view("<u2").astype(np.int32) - 2**15
        case 24:
            b = data.reshape(-1, 3).astype(np.int32)
            return _signed(b[:, 0] | b[:, 1] << 8 | b[:, 2] << 16, 24)
        case 212:
            b = data.reshape(-1, 3).astype(np.int16)
            pair = [b[:, 0] | (b[:, 1] & 15) << 8, b[:, 2] | b[:, 1] >> 4 << 8]
            return _signed(np.stack(pair, axis=1).ravel(), 12)
        case 310:
            w = data.view("<u2").reshape(-1, 2).astype(np.int16)
            third = (w[:, 0] >> 11 & 31) | (w[:, 1] >> 11 & 31) << 5
            return _signed(np.stack([w[:, 0] >> 1, w[:, 1] >> 1, third], axis=1).ravel() & 1023, 10)
        case _:  # 311
            q = data.view("<u4").astype(np.int64)
            return _signed(np.stack([q, q >> 10, q >> 20], axis=1).ravel() & 1023, 10)


def _signed(numbers: NDArray[np.integer], bits: int) -> NDArray[np.integer]:
    """Numbers of that many bits, from two's complement."""
    half = 1 << (bits - 1)
    return (numbers ^ half) - half


def read_flac(path: Path, number: int, first: int, frames: int) -> NDArray[np.int32]:
    """(frames, signals) Numbers of a compressed file."""
    with _flac(path) as file:
        bits = {"PCM_S8": 8, "PCM_16": 16, "PCM_24": 24}.get(file.subtype, 99)
        if bits > _FLAC[number]:
            msg = f"{path} holds {file.subtype}, which is more than format {number} has"
            raise ValueError(msg)
        try:
            file.seek(first)
            data = file.read(frames, dtype="int32", always_2d=True)
        except Exception as error:  # soundfile has errors of its own for damaged files
            msg = f"{path} cannot be unpacked: {short(error)}"
            raise OSError(msg) from None
    if len(data) != frames:
        msg = f"{path} ends after {first + len(data)} samples; fetch it again"
        raise OSError(msg)
    return data >> (32 - bits)


def _flac(path: Path) -> Any:
    """An open FLAC file; wfdb brings the library that reads it."""
    import soundfile  # type: ignore[import-untyped]

    with path.open("rb") as start:
        if start.read(4) != b"fLaC":  # it would be tried as any kind of sound
            msg = f"{path} is no FLAC file"
            raise OSError(msg)
    try:
        return soundfile.SoundFile(path)
    except Exception as error:
        msg = f"{path} is no FLAC file: {short(error)}"
        raise OSError(msg) from None

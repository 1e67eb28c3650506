"""Unpack a zip that somebody else made: nothing outside the folder, no links, bounded size."""

import stat
import zipfile
from pathlib import Path, PurePosixPath

from .checksums import leads_out
from .places import Progress
from .whole_files import whole_file

_CHUNK = 1 << 20


def unpack(
    archive: Path, folder: Path, *, limit_mb: float, progress: Progress | None = None
) -> None:
    """Take all files out of a zip; a folder that holds all of them is left out of their paths.

    Parameters
    ----------
    archive
        A zip.
    folder
        Where the files go; each appears whole or not at all.
    limit_mb
        How much may come out, in all.
    progress
        Called with the number of files done and in all.

    Raises
    ------
    OSError
        When the zip is damaged.
    ValueError
        When a member leads out of the folder, is a link or encrypted, or too much would come out.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            members = [member for member in packed.infolist() if not member.is_dir()]
            _require_harmless(archive, members, limit_mb)
            top = _common_folder([member.filename for member in members])
            for k, member in enumerate(members, start=1):
                path = folder / PurePosixPath(member.filename).relative_to(top)
                path.parent.mkdir(parents=True, exist_ok=True)
                _take_out(packed, member, path)
                if progress is not None:
                    progress(k, len(members))
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        msg = f"{archive.name} is damaged: {error}; fetch it again"
        raise OSError(msg) from error


def _require_harmless(archive: Path, members: list[zipfile.ZipInfo], limit_mb: float) -> None:
    for member in members:
        if leads_out(member.filename):
            what = "leads out of the folder"
        elif stat.S_ISLNK(member.external_attr >> 16):
            what = "is a link"
        elif member.flag_bits & 1:
            what = "is encrypted"
        else:
            continue
        msg = f"{archive.name} was not unpacked: its member {member.filename!r} {what}"
        raise ValueError(msg)
    size_mb = sum(member.file_size for member in members) / 1e6
    if size_mb > limit_mb:
        msg = (
            f"{archive.name} was not unpacked: {size_mb:.0f} MB would come out of it, expected "
            f"at most {limit_mb:.0f}"
        )
        raise ValueError(msg)


def _common_folder(names: list[str]) -> PurePosixPath:
    """The one folder that holds all files; "." if there is none such."""
    tops = {PurePosixPath(name).parts[0] for name in names if len(PurePosixPath(name).parts) > 1}
    alone = any(len(PurePosixPath(name).parts) == 1 for name in names)
    return PurePosixPath(tops.pop()) if len(tops) == 1 and not alone else PurePosixPath()


def _take_out(packed: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    """Write one member; zipfile yields no more than the size that was checked, and its CRC."""
    with packed.open(member) as source, whole_file(path) as part, part.open("wb") as file:
        while chunk := source.read(_CHUNK):
            file.write(chunk)

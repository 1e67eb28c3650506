"""Where data lie on this machine, and what is known of a data set."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, Protocol, TypeVar

from platformdirs import user_cache_path

#: Called with what is done and what there is to do.
Progress = Callable[[int, int], None]


class Origin(Protocol):
    """Where a data set can be brought from."""

    #: What progress counts.
    unit: ClassVar[str]

    def bring(self, folder: Path, progress: Progress) -> None:
        """Put the whole data set into a folder, going on from what an earlier try left there.

        Raises
        ------
        OSError
            When it cannot be had, or is not what was expected.
        """


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """What is known of a data set.

    Attributes
    ----------
    name
        What the user types.
    kind
        The folder, in CARDIOTWIN_DATA and in the cache, that holds the folder `name`.
    licence, citation, source
        To be stated wherever the data set is used.
    size_mb
        The whole set on disk; None where it is not known.
    files
        One of them, which may be folders, in a folder shows that it holds the data set.
    origin
        Where it can be fetched from; None if it can only be put in place by hand.
    sha256
        Checksums of files that every copy of the set shares, by their path in its folder.
    """

    name: str
    kind: Literal["hearts", "ecg"]
    title: str
    licence: str
    citation: str
    source: str
    size_mb: float | None
    files: tuple[str, ...]
    origin: Origin | None = None
    sha256: Mapping[str, str] = field(default_factory=dict)

    def is_in(self, folder: Path) -> bool:
        """Whether the folder holds the data set."""
        return any((folder / file).exists() for file in self.files)

    @property
    def unit(self) -> str:
        """What the progress of a fetch counts."""
        return "" if self.origin is None else self.origin.unit

    @property
    def cached(self) -> Path:
        """The folder in the cache that it is fetched into."""
        return cache_folder() / self.kind / self.name

    def find(self) -> Path | None:
        """The folder that holds it, CARDIOTWIN_DATA before the cache; None if neither does."""
        own = data_folder()
        folders = [self.cached] if own is None else [own / self.kind / self.name, self.cached]
        return next((folder for folder in folders if self.is_in(folder)), None)

    def locate(self) -> Path:
        """The folder that holds it.

        Raises
        ------
        OSError
            When it is not on this machine; the message says what would bring it.
        """
        folder = self.find()
        if folder is not None:
            return folder
        where = f"set CARDIOTWIN_DATA to a folder that has {self.kind}/{self.name}"
        msg = f"{self.name} is not on this machine; {where}"
        if self.origin is not None:
            msg += f", or run `cardiotwin data fetch {self.name}`"
        raise OSError(msg)


Known = TypeVar("Known", bound=Dataset)


def named(name: str, known: Sequence[Known], what: str = "data set") -> Known:
    """The data set of that name.

    Raises
    ------
    ValueError
        When there is none.
    """
    for one in known:
        if one.name == name:
            return one
    msg = f"no {what} is called {name!r}; there are {', '.join(one.name for one in known)}"
    raise ValueError(msg)


def cache_folder() -> Path:
    """Where fetched data lie: CARDIOTWIN_CACHE if set, else the user's cache folder."""
    chosen = os.environ.get("CARDIOTWIN_CACHE")
    return Path(chosen) if chosen else user_cache_path("cardiotwin")


def data_folder() -> Path | None:
    """CARDIOTWIN_DATA, where it is set.

    Raises
    ------
    OSError
        When it is set to something that is not a folder.
    """
    chosen = os.environ.get("CARDIOTWIN_DATA")
    if not chosen:
        return None
    if not Path(chosen).is_dir():
        msg = f"CARDIOTWIN_DATA is {chosen!r}, which is not a folder; correct or unset it"
        raise OSError(msg)
    return Path(chosen)

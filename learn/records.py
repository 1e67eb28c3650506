"""Records of any data set as torch data: streamed, shuffled by a seed alone, twelve slots each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from ..signals.leads import derive_leads, twelve_slots
from ..signals.recording import Recording
from ..signals.records import Record
from ..signals.resample import resample

#: Reads the signals of a record: `EcgDataset.load`.
Load = Callable[[Record], Recording]
#: Makes an array of one shape of each recording, such as (12, t), and a mask of its rows.
Transform = Callable[[Recording], tuple[NDArray[np.float32], NDArray[np.bool_]]]


class Sample(NamedTuple):
    """One record as tensors."""

    samples_mv: (
        torch.Tensor
    )  #: (12, t) float32, 0 in empty slots and gaps; or as the transform says
    present: torch.Tensor  #: (12,) bool, which slots are filled
    labels: torch.Tensor  #: (classes,) float32, 1 where the record has the label
    place: torch.Tensor  #: () int64, place in the sequence of records


class Batch(NamedTuple):
    """Several records as tensors."""

    samples_mv: torch.Tensor  #: (k, 12, t) float32
    present: torch.Tensor  #: (k, 12) bool
    labels: torch.Tensor  #: (k, classes) float32
    place: torch.Tensor  #: (k,) int64, places in the sequence of records


@dataclass(frozen=True, kw_only=True)
class TwelveLeads:
    """A transform: the ECG in twelve slots by the names of its leads, at one rate and length.

    Attributes
    ----------
    fs_hz
        Samples a second.
    duration_s
        Longer ECGs lose what comes after, shorter ones end in zeros.
    derive
        Fill limb leads that follow from others.
    stand_ins
        Leads that may fill the slot of another where that one is missing, such as
        {"MLII": "II"} of Holter records, or {"ECG ECG": "I"} where the file does not say more.

    Raises
    ------
    ValueError
        When rate or length is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> from cardiotwin.signals import ECG
    >>> ecg = ECG(samples_mv=np.ones((2, 3600)), fs_hz=360.0, leads=("V5", "MLII"))
    >>> transform = TwelveLeads(fs_hz=100.0, duration_s=5.0, stand_ins={"MLII": "II"})
    >>> samples_mv, present = transform(Recording(ecg=ecg))
    >>> samples_mv.shape, int(present.sum())
    ((12, 500), 2)
    """

    fs_hz: float = 100.0
    duration_s: float = 10.0
    derive: bool = False
    stand_ins: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.fs_hz > 0 and self.duration_s > 0):
            msg = f"fs_hz and duration_s must be positive, got {self.fs_hz} and {self.duration_s}"
            raise ValueError(msg)

    def __call__(self, recording: Recording) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """(12, t) in mV, 0 where there is nothing, and (12,) which slots are filled.

        Raises
        ------
        ValueError
            When there is no ECG, or none of its leads has a slot.
        """
        ecg = recording.ecg
        if ecg is None:
            msg = f"record {recording.meta.get('record', '')} has no ECG"
            raise ValueError(msg)
        ecg = ecg.cut(0.0, min(ecg.duration_ms, self.duration_s * 1000.0))
        ecg = ecg if ecg.fs_hz == self.fs_hz else resample(ecg, self.fs_hz)
        ecg = replace(ecg, leads=self._names(ecg.leads))
        found_mv, present = twelve_slots(derive_leads(ecg) if self.derive else ecg)
        samples_mv = np.zeros((12, round(self.fs_hz * self.duration_s)), dtype=np.float32)
        count = min(samples_mv.shape[1], found_mv.shape[1])
        samples_mv[:, :count] = np.nan_to_num(found_mv[:, :count])
        return samples_mv, present

    def _names(self, leads: Sequence[str]) -> tuple[str, ...]:
        """Names of the leads, where a stand-in has that of the lead it stands for."""
        names = list(leads)
        for k, name in enumerate(leads):
            wanted = self.stand_ins.get(name)
            if wanted is not None and wanted not in names:
                names[k] = wanted
        return tuple(names)


class RecordStream(IterableDataset[Batch]):
    """Records in batches, read as they are asked for; one batch at a time is in memory.

    With `shuffle` the order follows from the seed and the epoch alone. The k-th of w workers takes
    every w-th batch from the k-th on, so that the batches are the same for any w.

    Parameters
    ----------
    records
        Of any data set; their order is the place of a `Sample`.
    load
        Reads one: `EcgDataset.load`.
    size
        Records a batch; the last one may have fewer.
    classes
        Labels, in the order of the target.
    transform
        From a recording to arrays of one shape; None takes `TwelveLeads()`.
    shuffle
        Another order in each epoch.
    seed
        Of the orders.

    Raises
    ------
    ValueError
        When there are no records, or the size is not positive.
    """

    def __init__(
        self,
        records: Sequence[Record],
        load: Load,
        *,
        size: int = 32,
        classes: Sequence[str] = (),
        transform: Transform | None = None,
        shuffle: bool = False,
        seed: int = 0,
    ) -> None:
        if not records:
            msg = "there are no records to stream"
            raise ValueError(msg)
        if size < 1:
            msg = f"size must be at least 1, got {size}"
            raise ValueError(msg)
        self.records = tuple(records)
        self.load = load
        self.size = size
        self.classes = tuple(classes)
        self.transform = transform or TwelveLeads()
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = 0

    def __len__(self) -> int:
        """Batches in one epoch."""
        return -(-len(self.records) // self.size)

    def order(self) -> list[int]:
        """Places of the records of this epoch, in their order."""
        if not self.shuffle:
            return list(range(len(self.records)))
        rng = np.random.default_rng((self.seed, self.epoch))
        return [int(k) for k in rng.permutation(len(self.records))]

    def __iter__(self) -> Iterator[Batch]:
        """The batches of this worker, or all."""
        worker = get_worker_info()
        first, step = (0, 1) if worker is None else (worker.id, worker.num_workers)
        order = self.order()
        for k in range(first, len(self), step):
            places = order[k * self.size : (k + 1) * self.size]
            yield _stacked([self.sample(place) for place in places])

    def sample(self, place: int) -> Sample:
        """One record as tensors."""
        record = self.records[place]
        samples_mv, present = self.transform(self.load(record))
        return Sample(
            torch.from_numpy(samples_mv),
            torch.from_numpy(present),
            torch.tensor([float(name in record.labels) for name in self.classes]),
            torch.tensor(place),
        )


def batches(stream: RecordStream, *, workers: int = 0, epoch: int = 0) -> Iterator[Batch]:
    """Batches of one epoch, the same for any number of workers.

    Parameters
    ----------
    stream
        Of any data set.
    workers
        Processes that read, each up to two batches ahead; 0 reads here.
    epoch
        Number of the order.
    """
    stream.epoch = epoch
    # The loader takes turns over its workers, which restores the order of the batches.
    loader: DataLoader[Batch] = DataLoader(
        stream,
        batch_size=None,
        num_workers=workers,
        worker_init_fn=_one_thread if workers else None,
        multiprocessing_context="forkserver" if workers else None,
    )
    yield from loader


def _stacked(samples: Sequence[Sample]) -> Batch:
    return Batch(*(torch.stack(part) for part in zip(*samples, strict=True)))


def _one_thread(_: int) -> None:
    """Workers share the machine: more threads each only make them wait for each other."""
    torch.set_num_threads(1)

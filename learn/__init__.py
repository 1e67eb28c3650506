"""What every model shares: records as torch data."""

from .records import Batch, RecordStream, TwelveLeads, batches

__all__ = ["Batch", "RecordStream", "TwelveLeads", "batches"]

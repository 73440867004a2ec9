"""ELAN's annotation files (.eaf): annotations into clips, transcripts into tiers."""

from signnet.formats.elan.importing import sources
from signnet.formats.elan.writing import NewTier, write_eaf

__all__ = ["NewTier", "sources", "write_eaf"]

"""overread: a self-hosted medical image annotation job, from end to end."""

from importlib.metadata import version

__version__ = version("overread")

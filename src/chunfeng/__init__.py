"""春风 Chunfeng: from the files that departments send to every person helped."""

__version__ = "0.1.0"

"""What job titles mean in occupations of the 2022 dictionary: a model learnt from labelled titles.

`SOURCES.toml` says from which titles and by which script; `engines.matching.occupations` reads the file.
"""

from __future__ import annotations

from chunfeng.reference.data_files import HERE


def packed() -> bytes:
    """The model file."""
    return (HERE / "titles" / "occupations.model.gz").read_bytes()

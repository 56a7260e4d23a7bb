"""What of a DICOM file beside its pixels leaves the decoder: an allow-list, nothing else."""

import msgspec


class Facts(msgspec.Struct, frozen=True):
    """Kept after PS3.15 Annex E by naming what stays, never what goes.

    `kept` is safe to store: closed terms and bands, no text of the file's own. `patient`, `study`
    and `instance` are the file's identifiers as they stand: they are hashed with the
    installation's secret before anything is stored, and never printed. With `accession` they are
    sealed for the custodian, where there is one.
    """

    kept: dict[str, str]
    patient: str = ""
    study: str = ""
    instance: str = ""
    accession: str = ""

    def __repr__(self) -> str:
        return "Facts()"

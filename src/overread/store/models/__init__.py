"""The tables, one file per stage. Fields and constraints; verbs live in flows."""

from overread.store.models.aggregation import Consensus, ModelFit, Posterior
from overread.store.models.audit import AuditEntry
from overread.store.models.design import DesignVersion, Job, TestQuestion, TestQuestionVersion
from overread.store.models.export import DatasetVersion
from overread.store.models.imported import ImportedContributor, ImportedJudgment, ImportedUnit
from overread.store.models.intake import (
    Blob,
    Discarded,
    Image,
    Intake,
    Patient,
    Rendition,
    Resemblance,
    Study,
    Unit,
    UnitImage,
)
from overread.store.models.judging import (
    Contest,
    Judgment,
    Page,
    PageDraft,
    Participation,
    Remark,
    Report,
    Slot,
)
from overread.store.models.people import Membership, SignInLink, Team, User
from overread.store.models.privacy import Custodian, Erasure, Identity

__all__ = [
    "AuditEntry",
    "Blob",
    "Consensus",
    "Contest",
    "Custodian",
    "DatasetVersion",
    "DesignVersion",
    "Discarded",
    "Erasure",
    "Identity",
    "Image",
    "ImportedContributor",
    "ImportedJudgment",
    "ImportedUnit",
    "Intake",
    "Job",
    "Judgment",
    "Membership",
    "ModelFit",
    "Page",
    "PageDraft",
    "Participation",
    "Patient",
    "Posterior",
    "Remark",
    "Rendition",
    "Report",
    "Resemblance",
    "SignInLink",
    "Slot",
    "Study",
    "Team",
    "TestQuestion",
    "TestQuestionVersion",
    "Unit",
    "UnitImage",
    "User",
]

"""The tables: what is kept, one class a table.

Only `activities.record` writes an appraisal's state, its events and its outbox. Instants are `timestamptz` in UTC, ids are opaque
UUIDs kept as text, what the law may have to erase stands apart from what the trail hashes.
"""

from __future__ import annotations

from models.tables.appraisals import AppraisalRow, ArchiveRow, DraftRow, EventRow, FormCopyRow, OutcomeRow, TextRow
from models.tables.columns import Json
from models.tables.cycles import (
    CycleEventRow,
    CycleRow,
    IndicatorRow,
    OutageRow,
    PolicyBeforeRow,
    UnitLabelRow,
    WindowRow,
)
from models.tables.exchange import PushRow
from models.tables.feedback import (
    DaySaltRow,
    FeedbackRequestRow,
    FeedbackRow,
    RemarkRow,
    TeamMemberRow,
    TeamRow,
)
from models.tables.follow_ups import FollowUpRow
from models.tables.hooks import HookCursorRow, HookEndpointRow, HookRow
from models.tables.outbox import DigestRow, NoticeRow, NudgeRow, ReceiptRow
from models.tables.participation import AcknowledgementRow, CommentRow, ConsultationRow
from models.tables.people import (
    ActingRow,
    AgencyDayRow,
    AgencyEventRow,
    CreditOpeningRow,
    DelegationRow,
    EarlierYearRow,
    GrantRow,
    PersonnelChangeRow,
    PersonRow,
    RecusalRow,
    RevisionRow,
    ServiceElsewhereFileRow,
    ServiceElsewhereRow,
    TenureRow,
    TrainingRow,
    UnitRow,
)
from models.tables.programmes import ProgrammeEventRow, ProgrammeRow
from models.tables.year_log import EvidenceRow, LogEntryRow, ObservationRow

__all__ = [
    "AcknowledgementRow",
    "ActingRow",
    "AgencyDayRow",
    "AgencyEventRow",
    "AppraisalRow",
    "ArchiveRow",
    "CommentRow",
    "ConsultationRow",
    "CreditOpeningRow",
    "CycleEventRow",
    "CycleRow",
    "DaySaltRow",
    "DelegationRow",
    "DigestRow",
    "DraftRow",
    "EarlierYearRow",
    "EventRow",
    "EvidenceRow",
    "FeedbackRequestRow",
    "FeedbackRow",
    "FollowUpRow",
    "FormCopyRow",
    "GrantRow",
    "HookCursorRow",
    "HookEndpointRow",
    "HookRow",
    "IndicatorRow",
    "Json",
    "LogEntryRow",
    "NoticeRow",
    "NudgeRow",
    "ObservationRow",
    "OutageRow",
    "OutcomeRow",
    "PersonRow",
    "PersonnelChangeRow",
    "PolicyBeforeRow",
    "ProgrammeEventRow",
    "ProgrammeRow",
    "PushRow",
    "ReceiptRow",
    "RecusalRow",
    "RemarkRow",
    "RevisionRow",
    "ServiceElsewhereFileRow",
    "ServiceElsewhereRow",
    "TeamMemberRow",
    "TeamRow",
    "TenureRow",
    "TextRow",
    "TrainingRow",
    "UnitLabelRow",
    "UnitRow",
    "WindowRow",
]

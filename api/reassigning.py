"""Who may be put in a supervisor's place on one appraisal, and when there is something to take back."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from api.loading import Loaded
from api.named import SUPERIORS
from api.problems import FieldProblem, Problem
from models.appraisal import Snapshot
from models.language import Bilingual
from models.line import why_not_superior
from models.vocabulary import Zone
from models.workdays import local_day

SENTENCES = SUPERIORS | {
    "recused": Bilingual(
        id="Pejabat ini memiliki hubungan pribadi dengan pegawai tersebut, jadi tidak menilainya.",
        en="This officer is close to this person and does not rate her.",
    ),
    "not_reassigned": Bilingual(
        id="Penilaian ini tidak dialihkan dan atasannya tidak dipersoalkan, jadi tidak ada yang dikembalikan.",
        en="This appraisal is not reassigned and its supervisor is not disputed, so there is nothing to take back.",
    ),
}


def check_superior(loaded: Loaded, snapshot: Snapshot, supervisor: object, now: datetime, caller: str) -> None:
    """Raises `invalid_input` where that person cannot supervise her from today; None stands for the line as it is.

    To go back to the line also settles a dispute: the supervisor it names is the right one.
    """
    if supervisor is None:
        code = None if snapshot.supervisor_override is not None or snapshot.disputed else "not_reassigned"
    else:
        today = local_day(now, Zone(str(loaded.row["zone"])))
        code = why_not_superior(UUID(snapshot.subject), UUID(str(supervisor)), today, loaded.agency.line)
        if code is None and str(supervisor) == caller and not _led(loaded, snapshot, today, caller):
            code = "oneself"
        code = "recused" if code is None and str(supervisor) in loaded.around.recused else code
    if code is not None:
        raise Problem("invalid_input", errors=[FieldProblem("/supervisor", code, SENTENCES[code])])


def _led(loaded: Loaded, snapshot: Snapshot, today: date, caller: str) -> bool:
    """Whether the line that this appraisal goes by brings her to the caller without HR's word."""
    by_line = loaded.agency.parties_of(snapshot.model_copy(update={"supervisor_override": None}), today)
    return UUID(caller) in (by_line.supervisor.person_id, by_line.senior.person_id)

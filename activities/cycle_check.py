"""What stands against opening a cycle, found before anybody is told: blockers, and warnings with whom they are about.

Nothing is changed by looking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from activities.consultation import Heard
from activities.enrolment import IN_ANOTHER_CYCLE, NO_SUPERVISOR, Scope
from activities.people import Agency
from models.language import Bilingual
from models.line import loops
from models.policy import PolicyPack
from models.vocabulary import GrantedRole

SENTENCES: Mapping[str, Bilingual] = {
    "nobody_in_scope": Bilingual(
        id="Tidak ada pegawai dalam cakupan siklus ini. Impor daftar pegawai atau ubah unitnya.",
        en="Nobody is in the scope of this cycle. Import the roster or choose other units.",
    ),
    "loop_in_line": Bilingual(
        id="Garis atasan melingkar, sehingga tidak ada yang dapat menilai. Perbaiki atasan salah satu pegawai ini.",
        en="The line of supervisors is a loop, so nobody can rate. Correct the supervisor of one of these people.",
    ),
    "nobody_is_hr": Bilingual(
        id="Tidak ada pegawai dengan peran hr, sehingga tidak ada yang menangani daftar kerja.",
        en="Nobody holds the role hr, so nobody would work on the worklist.",
    ),
    "consultation_not_held": Bilingual(
        id="Kebijakan siklus ini mensyaratkan konsultasi kriteria, tetapi konsultasinya belum diadakan.",
        en="This cycle's policy asks for a consultation on its criteria, and none was held.",
    ),
    "consultation_not_over": Bilingual(
        id="Konsultasi kriteria masih berlangsung sampai {until}.",
        en="The consultation on the criteria lasts until {until}.",
    ),
    "comments_unanswered": Bilingual(
        id="Masukan pegawai ini atas kriteria belum dijawab.",
        en="Comments of these people on the criteria have not been answered.",
    ),
    "only_one_hr": Bilingual(
        id="Hanya satu pegawai berperan hr, dan ia tidak dapat menangani penilaiannya sendiri.",
        en="Only one person holds the role hr, and nobody can handle an appraisal of his own.",
    ),
    "nobody_is_pyb": Bilingual(
        id="Pegawai ini dinilai pejabat di luar daftar, tetapi tidak ada pyb lain yang bertindak untuknya.",
        en="These people are rated by somebody outside the roster, but no other pyb can act for him.",
    ),
    "no_supervisor": Bilingual(
        id="Pegawai ini tidak mempunyai atasan yang dapat menilai dan tidak diikutkan.",
        en="Nobody is eligible to rate these people; they are left out.",
    ),
    "in_another_cycle": Bilingual(
        id="Pegawai ini sudah mempunyai penilaian yang berjalan pada tahun yang sama dan tidak diikutkan.",
        en="These people already have an appraisal of the same year; they are left out.",
    ),
    "no_appeal_authority": Bilingual(
        id="Tidak ada pejabat yang dapat memutus keberatan pegawai ini. Tetapkan pyb.",
        en="Nobody could decide an objection of these people. Grant somebody the role pyb.",
    ),
}


@dataclass(frozen=True)
class Finding:
    """`people` are NIPs."""

    code: str
    message: Bilingual
    people: tuple[str, ...] = ()
    blocks: bool = False


def check_cycle(scope: Scope, agency: Agency, pack: PolicyPack) -> list[Finding]:
    """What the people of a cycle bring up, blockers first; the calendar is `calendar_check`'s, their say `check_consultation`'s."""
    return [*_blockers(scope, agency), *_warnings(scope, agency, pack)]


def check_consultation(heard: Heard, pack: PolicyPack, today: date) -> Iterator[Finding]:
    """What is left of hearing people about their criteria: it blocks where the pack asks for a consultation, else it is a warning.

    `today` is the day in the west of the country, where it ends last.
    """
    asked = pack.participation.consultation
    if heard.span is None:
        if asked:
            yield _found("consultation_not_held", blocks=True)
        return
    if not heard.span.over(today):
        yield _found("consultation_not_over", blocks=asked, until=heard.span.last.isoformat())
    if heard.unanswered:
        yield _found("comments_unanswered", heard.unanswered, blocks=asked)


def _found(code: str, people: tuple[str, ...] = (), *, blocks: bool = False, **words: str) -> Finding:
    return Finding(code, SENTENCES[code].fill(**words), people, blocks)


def _blockers(scope: Scope, agency: Agency) -> Iterator[Finding]:
    if not scope.nips:
        yield _found("nobody_in_scope", blocks=True)
    if not agency.holders(GrantedRole.HR, scope.day):
        yield _found("nobody_is_hr", blocks=True)
    looped = {str(person) for loop in loops(agency.line, scope.day) for person in loop}
    if people := tuple(nip for person, nip in scope.nips.items() if person in looped):
        yield _found("loop_in_line", people, blocks=True)


def _warnings(scope: Scope, agency: Agency, pack: PolicyPack) -> Iterator[Finding]:
    if len(agency.holders(GrantedRole.HR, scope.day)) == 1:
        yield _found("only_one_hr")
    without: dict[str, list[str]] = {
        "nobody_is_pyb": [],
        NO_SUPERVISOR: [],
        IN_ANOTHER_CYCLE: [],
        "no_appeal_authority": [],
    }
    for person, nip in scope.nips.items():
        why = scope.left_out.get(person)
        if why is not None:
            without[why].append(nip)
        around = agency.parties(person, scope.day)
        if why == NO_SUPERVISOR and around.supervisor.outside:
            without["nobody_is_pyb"].append(nip)
        if why is None and pack.stages.appeal and not around.appeal:
            without["no_appeal_authority"].append(nip)
    for code, people in without.items():
        if people:
            yield _found(code, tuple(people))

"""Who somebody is to one appraisal, by the rows of that day. The one source of every 'may'.

The subject is only ever the employee, whatever else she is in the agency: nobody acts on herself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict, Unpack
from uuid import UUID

from models.appraisal import Snapshot
from models.line import Line, Officer
from models.officers import appeal_authorities, senior_on, supervisor_on
from models.past_line import LineOf
from models.vocabulary import Ending, Form, GrantedRole, Role, StandIn, State


@dataclass(frozen=True)
class Parties:
    """The officers of one appraisal on one day; `appeal` in the order in which a late decision is handed on.

    `let_pass` are those who had the decision and let it pass, the last one last: it is the next one's who has not. The `level` of the
    methods is how often it was handed on; where that is more often than `let_pass` names, so many more at the head are passed over.

    `delegates` are those who act for an officer that day, by the officer's id, without the subject and without whoever may not decide.
    `hr` is who holds that role in place of the only HR officer, where she is the subject. `recused` are those who stepped back from her:
    they stand in none of these places.
    """

    subject: str
    supervisor: Officer
    senior: Officer
    appeal: tuple[Officer, ...]
    let_pass: tuple[str, ...] = ()
    delegates: Mapping[Role, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    hr: frozenset[str] = frozenset()
    recused: frozenset[str] = frozenset()
    answers: Officer | None = None
    """Who has the supervisor's part in his place: the senior supervisor, while the answer to an objection is waited for that she rated.

    Also where a reassignment since put another above her: the one of when she did still is.
    """

    @property
    def officers(self) -> frozenset[str]:
        """Everybody whom the line gives, without who acts for one of them."""
        found = (_id(officer) for officer in (self.supervisor, self.senior, *self.appeal))
        return frozenset(one for one in found if one is not None)

    @property
    def superior(self) -> str:
        """Whose post her supervisor is in; empty where nobody is. It changes with the line, not with who acts there for a while.

        Where its holder stepped back from her and the next superior is asked, that is another's.
        """
        post = self.supervisor.post
        stepped_back = self.supervisor.skipped > 0 and str(post) in self.recused
        return str((None if stepped_back else post) or self.supervisor.person_id or "")

    def person_in(self, role: Role, level: int = 0) -> str | None:
        """The person who holds a role that belongs to exactly one; None for roles of many, or where nobody is left."""
        if role is Role.EMPLOYEE:
            return self.subject
        officer = self.officer_in(role, level)
        return None if officer is None else _id(officer)

    def officer_in(self, role: Role, level: int = 0) -> Officer | None:
        """Who stands in a role that the line gives, and how; None for the other roles, or where nobody is left."""
        match role:
            case Role.SUPERVISOR:
                return self.answers or self.supervisor
            case Role.SENIOR:
                return self.senior
            case Role.APPEAL_AUTHORITY:
                return self._decider(level)
        return None

    def _decider(self, level: int) -> Officer | None:
        """Whose the decision is; with the last to let it pass it stays."""
        left = [officer for officer in self.appeal if _id(officer) not in self.let_pass]
        if left:
            return left[min(self._unnamed(level), len(left) - 1)]
        known = {_id(officer): officer for officer in self.appeal}
        return next((known[one] for one in reversed(self.let_pass) if one in known), None)

    def _unnamed(self, level: int) -> int:
        return max(0, level - len(self.let_pass))

    def passed_by_all(self, level: int) -> bool:
        """Whether every authority there is has let the decision pass."""
        left = sum(_id(officer) not in self.let_pass for officer in self.appeal)
        return bool(self.appeal) and left <= self._unnamed(level)

    def delegates_in(self, role: Role, level: int = 0) -> tuple[str, ...]:
        """Who may act in that role today for the person who holds it."""
        lent = self.delegates.get(role)
        return lent.get(self.person_in(role, level) or "", ()) if lent else ()

    def on_behalf_of(self, actor: str, role: Role, level: int = 0) -> str | None:
        """Whose right it is that this actor uses in this role: the one he acts for, or the supervisor who was taken over."""
        if role in LENT:
            holder = self.person_in(role, level)
            if actor != holder and actor in self.delegates_in(role, level):
                return holder
        return self.person_in(Role.SUPERVISOR) if role is Role.SENIOR else None

    def standing(self, actor: str, role: Role, level: int = 0) -> tuple[StandIn | None, str | None]:
        """What marks an act in this role as a substitute's, and whose post it is where that is somebody's of the roster.

        It is the standing of whose right is used: a delegate of a Plt acts for a Plt.
        """
        if role is Role.HR and actor in self.hr:
            return StandIn.PYB, None
        officer = self.officer_in(role, level)
        if officer is None or officer.stands_in is None:
            return None, None
        return officer.stands_in, None if officer.post is None else str(officer.post)


def _id(officer: Officer) -> str | None:
    return None if officer.person_id is None else str(officer.person_id)


LENT = (Role.SUPERVISOR, Role.SENIOR, Role.APPEAL_AUTHORITY)
"""What a delegation reaches."""


class Said(TypedDict, total=False):
    """What an appraisal says itself of who is around it."""

    reassigned: str | None
    rated_by: str | None
    rated_under: str | None
    defenders: Collection[str]
    given_by: Collection[str]
    until: date | None
    let_pass: Collection[str]
    acting_for: str | None


def parties(subject: str, day: date, line: Line, **said: Unpack[Said]) -> Parties:
    """Who is who around one person on that day.

    Neither `rated_by` nor `defenders` (on whose behalf it was rated, who answered for it, and the same of the earlier parts of that year)
    decides the objection against that rating, nor does anybody who acts for the supervisor that day. After `until`, the last day of a
    closed segment or of who left, it is the line of that day that holds; whom HR named (`reassigned`) is asked of the line of today. Of
    what is done in the post of `acting_for` it is the line above that post. `given_by`, who rated and on whose behalf, is said while the
    answer for that rating is waited for (DOMAIN 1.3, 3.7); `rated_under`, to whom she was reassigned then: to put another in the
    supervisor's place moves no answer of hers who rated.
    """
    until, reassigned, acting_for = said.get("until"), said.get("reassigned"), said.get("acting_for")
    person = UUID(subject)
    now = line, day
    then = (LineOf(line, day, person), until) if until is not None and until < day else now
    line, day = now if reassigned else then
    override = UUID(reassigned) if reassigned else None
    post = UUID(acting_for) if acting_for else None
    supervisor = supervisor_on(person, day, line, override, acting_for=post)
    senior = senior_on(person, day, line, override, acting_for=post)
    answers = senior if _gave(senior, supervisor, said.get("given_by", ())) else None
    if answers is None and said.get("given_by"):
        under = UUID(rated_under) if (rated_under := said.get("rated_under")) else None
        its_line, its_day = now if under else then
        above, taken_over = (on(person, its_day, its_line, under, acting_for=post) for on in (senior_on, supervisor_on))
        # Once the silent one has left his post, who took over from him stands in for him.
        if taken_over.stands_in is StandIn.SUPERIOR and _id(taken_over) in said["given_by"]:
            above = taken_over
        elif not _gave(above, taken_over, said["given_by"]):
            above = supervisor
        answers = above if above.person_id != supervisor.person_id else None
    recused = line.recused(person, day)
    for_supervisor = _delegates(supervisor, person, day, line, {person, *recused}) if line.lends else ()
    barred = {UUID(one) for one in (said.get("rated_by"), *said.get("defenders", ())) if one} | {
        UUID(one) for one in for_supervisor
    }
    appeal = appeal_authorities(person, day, line, override, barred, acting_for=post)
    lent: dict[Role, dict[str, tuple[str, ...]]] = {}
    if line.lends:
        never = {person, supervisor.person_id, *recused}
        lent = {
            Role.SUPERVISOR: {_id(supervisor) or "": for_supervisor} if for_supervisor else {},
            Role.SENIOR: _by_officer((senior,), person, day, line, never),
            Role.APPEAL_AUTHORITY: _by_officer(appeal, person, day, line, never | barred),
        }
        if answers is not None:
            lent[Role.SUPERVISOR] = _by_officer((answers,), person, day, line, never)
    return Parties(
        subject=subject,
        supervisor=supervisor,
        senior=senior,
        answers=answers,
        appeal=appeal,
        let_pass=tuple(said.get("let_pass", ())),
        delegates={role: people for role, people in lent.items() if people},
        hr=_hr_instead(person, day, line),
        recused=frozenset(map(str, recused)),
    )


def _gave(senior: Officer, supervisor: Officer, given_by: Collection[str]) -> bool:
    """Whether the senior supervisor of that day rated, herself or by her delegate; else the answer is the supervisor's."""
    if senior.person_id is None or not given_by:
        return False
    rated_by, *behalf = given_by
    return _id(senior) == rated_by or (_id(senior) in behalf and _id(supervisor) not in given_by)


def _by_officer(
    officers: Collection[Officer], subject: UUID, day: date, line: Line, barred: Collection[UUID | None]
) -> dict[str, tuple[str, ...]]:
    found = {_id(officer) or "": _delegates(officer, subject, day, line, barred) for officer in officers}
    return {officer: people for officer, people in found.items() if people}


def _delegates(
    officer: Officer, subject: UUID, day: date, line: Line, barred: Collection[UUID | None]
) -> tuple[str, ...]:
    """Who acts for the officer, without who is barred and without whoever is below the subject: nobody rates the own superior."""
    if officer.person_id is None:
        return ()
    lent = (p for p in line.delegates_on(officer.person_id, day) if p not in barred)
    return tuple(str(p) for p in lent if subject not in line.answer_for({p}, day))


def _hr_instead(subject: UUID, day: date, line: Line) -> frozenset[str]:
    """Where the only HR officer is the subject, the PyB holds her role on her own appraisal."""
    if {hr for hr in line.hr if line.here(hr, day)} != {subject}:
        return frozenset()
    return frozenset(str(pyb) for pyb in line.pybs_on(day) if pyb not in {subject, *line.recused(subject, day)})


def roles(actor: str, granted: Collection[GrantedRole], around: Parties, *, level: int = 0) -> frozenset[Role]:
    """Every role this actor holds around one appraisal. `level` is how often the appeal was handed on."""
    if actor == around.subject:
        return frozenset({Role.EMPLOYEE})
    held = {
        role
        for role in LENT
        if around.person_in(role, level) == actor or (around.delegates and actor in around.delegates_in(role, level))
    }
    left = set(granted) - DECIDING if actor in around.recused else granted
    held |= {_GRANTS[grant] for grant in left if grant in _GRANTS}
    if actor in around.hr:
        held.add(Role.HR)
    if around.answers is not None and actor == _id(around.supervisor):
        held.add(Role.SUCCESSOR)  # he reads on, and acts again once the answer is given
    return frozenset(held)


def succeeds(actor: str, after: Parties) -> bool:
    """Whether somebody answers for a later segment of the year, and so may read the earlier ones (DOMAIN 3.1).

    The last supervisor sees what the first saw, and an appeal against the year's result covers all of it.
    """
    return actor != after.subject and actor in after.officers


DECIDING = frozenset({GrantedRole.BOARD, GrantedRole.PYB})
"""Granted roles that confirm or change a result; whoever stepped back from somebody has none of them about her."""

_GRANTS = {
    GrantedRole.HR: Role.HR,
    GrantedRole.BOARD: Role.BOARD,
    GrantedRole.AUDITOR: Role.AUDITOR,
    GrantedRole.PYB: Role.APPOINTING_AUTHORITY,
}


AUTHORS: dict[Form, frozenset[Role]] = {
    Form.PLAN: frozenset({Role.EMPLOYEE, Role.SUPERVISOR}),
    Form.MIDYEAR: frozenset({Role.EMPLOYEE}),
    Form.SELF_ASSESSMENT: frozenset({Role.EMPLOYEE}),
    Form.RATING: frozenset({Role.SUPERVISOR, Role.SENIOR}),
    Form.APPEAL: frozenset({Role.EMPLOYEE}),
    Form.ANSWER: frozenset({Role.SUPERVISOR}),
    Form.DECISION: frozenset({Role.APPEAL_AUTHORITY}),
}
"""Who may write a draft of a form; a senior supervisor only after a takeover (`may_write`)."""

RESULT_FORMS = frozenset({Form.RATING, Form.DECISION})


def may_write(form: Form, held: Collection[Role], snapshot: Snapshot) -> bool:
    """Whether one of these roles may keep a draft of this form now. Drafts need no window and no turn."""
    writers = AUTHORS[form] & set(held)
    if writers == {Role.SENIOR}:
        return snapshot.visit.takeover
    return bool(writers)


def sees_result(held: Collection[Role], snapshot: Snapshot) -> bool:
    """Whether rating and outcome are open to these roles. The person rated sees them once they were delivered to her.

    A cancelled year has no result, and what was rated before may never have reached her.
    """
    if Role.EMPLOYEE not in held:
        return bool(held)
    if snapshot.state is State.APPEAL_OPEN:
        return snapshot.visit.delivered_at is not None
    return snapshot.state in AFTER_DELIVERY and snapshot.ending is not Ending.CANCELLED


AFTER_DELIVERY = frozenset(
    {State.APPEAL_ANSWERING, State.APPEAL_DECIDING, State.FINALISATION_RUNNING, State.FINALISATION_DONE}
)

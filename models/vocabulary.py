"""The words of the field, each spelled once: states, actions, roles, ratings, labels.

The values are the contract (they stand in URLs, in the trail and in the database), so a member may be added, never respelled.
"""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """The stages of a year, in their legal order (PermenPANRB 6/2022 art. 5)."""

    PLAN = "plan"
    EXECUTION = "execution"
    MIDYEAR = "midyear"
    SELF_ASSESSMENT = "self_assessment"
    RATING = "rating"
    CALIBRATION = "calibration"
    APPEAL = "appeal"
    FINALISATION = "finalisation"


class State(StrEnum):
    """Where an appraisal stands: `stage.step`."""

    PLAN_DRAFTING = "plan.drafting"
    PLAN_REVIEWING = "plan.reviewing"
    EXECUTION_RUNNING = "execution.running"
    MIDYEAR_DRAFTING = "midyear.drafting"
    MIDYEAR_REVIEWING = "midyear.reviewing"
    SELF_ASSESSMENT_DRAFTING = "self_assessment.drafting"
    RATING_DRAFTING = "rating.drafting"
    CALIBRATION_WAITING = "calibration.waiting"
    CALIBRATION_REVIEWING = "calibration.reviewing"
    APPEAL_OPEN = "appeal.open"
    APPEAL_ANSWERING = "appeal.answering"
    APPEAL_DECIDING = "appeal.deciding"
    FINALISATION_RUNNING = "finalisation.running"
    FINALISATION_DONE = "finalisation.done"

    @property
    def stage(self) -> Stage:
        return Stage(self.value.partition(".")[0])


class Action(StrEnum):
    """What a person may do; the same word in the URL, the machine, the trail and the tests."""

    SUBMIT_PLAN = "submit_plan"
    APPROVE_PLAN = "approve_plan"
    RETURN_PLAN = "return_plan"
    RECALL_PLAN = "recall_plan"
    AMEND_PLAN = "amend_plan"
    SUBMIT_MIDYEAR = "submit_midyear"
    COMPLETE_MIDYEAR = "complete_midyear"
    RETURN_MIDYEAR = "return_midyear"
    RECALL_MIDYEAR = "recall_midyear"
    SUBMIT_SELF_ASSESSMENT = "submit_self_assessment"
    RETURN_SELF_ASSESSMENT = "return_self_assessment"
    SUBMIT_RATING = "submit_rating"
    CONFIRM_RATING = "confirm_rating"
    RETURN_RATING = "return_rating"
    ACKNOWLEDGE_RESULT = "acknowledge_result"
    ACCEPT_RESULT = "accept_result"
    RECORD_DELIVERY = "record_delivery"
    FILE_APPEAL = "file_appeal"
    WITHDRAW_APPEAL = "withdraw_appeal"
    ANSWER_APPEAL = "answer_appeal"
    DECIDE_APPEAL = "decide_appeal"
    REOPEN = "reopen"
    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"
    EXTEND = "extend"
    REASSIGN = "reassign"
    DISPUTE_SUPERVISOR = "dispute_supervisor"


class EngineAction(StrEnum):
    """What happens by itself; a command of the actor `engine` through the same lifecycle."""

    OPEN = "open"
    """The appraisal begins."""
    RESTORE = "restore"
    """The appraisal was started again from its row, under the next incarnation."""
    OPEN_WINDOW = "open_window"
    """The next window of the pack's order opens; only `execution.running` waits for it."""
    REACH_RUNG = "reach_rung"
    """A rung of the visit's ladder is reached: a reminder, a takeover, HR's list."""
    LAPSE = "lapse"
    """The visit's lapse instant passed with nobody acting."""
    SKIP_PERIOD = "skip_period"
    """A period's window closed before the plan was set: it is skipped."""
    CLOSE_PERIOD = "close_period"
    """The next window opened over an unfinished review: closed as not reviewed."""
    RECEIVE_LABEL = "receive_label"
    """The organisation's label is known; the result may go on to the board or to the employee."""
    SCORE = "score"
    """The outcome was computed from the submitted rating."""
    CLOSE_SEGMENT = "close_segment"
    """The person was transferred: this part of her year ends with its rating, by who saw the work."""
    BEGIN_LEAVE = "begin_leave"
    """A long leave began; it pauses the appraisal as a suspension does."""
    PROLONG_LEAVE = "prolong_leave"
    """Another leave follows the one that pauses the appraisal without a day between; the pause goes on."""
    END_LEAVE = "end_leave"
    """The leave is over; what was open moves by its length."""
    EXIT = "exit"
    """The person died, retired, resigned or was dismissed."""
    END_UNRATED = "end_unrated"
    """The person served less of the year than the pack asks for: there is no rating."""
    ARCHIVE = "archive"
    """The full record was stored; the appraisal is done."""


class StandIn(StrEnum):
    """How somebody acts in a post that is not his; his acts are marked with it (DOMAIN 3.4)."""

    PLT = "plt"
    """Acting for a vacant post."""
    PLH = "plh"
    """Acting for an absent holder."""
    SUPERIOR = "superior"
    """The next superior, where nobody in the post may or can act."""
    PYB = "pyb"
    """The authorised official, where the line ends."""


class Role(StrEnum):
    """In which capacity somebody acts on one appraisal, by the rows of that day."""

    EMPLOYEE = "employee"
    SUPERVISOR = "supervisor"
    SENIOR = "senior"
    APPEAL_AUTHORITY = "appeal_authority"
    APPOINTING_AUTHORITY = "appointing_authority"
    BOARD = "board"
    UNIT_HEAD = "unit_head"
    LABEL_SETTER = "organisation_label"
    """Whoever sets the label of the unit that a result waits for; there is nothing for her to do on the appraisal itself."""
    HR = "hr"
    AUDITOR = "auditor"
    SUCCESSOR = "successor"
    """Whoever supervises a later segment of the year: reads the earlier ones, acts on none."""
    ENGINE = "engine"


class GrantedRole(StrEnum):
    """Extra roles that the roster's column `peran` grants to a person."""

    HR = "hr"
    BOARD = "board"
    AUDITOR = "auditor"
    UNIT_HEAD = "kepala_unit"
    PYB = "pyb"
    """Pejabat yang Berwenang: acts where the supervisor is outside the roster, and as the appeal's fallback."""


class Silence(StrEnum):
    """What it means, per step, when nobody acts until the lapse instant."""

    ESCALATE = "escalate"
    TAKEOVER = "takeover"
    PROCEED_WITHOUT = "proceed_without"
    ACCEPT = "accept"
    HOLD = "hold"
    STANDS = "stands"
    GRANT = "grant"


class Form(StrEnum):
    """The seven forms, each written by one role."""

    PLAN = "plan"
    MIDYEAR = "midyear"
    SELF_ASSESSMENT = "self_assessment"
    RATING = "rating"
    APPEAL = "appeal"
    ANSWER = "answer"
    DECISION = "decision"


class FormStatus(StrEnum):
    EMPTY = "empty"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"


class Rating(StrEnum):
    """One of the two ratings a supervisor gives (PermenPANRB 6/2022, annex)."""

    ABOVE = "above"
    AS_EXPECTED = "as_expected"
    BELOW = "below"


class Label(StrEnum):
    """The predikat kinerja of a person."""

    SANGAT_BAIK = "sangat_baik"
    BAIK = "baik"
    BUTUH_PERBAIKAN = "butuh_perbaikan"
    KURANG = "kurang"
    SANGAT_KURANG = "sangat_kurang"


class OrganisationLabel(StrEnum):
    """The predikat of a unit, which bounds the distribution of its people's labels (SE MenPANRB 3/2023)."""

    ISTIMEWA = "istimewa"
    BAIK = "baik"
    BUTUH_PERBAIKAN = "butuh_perbaikan"
    KURANG = "kurang"
    SANGAT_KURANG = "sangat_kurang"


class Decision(StrEnum):
    """What the appeal authority decided."""

    STANDS = "stands"
    CHANGED = "changed"


class FollowUp(StrEnum):
    """What a final result may lead to, by the rules of a pack (PP 30/2019 art. 49-58; PermenPANRB 6/2022, follow-up)."""

    TRAINING = "training"
    DEVELOPMENT_PROGRAMME = "development_programme"
    PLACEMENT = "placement"
    """A post that fits better."""
    COMPETENCY_TEST = "competency_test"
    """Uji kompetensi, where nothing improved (PP 30/2019 art. 57)."""
    AWARD = "award"
    FURTHER_EDUCATION = "further_education"
    PROMOTION = "promotion"
    """A proposal for a higher post."""
    TALENT_POOL = "talent_pool"


class ProgrammeState(StrEnum):
    """Where an improvement programme stands: what it waits for."""

    GOALS = "goals"
    """What is to become better is still to be said."""
    RUNNING = "running"
    CONFIRMING = "confirming"
    """Evaluated by the supervisor, not yet confirmed by HR."""
    DONE = "done"


class ProgrammeAction(StrEnum):
    """What happens to a programme; the last three by themselves."""

    BEGIN = "begin"
    SET_GOALS = "set_goals"
    NOTE_CHECKPOINT = "note_checkpoint"
    EVALUATE = "evaluate"
    CONFIRM = "confirm"
    SEND_BACK = "send_back"
    EXTEND = "extend"
    CANCEL = "cancel"
    REMIND = "remind"
    STALL = "stall"
    EXIT = "exit"


class Progress(StrEnum):
    """What a supervisor says at a checkpoint."""

    ON_THE_WAY = "on_the_way"
    BEHIND = "behind"


class ProgrammeOutcome(StrEnum):
    """How a programme ended; only the first two are an evaluation."""

    MET = "met"
    NOT_MET = "not_met"
    CANCELLED = "cancelled"
    EXITED = "exited"


class Ending(StrEnum):
    """How a year ended."""

    ACCEPTED = "accepted"
    ACCEPTED_BY_LAPSE = "accepted_by_lapse"
    STANDS = "stands"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    EXITED = "exited"
    SEGMENT_CLOSED = "segment_closed"
    NOT_RATABLE = "not_ratable"


UNLABELLED = (Ending.CANCELLED, Ending.SEGMENT_CLOSED, Ending.NOT_RATABLE)
"""Endings that leave no person's label of a year."""


class Exit(StrEnum):
    """Why somebody is no longer there."""

    DIE = "die"
    RETIRE = "retire"
    RESIGN = "resign"
    DISMISS = "dismiss"


class CycleState(StrEnum):
    DRAFT = "draft"
    OPENING = "opening"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Launch(StrEnum):
    """Whether a person of the roster has her year; progress counts people by it."""

    PENDING = "pending"
    LAUNCHED = "launched"
    FAILED = "failed"
    EXCLUDED = "excluded"


class EmployeeKind(StrEnum):
    PNS = "PNS"
    CPNS = "CPNS"
    PPPK = "PPPK"


class JobLevel(StrEnum):
    """Jenjang: structural levels from the top, then the functional ladders."""

    JPT_MADYA = "JPT Madya"
    JPT_PRATAMA = "JPT Pratama"
    ADMINISTRATOR = "Administrator"
    PENGAWAS = "Pengawas"
    PELAKSANA = "Pelaksana"
    AHLI_UTAMA = "Ahli Utama"
    AHLI_MADYA = "Ahli Madya"
    AHLI_MUDA = "Ahli Muda"
    AHLI_PERTAMA = "Ahli Pertama"
    PENYELIA = "Penyelia"
    MAHIR = "Mahir"
    TERAMPIL = "Terampil"
    PEMULA = "Pemula"


class Zone(StrEnum):
    """The three zones of the archipelago, by the names people there use."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"


Language = str
"""`id` or `en`; every sentence a person reads exists in both."""

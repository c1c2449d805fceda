"""The line of a day that is over, as it is asked today: who stood in it then, and where nobody of them is left, who is in its posts now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from uuid import UUID

from models.line import Line, Tenure
from models.workdays import ONE_DAY


class LineOf(Line):
    """The line of an earlier day around one person, in which only those stand who are still here on `today`.

    By it a closed segment is worked with: whoever supervised then rates, wherever he sits now; who has left does not. What somebody was
    granted, who acts for him and who is close to her is of today, whenever he came.
    """

    def __init__(self, line: Line, today: date, subject: UUID) -> None:
        self.__dict__.update(line.__dict__)
        self.today = today
        self.now = LineSince(line, subject)
        """Whom to ask where nobody of then is left."""

    def tenure_on(self, person: UUID, day: date) -> Tenure | None:
        then = super().tenure_on(person, day)
        return then if then is None or super().tenure_on(person, self.today) is not None else None

    def stands(self, person: UUID, day: date) -> bool:
        """Who is below the subject today is passed over, though he stood above her then: nobody rates the own superior."""
        return super().stands(person, day) and self.now.stands(person, self.today)

    def here(self, person: UUID, day: date) -> bool:  # noqa: ARG002 - a role is of today
        return super().here(person, self.today)

    def answer_for(self, people: Iterable[UUID], day: date) -> set[UUID]:
        asked = set(people)
        return super().answer_for(asked, day) | self.now.answer_for(asked, self.today)

    def delegates_on(self, principal: UUID, day: date) -> tuple[UUID, ...]:  # noqa: ARG002 - who acts for him acts today
        return super().delegates_on(principal, self.today)

    def recused(self, about: UUID, day: date) -> frozenset[UUID]:  # noqa: ARG002 - who is close to her is so today
        return super().recused(about, self.today)


class LineSince(Line):
    """Today's line above a post of an earlier day: that is his who leads today whom its holder led then, as far as they stayed.

    No row says who came in a post; who was put over those in it does. Nobody who is below the subject today stands in it.
    """

    def __init__(self, line: Line, subject: UUID) -> None:
        self.__dict__.update(line.__dict__)
        self.subject = subject

    def stands(self, person: UUID, day: date) -> bool:
        return super().stands(person, day) and self.subject not in self.answer_for({person}, day)

    def held(self, post: UUID, since: date | None, on: date, day: date) -> tuple[UUID, date | None]:
        stayed = [row for one in self.led(post) if (row := self._stayed(one, post, on, day)) is not None]
        led = Counter(row.supervisor_id for row in stayed if row.supervisor_id is not None)
        if self.tenure_on(post, day) is None and not self.actings_on(post, day):
            del led[post]  # nobody said yet under whom these are
        most = max(led, key=lambda one: (led[one], one == post, str(one)), default=post)
        if most in (post, self.subject):
            return post, since
        return most, min(self.since(row) for row in stayed if row.supervisor_id == most)

    def _stayed(self, person: UUID, post: UUID, on: date, day: date) -> Tenure | None:
        """Her line of `day`, where she stood under that post before and has not gone on to another place, or another's post, since."""
        was, now = self.tenure_on(person, on), self.tenure_on(person, day)
        if person == self.subject or was is None or was.supervisor_id != post:
            return None
        went = any(self._went(row) for row in self.tenures_of(person) if on < row.start <= day)
        return None if went else now

    def _went(self, row: Tenure) -> bool:
        """Whether she came with it to another unit, or in hers to a post under another superior; under the same she tells of his still."""
        before = self.tenure_on(row.person_id, row.start - ONE_DAY)
        return row.moved or (row.other_post and (before is None or before.supervisor_id != row.supervisor_id))

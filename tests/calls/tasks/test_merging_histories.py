"""Nobody counts twice: browsers, claims, accounts and answers in random histories.

Beside the database runs a model that knows only which browsers are one person, and whose account
that person is. After every step both must agree, and every count must be what the answers say.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dure import postgres
from dure.calls.models import Call
from dure.calls.tasks import answers, merging, turns
from dure.calls.tasks.merging import OtherAccount, keep_under, use_claim
from dure.people import claiming
from dure.people.accounts import account_of
from dure.people.claiming import (
    LINK_SECONDS,
    MAIL_SECONDS,
    ClaimOver,
    TooManyLinks,
    TooManyMails,
    ask_for_mail,
    make_claim,
    seal_claim,
)
from dure.people.models import Account
from tests.factories import make_call
from tests.histories import run_histories, stop_clock

RUNS = int(os.environ.get("DURE_STATE_RUNS", "40"))
BROWSERS, TASKS, MAXIMUM, LEASE_S, UNDO_S = 4, 3, 3, 100, 10
START = datetime(2026, 1, 1, tzinfo=UTC)

browsers = st.integers(0, BROWSERS - 1)
tasks = st.integers(0, TASKS - 1)
addresses = st.sampled_from(["mina@example.org", "jun@example.org"])


@dataclass(eq=False)
class Who:
    """One human being, as far as the installation can know."""

    account: int | None = None
    answered: set[int] = field(default_factory=set)


@dataclass
class Claimed:
    token: str
    who: Who
    until: int
    email: str | None
    is_used: bool = False
    is_left: bool = False


class Identities(RuleBasedStateMachine):
    owner: psycopg.Connection[tuple[object, ...]]
    clock = 0

    @initialize()
    def open_call(self) -> None:
        Identities.clock = 0
        self.set_clock()
        self.call: Call = make_call(
            n_tasks=TASKS, answers_min=1, answers_max=MAXIMUM, lease_s=LEASE_S
        )
        self.tasks = sorted(self.call.tasks.values_list("id", flat=True))
        # Addresses are the installation's; histories share it, and so need their own.
        self.suffix = f"{self.call.pk}."
        self.keys: list[str | None] = [None] * BROWSERS
        self.who: dict[str, Who] = {}
        self.claims: list[Claimed] = []
        self.stored: dict[str, tuple[str, int, str | None, int]] = {}
        for browser in range(BROWSERS):
            self.join(browser)

    @rule(browser=browsers)
    def join(self, browser: int) -> None:
        fresh = answers.new_key()
        joined = answers.run(
            answers.join_call(slug=self.call.slug, key=self.keys[browser], fresh_key=fresh)
        )
        assert joined["is_new"] == (self.keys[browser] is None)
        if joined["is_new"]:
            self.keys[browser] = fresh
            self.who[fresh] = Who()

    @rule(browser=browsers)
    def clear_cookies(self, browser: int) -> None:
        self.keys[browser] = None

    @rule(browser=browsers, task=tasks, value=st.sampled_from(["yes", "no", None]))
    def answer(self, browser: int, task: int, value: str | None) -> None:
        self.join(browser)
        key = self.keys[browser]
        assert key is not None
        turns.lease_tasks(call_id=self.call.pk, key=key, n=TASKS)
        identity = str(uuid4())
        reply = self.give(key, identity, task, value)
        taken = [*reply["accepted"], *reply["late"]] == [identity]
        if task in self.who[key].answered:
            assert not taken, "one person answered one task twice"
        if taken:
            self.stored[identity] = (key, task, value, Identities.clock)
            self.who[key].answered.add(task)

    @rule(back=st.integers(1, 4))
    def answer_again(self, back: int) -> None:
        """The reply was lost, and the phone sends once more."""
        if len(self.stored) < back:
            return
        identity = list(self.stored)[-back]
        key, task, value, _ = self.stored[identity]
        reply = self.give(key, identity, task, value)
        assert [*reply["accepted"], *reply["late"]] == [identity]

    @rule(browser=browsers, back=st.integers(1, 4))
    def undo(self, browser: int, back: int) -> None:
        key = self.keys[browser]
        if len(self.stored) < back or key is None:
            return
        identity = list(self.stored)[-back]
        by, task, _, at = self.stored[identity]
        try:
            answers.run(answers.undo_answer(call_id=self.call.pk, key=key, answer=identity))
        except (answers.NoSuchAnswer, answers.UndoOver, answers.NotJoined):
            return
        assert self.who[by] is self.who[key], "one person took back what another answered"
        if at + UNDO_S > Identities.clock:
            # Their other browser may have answered it as well, which stands or fell long ago.
            self.who[key].answered = self.answered_by(self.who[key])
            assert task in range(TASKS)

    @rule(seconds=st.sampled_from([1, 11, 101, 101, LINK_SECONDS + 1, MAIL_SECONDS + 1]))
    def wait(self, seconds: int) -> None:
        Identities.clock += seconds
        self.set_clock()

    @rule(maker=browsers, opener=browsers)
    def link(self, maker: int, opener: int) -> None:
        self.join(maker)
        key = self.keys[maker]
        person = merging.find_person(key)
        assert key is not None
        assert person is not None
        try:
            token = make_claim(person_id=person.pk)
        except TooManyLinks:
            return
        until = Identities.clock + LINK_SECONDS
        self.claims.append(Claimed(token, self.who[key], until, None))
        self.open(self.claims[-1], opener)

    @rule(maker=browsers, opener=browsers, address=addresses)
    def mail(self, maker: int, opener: int, address: str) -> None:
        self.join(maker)
        key = self.keys[maker]
        person = merging.find_person(key)
        assert key is not None
        assert person is not None
        email = self.suffix + address
        try:
            token = seal_claim(ask_for_mail(person_id=person.pk, email=email))
        except TooManyMails:
            return
        until = Identities.clock + MAIL_SECONDS
        self.claims.append(Claimed(token, self.who[key], until, email))
        self.open(self.claims[-1], opener)

    @rule(browser=browsers, back=st.integers(1, 4))
    def open_old_link(self, browser: int, back: int) -> None:
        """Used before, run out, or left lying after somebody else became who it is about."""
        if len(self.claims) >= back:
            self.open(self.claims[-back], browser)

    def open(self, claim: Claimed, browser: int) -> None:
        """Open a link, or leave it lying: the last browser never opens one at first."""
        if browser == BROWSERS - 1 and not claim.is_left:
            claim.is_left = True
            return
        key = self.keys[browser]
        may = not claim.is_used and claim.until > Identities.clock
        try:
            new = use_claim(token=claim.token, key=key)
        except ClaimOver:
            assert not may
            return
        except OtherAccount:
            assert may
            assert not self.can_be_one(claim, key)
            return
        assert may
        assert self.can_be_one(claim, key)
        claim.is_used = True
        if claim.email is not None:
            self.belong(account_of(claim.email).pk, claim.who)
        self.go_on(browser, new, claim.who)

    @rule(browser=browsers, address=addresses)
    def open_passkey(self, browser: int, address: str) -> None:
        """Whoever proved an account, by a passkey of it, goes on as its person."""
        account = Account.objects.get_or_create(email=f"{self.suffix}pass.{address}")[0]
        key = self.keys[browser]
        mine = self.who[key] if key is not None else None
        try:
            new = keep_under(account=account, key=key)
        except OtherAccount:
            assert mine is not None
            assert mine.account not in (None, account.pk)
            return
        assert mine is None or mine.account in (None, account.pk)
        who = mine or self.owner_of(account.pk) or Who()
        self.belong(account.pk, who)
        self.go_on(browser, new, who)

    def can_be_one(self, claim: Claimed, key: str | None) -> bool:
        """Whether nobody among those who would become one has another's account."""
        account = account_of(claim.email).pk if claim.email is not None else None
        mine = self.who[key].account if key is not None else None
        return len({account, claim.who.account, mine} - {None}) <= 1

    def belong(self, account: int, who: Who) -> None:
        other = self.owner_of(account)
        who.account = account
        if other is not None:
            self.become_one(other, who)

    def go_on(self, browser: int, key: str, who: Who) -> None:
        before = self.keys[browser]
        assert (key not in self.who) if before is None else (key == before)
        self.keys[browser] = key
        self.become_one(self.who.setdefault(key, who), who)

    def become_one(self, one: Who, other: Who) -> None:
        if one is other:
            return
        other.account = other.account or one.account
        other.answered |= one.answered
        for key, who in self.who.items():
            if who is one:
                self.who[key] = other
        for claim in self.claims:
            if claim.who is one:
                claim.who = other

    def owner_of(self, account: int) -> Who | None:
        everyone = [*self.who.values(), *(claim.who for claim in self.claims)]
        return next((who for who in everyone if who.account == account), None)

    @invariant()
    def browsers_are_one_person_just_where_they_should_be(self) -> None:
        roots: dict[int, Who] = {}
        for key, who in self.who.items():
            person = merging.find_person(key)
            assert person is not None
            assert roots.setdefault(person.pk, who) is who
            assert person.account_id == who.account
        assert len(roots) == len({id(who) for who in self.who.values()})

    @invariant()
    def nobody_counts_twice_for_a_task(self) -> None:
        rows = self.owner.execute(
            "select a.task_id, people_root(c.person_id) from tasks_answer a"
            " join people_contributor c on c.call_id = a.call_id and c.id = a.contributor_id"
            " where a.call_id = %s and undone_seq is null and superseded_seq is null",
            (self.call.pk,),
        ).fetchall()
        assert len(rows) == len(set(rows))

    @invariant()
    def every_count_is_what_the_answers_say(self) -> None:
        (wrong,) = self.owner.execute(
            "select count(*) from tasks_taskprogress p where p.call_id = %s"
            " and (p.counted > %s or p.counted <> (select count(*) from tasks_answer a"
            "  where a.call_id = p.call_id and a.task_id = p.task_id and not a.is_skip"
            "  and not a.is_late and a.undone_seq is null and a.superseded_seq is null)"
            " or p.leased <> (select count(*) from tasks_lease l where l.call_id = p.call_id"
            "  and l.task_id = p.task_id and l.status = 'held'))",
            (self.call.pk, MAXIMUM),
        ).fetchall()
        assert wrong == (0,)
        (sums,) = self.owner.execute(
            "select n.counted = t.counted and n.skipped = t.skipped and n.late = t.late"
            " and n.undone = t.undone and n.superseded = t.superseded from"
            " (select coalesce(sum(counted), 0) counted, coalesce(sum(skipped), 0) skipped,"
            "  coalesce(sum(late), 0) late, coalesce(sum(undone), 0) undone,"
            "  coalesce(sum(superseded), 0) superseded"
            "  from tasks_tally where call_id = %(call)s) t,"
            " (select count(*) filter (where stands and not is_skip and not is_late) counted,"
            "  count(*) filter (where stands and is_skip and not is_late) skipped,"
            "  count(*) filter (where stands and is_late) late,"
            "  count(*) filter (where undone_seq is not null) undone,"
            "  count(*) filter (where undone_seq is null and superseded_seq is not null) superseded"
            "  from (select *, undone_seq is null and superseded_seq is null as stands"
            "   from tasks_answer where call_id = %(call)s) a) n",
            {"call": self.call.pk},
        ).fetchall()
        assert sums == (True,)

    @invariant()
    def a_task_is_kept_from_a_person_just_where_an_answer_of_theirs_stands(self) -> None:
        kept, standing = (
            self.owner.execute(
                "select distinct task_id, people_root(c.person_id)"
                f" from {table} t join people_contributor c on c.id = t.contributor_id"
                f" where t.call_id = %s and {condition}",
                (self.call.pk,),
            ).fetchall()
            for table, condition in (
                ("tasks_lease", "status = 'answered'"),
                ("tasks_answer", "undone_seq is null and superseded_seq is null"),
            )
        )
        assert set(kept) == set(standing)

    @invariant()
    def no_acknowledged_answer_is_lost(self) -> None:
        rows = self.owner.execute(
            "select id::text from tasks_answer where call_id = %s", (self.call.pk,)
        ).fetchall()
        assert {identity for (identity,) in rows} == set(self.stored)

    def give(self, key: str, identity: str, task: int, value: str | None) -> dict[str, list[str]]:
        given = [{"id": identity, "task": self.tasks[task], "value": value}]
        batch = answers.read_answers(question=self.call.question, given=given)
        return turns.record_answers(call_id=self.call.pk, key=key, batch=batch)

    def answered_by(self, who: Who) -> set[int]:
        """Tasks at which an answer of this person stands, by the stored rows."""
        ids = [i for i, (key, *_) in self.stored.items() if self.who[key] is who]
        rows = self.owner.execute(
            "select task_id from tasks_answer where call_id = %s and id = any(%s::uuid[])"
            " and undone_seq is null and superseded_seq is null",
            (self.call.pk, ids),
        ).fetchall()
        return {self.tasks.index(task) for (task,) in rows}

    def set_clock(self) -> None:
        stop_clock(self.owner, moment().isoformat())


def moment() -> datetime:
    return START + timedelta(seconds=Identities.clock)


def run(runs: int) -> None:
    with postgres.connect("owner") as owner, pytest.MonkeyPatch.context() as patch:
        Identities.owner = owner
        # A circle of persons would never end; this ends the question about them.
        owner.execute("set statement_timeout = '20s'")
        patch.setattr(claiming, "now", moment)
        patch.setattr(merging, "now", moment)
        run_histories(Identities, runs=runs, steps=50)


@pytest.mark.usefixtures("live_db")
def test_nobody_counts_twice_in_random_histories() -> None:
    run(RUNS)


@pytest.mark.drill
@pytest.mark.usefixtures("live_db")
def test_nobody_counts_twice_in_five_hundred_histories() -> None:
    run(500)

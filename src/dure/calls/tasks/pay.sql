-- What answers earn: accrued here in one statement each, posted to the ledger by pay.py.

-- One transaction at a time pays a call; another waits, and then finds what is left.
create or replace function tasks_hold_pay(p_call bigint) returns void
language sql volatile as $$
    select pg_advisory_xact_lock(4975000000000000::bigint + p_call)
$$;

-- Accrue each counted answer that can not be undone any more, once; judged by the clock that
-- undo goes by, unless another time is given.
-- Nested loops are off, since the planner may believe that there are no accruals yet, and would
-- then read for each answer all those that the statement has just added.
create or replace function tasks_accrue(
    p_call bigint, p_at timestamptz, p_amount_minor bigint, p_currency text
) returns bigint
language plpgsql set enable_nestloop = off as $$
declare
    v_at constant timestamptz := coalesce(p_at, collect.now());
    v_accrued bigint;
begin
    insert into tasks_accrual (
        call_id, answer_id, reason, contributor_id, amount_minor, currency, at
    )
    select a.call_id, a.id, 'counted', a.contributor_id, p_amount_minor, p_currency, v_at
    from tasks_answer a
    where a.call_id = p_call and a.at <= v_at - interval '10 seconds'
        and not a.is_skip and not a.is_late
        and a.undone_seq is null and a.superseded_seq is null
        and not exists (
            select from tasks_accrual c
            where c.call_id = p_call and c.answer_id = a.id and c.reason = 'counted'
        )
    on conflict (call_id, answer_id, reason) do nothing;
    get diagnostics v_accrued = row_count;
    return v_accrued;
end $$;

-- Take back what was posted for answers that stopped counting since, each to the amount it had;
-- what is not posted yet waits, so that a correction can name what it corrects.
create or replace function tasks_withdraw(p_call bigint, p_at timestamptz) returns bigint
language plpgsql set enable_nestloop = off as $$
declare
    v_at constant timestamptz := coalesce(p_at, collect.now());
    v_withdrawn bigint;
begin
    insert into tasks_accrual (
        call_id, answer_id, reason, contributor_id, amount_minor, currency, at
    )
    select c.call_id, c.answer_id, 'withdrawn', c.contributor_id, -c.amount_minor, c.currency, v_at
    from tasks_answer a
    join tasks_accrual c on c.call_id = a.call_id and c.answer_id = a.id and c.reason = 'counted'
    where a.call_id = p_call and c.posted_as is not null
        and (a.undone_seq is not null or a.superseded_seq is not null)
    on conflict (call_id, answer_id, reason) do nothing;
    get diagnostics v_withdrawn = row_count;
    return v_withdrawn;
end $$;

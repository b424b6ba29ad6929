-- What the verdict job reads and writes; called by verdicts.py alone.

-- Mark how far the answers of a call are settled: everything numbered up to here is committed or
-- will never be, since no answer is under way while we hold the call alone. Call it in a
-- transaction of its own, so that answers wait for an instant only.
create or replace function tasks_mark_seen(
    p_call bigint, out up_to bigint, out events bigint, out as_of timestamptz
) language plpgsql as $$
begin
    perform pg_advisory_xact_lock(collect.call_lock(p_call));
    up_to := nextval('tasks_answer_seq');
    events := (select coalesce(sum(t.events), 0) from tasks_tally t where t.call_id = p_call);
    as_of := collect.now();
end $$;

-- The answers that counted as of a mark, by the ids that exports show; words that were erased say
-- nothing any more.
create or replace function tasks_counted_answers(
    p_call bigint, p_up_to bigint, p_as_of timestamptz
) returns table (task varchar, worker varchar, value jsonb, prediction jsonb)
language sql stable as $$
    select t.key, w.pseudonym, coalesce(a.value, to_jsonb(x.text)), a.prediction
    from tasks_answer a
    join tasks_task t on t.call_id = a.call_id and t.id = a.task_id
    join people_workers(p_call, p_as_of) w on w.contributor_id = a.contributor_id
    left join tasks_answertext x on x.call_id = a.call_id and x.answer_id = a.id
    where a.call_id = p_call and a.seq <= p_up_to and a.phase = 'first'
        and not a.is_skip and not a.is_late and coalesce(a.value, to_jsonb(x.text)) is not null
        and (a.undone_seq is null or a.undone_seq > p_up_to)
        and (a.superseded_seq is null or a.superseded_seq > p_up_to)
$$;

-- Until the transaction ends, rows that come in parts are planned for all of them, and not for the
-- first ones.
create or replace function tasks_read_to_the_end() returns void language sql as $$
    select set_config('cursor_tuple_fraction', '1', true)
$$;

-- Put a run's verdicts in place of the last one's; rows that say the same stay untouched.
create or replace function tasks_put_verdicts(
    p_call bigint, p_tasks varchar[], p_labels text[], p_probabilities float8[],
    p_posteriors float8[], p_estimates float8[], p_lows float8[], p_highs float8[],
    p_values jsonb[], p_answers int[]
) returns void language sql as $$
    insert into tasks_verdict as v (
        call_id, task_id, label, probability, posterior, estimate, low, high, value, answers
    )
    select p_call, t.id, n.label, n.probability,
        p_posteriors[
            (n.place - 1) * cardinality(p_posteriors) / cardinality(p_tasks) + 1
            : n.place * cardinality(p_posteriors) / cardinality(p_tasks)
        ],
        n.estimate, n.low, n.high, n.value, n.answers
    from unnest(
        p_tasks, p_labels, p_probabilities, p_estimates, p_lows, p_highs, p_values, p_answers
    ) with ordinality
        as n (key, label, probability, estimate, low, high, value, answers, place)
    join tasks_task t on t.call_id = p_call and t.key = n.key
    order by t.id
    on conflict (call_id, task_id) do update set
        label = excluded.label, probability = excluded.probability,
        posterior = excluded.posterior, estimate = excluded.estimate,
        low = excluded.low, high = excluded.high, value = excluded.value,
        answers = excluded.answers
    where (v.label, v.probability, v.posterior, v.estimate, v.low, v.high, v.value, v.answers)
        is distinct from (
            excluded.label, excluded.probability, excluded.posterior, excluded.estimate,
            excluded.low, excluded.high, excluded.value, excluded.answers
        )
$$;

-- Put a part of a run's ranking, which begins at p_first, in place of the last one's.
create or replace function tasks_put_ranking(
    p_call bigint, p_first bigint, p_items text[], p_scores float8[], p_lows float8[],
    p_highs float8[], p_ranks bigint[], p_ranks_low bigint[], p_ranks_high bigint[],
    p_comparisons bigint[], p_components bigint[]
) returns void language sql as $$
    insert into tasks_rankeditem as r (
        call_id, place, item, score, low, high, rank, rank_low, rank_high, comparisons, component
    )
    select p_call, p_first + n.place - 1, n.item, n.score, n.low, n.high, n.rank, n.rank_low,
        n.rank_high, n.comparisons, n.component
    from unnest(
        p_items, p_scores, p_lows, p_highs, p_ranks, p_ranks_low, p_ranks_high, p_comparisons,
        p_components
    ) with ordinality as n (
        item, score, low, high, rank, rank_low, rank_high, comparisons, component, place
    )
    order by n.place
    on conflict (call_id, place) do update set
        item = excluded.item, score = excluded.score, low = excluded.low, high = excluded.high,
        rank = excluded.rank, rank_low = excluded.rank_low, rank_high = excluded.rank_high,
        comparisons = excluded.comparisons, component = excluded.component
$$;

-- What the last run's ranking had beyond so many items.
create or replace function tasks_drop_ranking(p_call bigint, p_from bigint) returns void
language sql as $$
    delete from tasks_rankeditem where call_id = p_call and place >= p_from
$$;

-- Verdicts on tasks whose every answer was taken back since, or its words erased.
create or replace function tasks_drop_verdicts(p_call bigint, p_up_to bigint) returns void
language sql as $$
    delete from tasks_verdict v where v.call_id = p_call and not exists (
        select from tasks_answer a
        where a.call_id = p_call and a.task_id = v.task_id and a.seq <= p_up_to
            and a.phase = 'first' and not a.is_skip and not a.is_late
            and (a.undone_seq is null or a.undone_seq > p_up_to)
            and (a.superseded_seq is null or a.superseded_seq > p_up_to)
            and (
                a.value is not null
                or exists (
                    select from tasks_answertext x
                    where x.call_id = a.call_id and x.answer_id = a.id and x.text is not null
                )
            )
    )
$$;

-- Open, decided or disputed, by the call's rule for answers; what was ruled is decided. A verdict
-- without a probability is decided at the maximum.
create or replace function tasks_settle_states(p_call bigint) returns int
language plpgsql as $$
declare
    v_changed int;
    v_reopened bigint;
begin
    with due as (
        select p.task_id,
            case
                when exists (
                    select from tasks_ruling r
                    where r.call_id = p.call_id and r.task_id = p.task_id
                ) then 'decided'
                when v.answers >= c.answers_min and v.probability >= c.answers_target
                    then 'decided'
                when coalesce(v.answers, 0) < p.capacity then 'open'
                when v.probability is not null and c.answers_target is not null then 'disputed'
                else 'decided'
            end as state
        from tasks_taskprogress p
        join calls_call c on c.id = p.call_id
        left join tasks_verdict v on v.call_id = p.call_id and v.task_id = p.task_id
        where p.call_id = p_call
    ), held as (
        -- In the order that answers take them in, so that nobody waits in a circle.
        select p.task_id, due.state from tasks_taskprogress p
        join due on due.task_id = p.task_id
        where p.call_id = p_call and p.state <> due.state
        order by p.task_id for no key update of p
    ), settled as (
        update tasks_taskprogress p set state = held.state
        from held where p.call_id = p_call and p.task_id = held.task_id
        returning p.task_id, p.state
    )
    select count(*), min(task_id) filter (where state = 'open') into v_changed, v_reopened
    from settled;
    perform collect.lower_frontier(p_call, v_reopened);
    return v_changed;
end $$;

-- Calls whose answers changed since they were last looked at, those waiting longest first; a call
-- whose look took long is left alone for five times as long.
create or replace function tasks_stirred_calls(p_n int) returns setof bigint
language sql stable as $$
    select t.call_id
    from (select call_id, sum(events) as events from tasks_tally group by call_id) t
    left join tasks_refit r on r.call_id = t.call_id
    where t.events <> coalesce(r.events, 0)
        and collect.now() >= coalesce(r.at + make_interval(secs => 5 * r.seconds), '-infinity')
    order by r.at nulls first, t.call_id limit p_n
$$;

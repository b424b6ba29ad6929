-- What settlements reckon with; called by worth.py alone.

-- How many answers of each contributor counted as of a mark.
create or replace function tasks_counted_by(p_call bigint, p_up_to bigint, p_as_of timestamptz)
returns table (worker_id bigint, counted bigint)
language sql stable as $$
    select w.worker_id, count(*)
    from tasks_answer a
    join people_workers(p_call, p_as_of) w on w.contributor_id = a.contributor_id
    where a.call_id = p_call and a.seq <= p_up_to and a.phase = 'first'
        and not a.is_skip and not a.is_late
        and (a.undone_seq is null or a.undone_seq > p_up_to)
        and (a.superseded_seq is null or a.superseded_seq > p_up_to)
    group by w.worker_id order by w.worker_id
$$;

-- The answers that counted as of a mark to tasks whose truth was known then: by a ruling, or else
-- by gold. Label and truth are places among the labels from 0 on; -1 is none of them.
create or replace function tasks_checked_answers(
    p_call bigint, p_up_to bigint, p_as_of timestamptz, p_labels text[]
) returns table (task_id bigint, worker_id bigint, label int, truth int, seq bigint)
language sql stable as $$
    with known as (
        select t.id, coalesce(r.value, t.gold) as truth
        from tasks_task t
        left join lateral (
            select r.value from tasks_ruling r
            where r.call_id = p_call and r.task_id = t.id and r.at <= p_as_of
            order by r.id desc limit 1
        ) r on true
        where t.call_id = p_call
            and (r.value is not null or t.gold is not null and t.added_at <= p_as_of)
    )
    select a.task_id, w.worker_id,
        coalesce(array_position(p_labels, a.value #>> '{}'), 0) - 1,
        coalesce(array_position(p_labels, k.truth #>> '{}'), 0) - 1,
        a.seq
    from known k
    join tasks_answer a on a.call_id = p_call and a.task_id = k.id
    join people_workers(p_call, p_as_of) w on w.contributor_id = a.contributor_id
    where a.seq <= p_up_to and a.phase = 'first'
        and not a.is_skip and not a.is_late
        and (a.undone_seq is null or a.undone_seq > p_up_to)
        and (a.superseded_seq is null or a.superseded_seq > p_up_to)
    order by a.task_id, w.worker_id
$$;

-- What the organiser's board counts, kept as answers come so that no page ever counts them; called
-- by verdicts.py after each fit, and by boards.py, rulings.py and creating.py.

-- Put the answers numbered above p_from and up to p_to into the counts: by minute and by hour, by
-- contributor, and by the tag of the link that they came by.
create or replace function tasks_note_answers(p_call bigint, p_from bigint, p_to bigint)
returns void language sql as $$
    with news as (
        select a.contributor_id, a.at, a.is_skip
        from tasks_answer a
        where a.call_id = p_call and a.seq > p_from and a.seq <= p_to
    ), pulses as (
        insert into tasks_pulse as p (call_id, step_s, at, answers, skips)
        select p_call, s.step_s,
            to_timestamp(floor(extract(epoch from n.at) / s.step_s) * s.step_s),
            count(*) filter (where not n.is_skip), count(*) filter (where n.is_skip)
        from news n cross join (values (60), (3600)) s (step_s)
        group by 2, 3
        on conflict (call_id, step_s, at) do update set
            answers = p.answers + excluded.answers, skips = p.skips + excluded.skips
    ), visits as (
        select n.contributor_id, count(*) filter (where not n.is_skip) as answers,
            count(distinct (n.at at time zone 'UTC')::date)::int as days,
            min(n.at) as first_at, max(n.at) as last_at
        from news n group by 1
    ), seen as (
        select v.*, p.days as days_before,
            coalesce(p.days, 0) + v.days - (
                p.last_at is not null
                and (p.last_at at time zone 'UTC')::date = (v.first_at at time zone 'UTC')::date
            )::int as days_after
        from visits v
        left join tasks_presence p on p.call_id = p_call and p.contributor_id = v.contributor_id
    ), presences as (
        insert into tasks_presence as p (
            call_id, contributor_id, answers, days, first_at, last_at
        )
        select p_call, contributor_id, answers, days_after, first_at, last_at from seen
        on conflict (call_id, contributor_id) do update set
            answers = p.answers + excluded.answers, days = excluded.days,
            last_at = greatest(p.last_at, excluded.last_at)
    )
    insert into tasks_sourcecount as s (call_id, source, people, came_back, answers)
    select p_call, c.source, count(*) filter (where v.days_before is null),
        count(*) filter (where v.days_after > 1 and coalesce(v.days_before, 0) <= 1),
        sum(v.answers)
    from seen v
    join people_contributor c on c.call_id = p_call and c.id = v.contributor_id
    group by c.source
    on conflict (call_id, source) do update set
        people = s.people + excluded.people, came_back = s.came_back + excluded.came_back,
        answers = s.answers + excluded.answers
$$;

-- How things stand after a fit, in the minute and the hour of it.
create or replace function tasks_note_standing(
    p_call bigint, p_at timestamptz, p_decided bigint, p_disputed bigint, p_confidence float8
) returns void language sql as $$
    insert into tasks_pulse as p (call_id, step_s, at, decided, disputed, confidence)
    select p_call, s.step_s,
        to_timestamp(floor(extract(epoch from p_at) / s.step_s) * s.step_s),
        p_decided, p_disputed, p_confidence
    from (values (60), (3600)) s (step_s)
    on conflict (call_id, step_s, at) do update set
        decided = excluded.decided, disputed = excluded.disputed, confidence = excluded.confidence
$$;

-- Tell the boards that are being looked at; the web processes listen.
create or replace function tasks_tell_boards(p_call bigint) returns void
language sql as $$ select pg_notify('dure_boards', p_call::text) $$;

-- The answers that the open tasks of a call still lack, at most.
create or replace function tasks_answers_left(p_call bigint) returns bigint
language sql stable as $$
    select coalesce(sum(greatest(capacity - counted, 0)), 0)::bigint from tasks_taskprogress
    where call_id = p_call and is_wanted
$$;

-- The words of a task, to find it by: its key and every text in it.
create or replace function tasks_words(p_key varchar, p_content jsonb) returns tsvector
language sql immutable parallel safe as $$
    select to_tsvector('simple', p_key) || jsonb_to_tsvector('simple', p_content, '["string"]')
$$;

-- Up to so many tasks that have words, in no order. By the index of words in any case: the planner
-- thinks that some will be met soon on a walk through the tasks, and where there is none it would
-- read a million of them.
create or replace function tasks_find(p_call bigint, p_query tsquery, p_most int)
returns setof bigint language sql stable
set enable_seqscan to off set enable_indexscan to off as $$
    select id from tasks_task
    where call_id = p_call and tasks_words(key, content) @@ p_query limit p_most
$$;

-- What somebody says is true of a task, which is decided by it at once; the fit is told by the
-- count of events.
create or replace function tasks_rule(
    p_call bigint, p_task bigint, p_value jsonb, p_reason varchar, p_by varchar
) returns bigint language sql as $$
    select collect.count_up(p_call, 1, 0, 0, 0, 0);
    update tasks_taskprogress set state = 'decided'
    where call_id = p_call and task_id = p_task and state <> 'decided';
    insert into tasks_ruling (call_id, task_id, value, reason, at, by)
    values (p_call, p_task, p_value, p_reason, collect.now(), p_by)
    returning id
$$;

-- The rulings that held at a moment, by the tasks' keys.
create or replace function tasks_rulings(p_call bigint, p_as_of timestamptz)
returns table (task varchar, value jsonb) language sql stable as $$
    select distinct on (r.task_id) t.key, r.value
    from tasks_ruling r join tasks_task t on t.call_id = r.call_id and t.id = r.task_id
    where r.call_id = p_call and r.at <= p_as_of
    order by r.task_id, r.id desc
$$;

-- The truths that are known: an organiser's rulings, else the gold that tasks came with.
create or replace function tasks_gold_rows(p_call bigint)
returns table (task varchar, truth jsonb) language sql stable as $$
    select t.key, coalesce(r.value, t.gold)
    from tasks_task t
    left join lateral (
        select value from tasks_ruling r
        where r.call_id = t.call_id and r.task_id = t.id order by r.id desc limit 1
    ) r on true
    where t.call_id = p_call and coalesce(r.value, t.gold) is not null
    order by t.id
$$;

-- Put the tasks of one call into another that has none yet; gives how many.
create or replace function tasks_copy(p_from bigint, p_into bigint, p_capacity int) returns bigint
language plpgsql as $$
declare
    v_added bigint;
begin
    with added as (
        insert into tasks_task (call_id, key, content, gold)
        select p_into, key, content, gold from tasks_task where call_id = p_from order by id
        returning id
    )
    insert into tasks_taskprogress (call_id, task_id, capacity)
    select p_into, id, p_capacity from added order by id;
    get diagnostics v_added = row_count;
    insert into tasks_tally as t (call_id, slot, tasks) values (p_into, 0, v_added)
    on conflict (call_id, slot) do update set tasks = t.tasks + excluded.tasks;
    return v_added;
end $$;

-- Take tasks out of a draft, of which nobody has seen any: those of these keys, or all.
create or replace function tasks_remove(p_call bigint, p_keys varchar[]) returns bigint
language plpgsql as $$
declare
    v_ids bigint[];
begin
    select coalesce(array_agg(id), '{}') into v_ids from tasks_task
    where call_id = p_call and (p_keys is null or key = any (p_keys));
    delete from tasks_taskprogress where call_id = p_call and task_id = any (v_ids);
    delete from tasks_task where call_id = p_call and id = any (v_ids);
    update tasks_tally set tasks = tasks - cardinality(v_ids)
    where call_id = p_call and slot = 0;
    return cardinality(v_ids);
end $$;

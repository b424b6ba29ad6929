-- What a person did in a call and, when it is closed, what came of it for those who made it;
-- called by queries.py and results.py.

-- Every contributor that the person behind a pseudonym is in a call, from all their browsers.
create or replace function tasks_same_contributors(p_call bigint, p_pseudonym text)
returns table (id bigint)
language sql stable as $$
    select c.id from people_contributor me
    join people_contributor c on c.call_id = me.call_id
        and c.person_id = any (people_group(me.person_id))
    where me.call_id = p_call and me.pseudonym = p_pseudonym
$$;

-- How many tasks they have answered or skipped, each counted once.
create or replace function tasks_done_by(p_call bigint, p_pseudonym text) returns bigint
language sql stable as $$
    select count(distinct task_id) from tasks_lease
    where call_id = p_call and status = 'answered'
        and contributor_id in (select id from tasks_same_contributors(p_call, p_pseudonym))
$$;

create or replace function tasks_outcome(p_call bigint)
returns table (people bigint, answers bigint, tasks bigint, decided bigint)
language sql stable as $$
    select
        (
            select count(distinct w.worker_id) from people_workers(p_call) w
            where exists (
                select from tasks_lease l
                where l.call_id = p_call and l.contributor_id = w.contributor_id
                    and l.status = 'answered'
            )
        ),
        n.answers, n.tasks,
        (select count(*) from tasks_taskprogress where call_id = p_call and state = 'decided')
    from (
        select coalesce(sum(counted), 0)::bigint as answers, coalesce(sum(tasks), 0)::bigint as tasks
        from tasks_tally where call_id = p_call
    ) n
$$;

-- Whether an answer says what the verdict says: the same label, set or order, a text of the same
-- cluster; null for numbers and boxes, which are never quite the same.
create or replace function tasks_agrees(
    p_type text, p_value jsonb, p_text text, p_verdict tasks_verdict
) returns boolean language sql immutable as $$
    select case
        when p_type in ('number', 'box') then null
        when p_type = 'text' then
            p_text = p_verdict.label
            or coalesce(p_verdict.value #> '{texts,0,spellings}' ? p_text, false)
        else p_value #>> '{}' = p_verdict.label
    end
$$;

-- What the person behind a pseudonym answered beside what the crowd concluded, the last first.
-- `agreed` and `compared` are the same on every row: they count all of their tasks where an answer
-- can agree, not only those that are shown.
create or replace function tasks_own_beside_crowd(p_call bigint, p_pseudonym text, p_most int)
returns table (
    content jsonb, mine jsonb, label text, probability float8, estimate float8, low float8,
    high float8, value jsonb, agrees boolean, agreed bigint, compared bigint
)
language sql stable as $$
    select n.content, n.mine, n.label, n.probability, n.estimate, n.low, n.high, n.value, n.agrees,
        count(*) filter (where n.agrees) over (), count(n.agrees) over ()
    from (
        select a.seq, t.content, coalesce(a.value, to_jsonb(x.text)) as mine, v.label,
            v.probability, v.estimate, v.low, v.high, v.value,
            tasks_agrees(c.question ->> 'type', a.value, x.text, v) as agrees
        from tasks_answer a
        join calls_call c on c.id = a.call_id
        join tasks_verdict v on v.call_id = a.call_id and v.task_id = a.task_id
        join tasks_task t on t.call_id = a.call_id and t.id = a.task_id
        left join tasks_answertext x on x.call_id = a.call_id and x.answer_id = a.id
        where a.call_id = p_call
            and a.contributor_id in (select id from tasks_same_contributors(p_call, p_pseudonym))
            and a.phase = 'first' and coalesce(a.value, to_jsonb(x.text)) is not null
            and a.undone_seq is null and a.superseded_seq is null
            and (v.label is not null or v.estimate is not null or v.value is not null)
    ) n
    order by n.seq desc limit p_most
$$;

-- What exports read, each in one statement; called by exporting.py alone. Rows come in a fixed
-- order, so that an export of the same state is the same file.

create or replace function tasks_verdict_rows(p_call bigint)
returns table (
    task varchar, label text, probability float8, posterior float8[],
    estimate float8, low float8, high float8, answers int, state varchar
) language sql stable as $$
    select t.key, v.label, v.probability, v.posterior, v.estimate, v.low, v.high,
        coalesce(v.answers, 0), p.state
    from tasks_task t
    join tasks_taskprogress p on p.call_id = t.call_id and p.task_id = t.id
    left join tasks_verdict v on v.call_id = t.call_id and v.task_id = t.id
    where t.call_id = p_call
    order by t.id
$$;

-- The last fit of a call, and how many answers count by now; one row even before the first fit.
create or replace function tasks_last_run(p_call bigint)
returns table (
    as_of timestamptz, method varchar, version varchar, answers_seen bigint,
    answers_total bigint, classes jsonb
) language sql stable as $$
    select r.as_of, r.method, r.version, coalesce(r.answers_seen, 0), n.counted, r.classes
    from (
        select coalesce(sum(counted), 0)::bigint as counted from tasks_tally
        where call_id = p_call
    ) n
    left join (
        select * from tasks_verdictrun where call_id = p_call order by id desc limit 1
    ) r on true
$$;

-- Undone answers are absent; a superseded one counts no more than a late one. Erased words are as
-- empty as a skip.
create or replace function tasks_answer_rows(p_call bigint)
returns table (
    id uuid, task varchar, worker varchar, answer jsonb, phase varchar, late text, at text
) language sql stable as $$
    select a.id, t.key, w.pseudonym,
        case when a.value is null then to_jsonb(x.text) else a.value end, a.phase,
        (a.is_late or a.superseded_seq is not null)::text,
        to_char(a.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    from tasks_answer a
    join tasks_task t on t.call_id = a.call_id and t.id = a.task_id
    join people_workers(p_call) w on w.contributor_id = a.contributor_id
    left join tasks_answertext x on x.call_id = a.call_id and x.answer_id = a.id
    where a.call_id = p_call and a.undone_seq is null
    order by a.seq
$$;

-- Shares of the classes as a line of JSON, their names as given, in their order.
create or replace function tasks_shares(p_classes text[], p_posterior float8[]) returns json
language sql immutable as $$
    select json_object_agg('p:' || n.class, n.share order by n.place)
    from unnest(p_classes, p_posterior) with ordinality as n (class, share, place)
$$;

-- Words that a spreadsheet would take for a formula, made plain by an apostrophe; a number alone
-- runs nothing. Those that have apostrophes already get one more, so that it can be taken away.
create or replace function tasks_defuse(p_words text) returns text
language sql immutable as $$
    select case
        when p_words ~ '^''*[=+@\t\r-]' and p_words !~ '^[+-]?[0-9]+([.][0-9]+)?$'
        then '''' || p_words else p_words
    end
$$;

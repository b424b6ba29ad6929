-- What exports read, each in one statement; called by the modules of exporting alone. Rows come in
-- a fixed order, so that an export of the same state is the same file.

create or replace function tasks_verdict_rows(p_call bigint)
returns table (
    task varchar, label text, probability float8, posterior float8[],
    estimate float8, low float8, high float8, value jsonb, answers int, state varchar
) language sql stable as $$
    select t.key, v.label, v.probability, v.posterior, v.estimate, v.low, v.high, v.value,
        coalesce(v.answers, 0), p.state
    from tasks_task t
    join tasks_taskprogress p on p.call_id = t.call_id and p.task_id = t.id
    left join tasks_verdict v on v.call_id = t.call_id and v.task_id = t.id
    where t.call_id = p_call
    order by t.id
$$;

-- The tasks of a call as a table for people has them: what each shows, what is concluded of it, and
-- what is known of it, from the start or by the ruling that stands.
create or replace function tasks_known_rows(p_call bigint)
returns table (
    id bigint, key varchar, content jsonb, gold jsonb, state varchar, capacity int, counted int,
    label text, probability float8, estimate float8, low float8, high float8, value jsonb,
    answers int, ruled jsonb, reason varchar
) language sql stable as $$
    select t.id, t.key, t.content, t.gold, p.state, p.capacity, p.counted,
        v.label, v.probability, v.estimate, v.low, v.high, v.value, coalesce(v.answers, 0),
        r.value, r.reason
    from tasks_task t
    join tasks_taskprogress p on p.call_id = t.call_id and p.task_id = t.id
    left join tasks_verdict v on v.call_id = t.call_id and v.task_id = t.id
    left join lateral (
        select value, reason from tasks_ruling
        where call_id = t.call_id and task_id = t.id order by id desc limit 1
    ) r on true
    where t.call_id = p_call
    order by t.id
$$;

-- A row for each box that a task may have; one without a place for a task with none.
create or replace function tasks_box_rows(p_call bigint)
returns table (
    task varchar, x float8, y float8, w float8, h float8, label text, probability float8,
    marked int, answers int
) language sql stable as $$
    select v.task, b.x, b.y, b.w, b.h, b.label, b.probability, b.marked, v.answers
    from tasks_verdict_rows(p_call) v
    left join lateral jsonb_to_recordset(v.value -> 'boxes') as b (
        x float8, y float8, w float8, h float8, label text, probability float8, marked int
    ) on true
$$;

-- The items that a call's answers compared or ranked, the first one first.
create or replace function tasks_ranking_rows(p_call bigint)
returns table (
    item text, score float8, low float8, high float8, rank bigint, comparisons bigint,
    rank_low bigint, rank_high bigint, component bigint
) language sql stable as $$
    select item, score, low, high, rank, comparisons, rank_low, rank_high, component
    from tasks_rankeditem where call_id = p_call order by place
$$;

-- What contributors expected of the others, a row for each option; a number has none.
create or replace function tasks_prediction_rows(p_call bigint)
returns table (task varchar, worker varchar, value text, prediction float8)
language sql stable as $$
    select t.key, w.pseudonym, n.value, n.share::float8
    from tasks_answer a
    join tasks_task t on t.call_id = a.call_id and t.id = a.task_id
    join people_workers(p_call) w on w.contributor_id = a.contributor_id
    cross join lateral (
        select s.key, s.value #>> '{}' from jsonb_each(
            case when jsonb_typeof(a.prediction) = 'object' then a.prediction else '{}' end
        ) s
        union all
        select null, a.prediction #>> '{}' where jsonb_typeof(a.prediction) = 'number'
    ) n (value, share)
    where a.call_id = p_call and a.prediction is not null and a.phase = 'first'
        and not a.is_late and a.undone_seq is null and a.superseded_seq is null
    order by a.seq, n.value collate "C"
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
    id uuid, task varchar, worker varchar, answer jsonb, phase varchar, late text, at text,
    content jsonb
) language sql stable as $$
    select a.id, t.key, w.pseudonym,
        case when a.value is null then to_jsonb(x.text) else a.value end, a.phase,
        (a.is_late or a.superseded_seq is not null)::text,
        to_char(a.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), t.content
    from tasks_answer a
    join tasks_task t on t.call_id = a.call_id and t.id = a.task_id
    join people_workers(p_call) w on w.contributor_id = a.contributor_id
    left join tasks_answertext x on x.call_id = a.call_id and x.answer_id = a.id
    where a.call_id = p_call and a.undone_seq is null
    order by a.seq
$$;

-- What stands on one side of a pair, as name_sides of contents.py calls it.
create or replace function tasks_side(p_part jsonb, p_language text) returns text
language sql immutable as $$
    select case
        when jsonb_typeof(p_part) = 'string' then p_part #>> '{}'
        when (select array_agg(k) from jsonb_object_keys(p_part) k) = '{image}'
            then p_part ->> 'image'
        else coalesce(
            p_part ->> p_language, p_part ->> split_part(p_language, '-', 1), p_part ->> 'en',
            (select value from jsonb_each_text(p_part) limit 1)
        )
    end
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

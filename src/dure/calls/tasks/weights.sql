-- What a fit learned of its workers, and what it takes to tell what each answer weighed; called by
-- verdicts.py, learned.py and weights.py.

-- The number of a run that is about to be kept.
create or replace function tasks_next_run() returns bigint language sql as $$
    select nextval(pg_get_serial_sequence('tasks_verdictrun', 'id'))
$$;

-- Put a part of a run's workers in place of the last run's. Who was merged by then has a row for
-- each contributor that they are in the call, so that an answer's row is found by its contributor.
create or replace function tasks_put_habits(
    p_call bigint, p_run bigint, p_as_of timestamptz, p_workers varchar[], p_concentrations float8[]
) returns void language sql as $$
    insert into tasks_workerhabits as h (call_id, contributor_id, run_id, concentration)
    select p_call, w.contributor_id, p_run,
        p_concentrations[
            (n.place - 1) * cardinality(p_concentrations) / cardinality(p_workers) + 1
            : n.place * cardinality(p_concentrations) / cardinality(p_workers)
        ]
    from unnest(p_workers) with ordinality as n (pseudonym, place)
    join people_workers(p_call, p_as_of) w on w.pseudonym = n.pseudonym
    order by w.contributor_id
    on conflict (call_id, contributor_id) do update set
        run_id = excluded.run_id, concentration = excluded.concentration
$$;

-- Workers of whom the last run saw no answer.
create or replace function tasks_drop_habits(p_call bigint, p_run bigint) returns void
language sql as $$
    delete from tasks_workerhabits where call_id = p_call and run_id <> p_run
$$;

-- A task's verdict, the run that gave it, and the answers that this run saw with what it knew of
-- their workers, all as of one moment; in the order in which the run had them, unless some of the
-- workers were several contributors. No answers where the run kept nothing of its workers.
create or replace function tasks_weighed_answers(p_call bigint, p_task bigint)
returns table (
    learned jsonb, classes jsonb, label text, posterior float8[], value jsonb, estimate float8,
    is_known boolean, counted int,
    answers uuid[], given jsonb, predictions jsonb, habits float8[]
) language sql stable as $$
    select r.learned, r.classes, v.label, v.posterior, v.value, v.estimate,
        exists (
            select from tasks_task t
            where t.call_id = p_call and t.id = p_task and t.gold is not null
                and t.added_at <= r.as_of
        ) or exists (
            select from tasks_ruling u
            where u.call_id = p_call and u.task_id = p_task and u.at <= r.as_of
        ),
        v.answers, seen.answers, seen.given, seen.predictions, seen.habits
    from (
        select id, learned, classes, seen_up_to, as_of from tasks_verdictrun
        where call_id = p_call order by id desc limit 1
    ) r
    join tasks_verdict v on v.call_id = p_call and v.task_id = p_task
    cross join lateral (
        select array_agg(a.id order by c.pseudonym collate "C") as answers,
            jsonb_agg(coalesce(a.value, to_jsonb(x.text)) order by c.pseudonym collate "C")
                as given,
            jsonb_agg(a.prediction order by c.pseudonym collate "C") as predictions,
            array_agg(h.concentration order by c.pseudonym collate "C") as habits
        from tasks_answer a
        join people_contributor c on c.call_id = a.call_id and c.id = a.contributor_id
        join tasks_workerhabits h
            on h.call_id = a.call_id and h.contributor_id = a.contributor_id and h.run_id = r.id
        left join tasks_answertext x on x.call_id = a.call_id and x.answer_id = a.id
        where r.learned <> '{}' and a.call_id = p_call and a.task_id = p_task
            and a.seq <= r.seen_up_to and a.phase = 'first' and not a.is_skip and not a.is_late
            and coalesce(a.value, to_jsonb(x.text)) is not null
            and (a.undone_seq is null or a.undone_seq > r.seen_up_to)
            and (a.superseded_seq is null or a.superseded_seq > r.seen_up_to)
    ) seen
$$;

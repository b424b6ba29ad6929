-- One turn of the crowd: what many people ask at the same moment, in one transaction. A request
-- alone is a turn of one, so there is one way to take tasks and to answer them.
--
-- Statements work on all requests at once, and each must cost the same however many rows there are.
-- Plans are kept by a session from the moment when tables were small, or thought to be empty, and
-- may then read all of a call for each turn: so the few ways that they can go are laid out.
-- - A row is looked for by its whole key, in a lateral part or an exists that `offset 0` or a limit
--   keeps apart from joins.
-- - Where several indexes begin with the call, the key is written as a range and asked for in its
--   order: that is for free by the right index, and costs a sort by any other.
-- - A row is changed by its place (ctid), which stays while its lock is held; but not in the
--   statement that locks it, whose snapshot may be older.
--
-- Locks are taken in the order that queries.sql names.

-- Who asks: each key's person, and the person's contributors in this call, the own one first.
-- Nobody merges meanwhile, since the caller holds who is who still.
create or replace function collect.find_turns(p_call bigint, p_keys bytea[], p_wants int[])
returns collect.turn[]
language plpgsql stable as $$
begin
    return (
        select array_agg(
            row(
                asked.place, mine.ids, asked.want,
                case when k.person_id is null then 'DU401' when mine.ids is null then 'DU403' end,
                null, null, null, null, null
            )::collect.turn order by asked.place
        )
        from unnest(p_keys, p_wants) with ordinality as asked (key, want, place)
        left join lateral (
            select person_id from people_personkey
            where hash = asked.key and revoked_at is null offset 0
        ) k on true
        left join lateral (
            select array_agg(c.id order by same.id <> k.person_id, c.id) as ids
            from unnest(
                case
                    when exists (select from people_personmerge m where m.person_id = k.person_id)
                        or exists (select from people_personmerge m where m.into_id = k.person_id)
                    then people_group(k.person_id)
                    else array[k.person_id]
                end
            ) same (id)
            cross join lateral (
                select id from people_contributor
                where call_id = p_call and person_id >= same.id and person_id <= same.id
                order by person_id limit 1
            ) c
        ) mine on true
    );
end $$;

-- Of several requests of one person, by several keys, the first goes on; the others are refused with
-- DU000, which asks for another try.
create or replace function collect.put_off_same_persons(p_turns collect.turn[])
returns collect.turn[]
language plpgsql immutable as $$
declare
    v_seen bigint[] := '{}';
begin
    for i in 1 .. cardinality(p_turns) loop
        if p_turns[i].contributors && v_seen then
            p_turns[i].refusal := 'DU000';
        else
            v_seen := v_seen || p_turns[i].contributors;
        end if;
    end loop;
    return p_turns;
end $$;

-- Lock whoever acts, and settle who goes on: of one person's requests one, and of those that want
-- tasks alone none where the call is not open. Gives the requests back with what each may have.
create or replace function collect.hold_turns(
    p_call bigint, p_is_open boolean, p_turns collect.turn[], p_answers jsonb
) returns collect.turn[]
language plpgsql as $$
declare
    v_ids bigint[];
begin
    select array_agg(id) into v_ids from unnest(p_turns) t cross join unnest(t.contributors) id;
    if (select count(*) > count(distinct id) from unnest(v_ids) id) then
        p_turns := collect.put_off_same_persons(p_turns);
        select array_agg(id) into v_ids
        from unnest(p_turns) t cross join unnest(t.contributors) id where t.refusal is null;
    end if;
    with locked as materialized (
        select c.place, c.id, c.cursor
        from (select id from unnest(v_ids) id order by id) wanted
        cross join lateral (
            select ctid as place, id, cursor from people_contributor
            where call_id = p_call and id >= wanted.id and id <= wanted.id order by id limit 1
            for no key update
        ) c
    )
    select array_agg(
        row(
            t.place, t.contributors,
            case
                when not p_is_open or t.refusal is not null then 0
                when t.want < 0 then -1 - t.want
                else t.want
            end,
            case
                when t.refusal = 'DU000' then t.refusal
                when not p_is_open and t.want >= 0 and not exists (
                    select from jsonb_array_elements(p_answers) a
                    where (a -> 'turn')::int = t.place
                ) then 'DU409'
                else t.refusal
            end,
            l.place, l.cursor, '{}', '{}', '{}'
        )::collect.turn order by t.place
    ) into p_turns
    from unnest(p_turns) t left join locked l on l.id = t.contributors[1];
    return p_turns;
end $$;

-- The answers of a turn as rows, without those of refused requests.
create or replace function collect.read_given(p_turns collect.turn[], p_answers jsonb)
returns collect.given[]
language plpgsql stable as $$
begin
    return (
        select array_agg(
            row(
                a.place, a.turn, a.id, a.task, a.phase, a.value, a.is_skip, a.prediction, a.ms, a.text,
                a.names_items, t.contributors, null, null, null, null, null
            )::collect.given order by a.place
        )
        from rows from (
            jsonb_to_recordset(p_answers) as (
                turn int, id uuid, task bigint, phase text, value jsonb, is_skip boolean,
                prediction jsonb, ms bigint, text text, names_items boolean
            )
        ) with ordinality as a (
            turn, id, task, phase, value, is_skip, prediction, ms, text, names_items, place
        )
        join unnest(p_turns) t on t.place = a.turn and t.refusal is null
    );
end $$;

-- What is to become of each answer: 'accepted', 'late', or the reason it is refused for. The locks
-- on its task and its person are held, and no two of these answers are in each other's way.
create or replace function collect.judge(
    p_call bigint, p_is_open boolean, p_now timestamptz, p_given collect.given[]
) returns collect.given[]
language plpgsql stable as $$
begin
    return (
        select array_agg(
            row(
                a.place, a.turn, a.id, a.task, a.phase, a.value, a.is_skip, a.prediction, a.ms,
                a.words, a.names_items, a.contributors, l.place, l.status = 'held', p.place,
                known.id is null,
                case
                    when known.id is not null then case
                        when known.task_id = a.task and known.contributor_id = any (a.contributors)
                            and known.phase = a.phase and known.is_skip = a.is_skip
                            and known.value is not distinct from a.value
                            and collect.has_words(p_call, known.id, a.words)
                        then case when known.is_late then 'late' else 'accepted' end
                        else 'id-reused'
                    end
                    when p.place is null then 'unknown-task'
                    when exists (
                        select from tasks_answer s
                        where s.call_id = p_call and s.task_id >= a.task and s.task_id <= a.task
                            and s.contributor_id = any (a.contributors) and s.phase = a.phase
                            and s.undone_seq is null and s.superseded_seq is null
                        order by s.task_id offset 0
                    ) then 'already-answered'
                    when l.place is null then 'no-lease'
                    when case when a.names_items
                        then not collect.names_items(p_call, a.task, a.value) end then 'bad-value'
                    when p_is_open and l.status = 'held' and l.until > p_now then 'accepted'
                    else 'late'
                end
            )::collect.given order by a.place
        )
        from unnest(p_given) a
        left join lateral (
            select * from tasks_answer
            where call_id = p_call and id >= a.id and id <= a.id order by id limit 1
        ) known on true
        left join lateral (
            select ctid as place from tasks_taskprogress
            where call_id = p_call and task_id >= a.task and task_id <= a.task
            order by task_id limit 1
        ) p on true
        left join lateral (
            select ctid as place, status, until from tasks_lease
            where call_id = p_call and contributor_id = any (a.contributors) and task_id = a.task
            order by status = 'held' desc, until desc limit 1
        ) l on true
    );
end $$;

-- Whether an answer's own words are these; erased ones are as good as any.
create or replace function collect.has_words(p_call bigint, p_answer uuid, p_words text)
returns boolean
language plpgsql stable as $$
begin
    return (
        select coalesce(
            (
                select w.erased_at is not null or w.text is not distinct from p_words
                from tasks_answertext w where w.call_id = p_call and w.answer_id = p_answer
            ),
            p_words is null
        )
    );
end $$;

-- Store what was judged worth it, and count it; gives the judgements back, some of them changed:
-- an id may have been used by somebody else's request while we were deciding.
create or replace function collect.store(
    p_call bigint, p_now timestamptz, p_given collect.given[]
) returns collect.given[]
language plpgsql as $$
declare
    v_stored uuid[];
    v_new collect.given[];
begin
    with stored as (
        insert into tasks_answer (
            call_id, id, task_id, contributor_id, phase, value, is_skip, is_late, prediction, ms, at
        )
        select p_call, a.id, a.task, a.contributors[1], a.phase, a.value, a.is_skip,
            a.fate = 'late', a.prediction, a.ms, p_now
        from unnest(p_given) a where a.is_new and a.fate in ('accepted', 'late')
        order by a.place
        on conflict (call_id, id) do nothing
        returning id
    )
    select array_agg(id) into v_stored from stored;
    select array_agg(a order by a.place) into v_new
    from unnest(p_given) a where a.is_new and a.id = any (v_stored);
    if v_new is null then
        return collect.refuse_reused(p_given, v_stored);
    end if;
    insert into tasks_answertext (call_id, answer_id, text)
    select p_call, a.id, a.words from unnest(v_new) a where a.words is not null;
    update tasks_lease set status = 'answered'
    where ctid = any (array(select a.lease_at from unnest(v_new) a));
    update tasks_taskprogress p set leased = p.leased - d.freed, counted = p.counted + d.counted
    from (
        select a.task_at, sum(a.was_held::int) as freed,
            sum((a.fate = 'accepted' and not a.is_skip)::int) as counted
        from unnest(v_new) a group by a.task_at
    ) d
    where p.ctid = d.task_at and (d.freed > 0 or d.counted > 0);
    perform collect.count_up(
        p_call, count(*)::int,
        (count(*) filter (where a.fate = 'accepted' and not a.is_skip))::int,
        (count(*) filter (where a.fate = 'accepted' and a.is_skip))::int,
        (count(*) filter (where a.fate = 'late'))::int, 0
    )
    from unnest(v_new) a;
    perform collect.lower_frontier(p_call, min(a.task))
    from unnest(v_new) a where a.was_held and (a.fate = 'late' or a.is_skip);
    return collect.refuse_reused(p_given, v_stored);
end $$;

create or replace function collect.refuse_reused(p_given collect.given[], p_stored uuid[])
returns collect.given[]
language plpgsql immutable as $$
begin
    for i in 1 .. cardinality(p_given) loop
        if p_given[i].is_new and p_given[i].fate in ('accepted', 'late')
            and not p_given[i].id = any (coalesce(p_stored, '{}'))
        then
            p_given[i].fate := 'id-reused';
        end if;
    end loop;
    return p_given;
end $$;

-- Lock the tasks of a turn's answers, then judge and store them: all at once, but those that have an
-- id, or a task and a person, in common one after the other.
create or replace function collect.record_answers(
    p_call bigint, p_is_open boolean, p_given collect.given[]
) returns collect.given[]
language plpgsql as $$
declare
    v_now timestamptz;
    v_alike collect.given[];
    v_done collect.given[];
    v_one collect.given;
begin
    perform from (select distinct a.task from unnest(p_given) a order by a.task) asked
    cross join lateral (
        select from tasks_taskprogress
        where call_id = p_call and task_id >= asked.task and task_id <= asked.task
        order by task_id limit 1 for no key update
    ) locked;
    v_now := collect.now();
    select array_agg(one order by place) filter (where not is_alike),
        array_agg(one order by place) filter (where is_alike)
    into v_done, v_alike
    from (
        select a as one, a.place, count(*) over (partition by a.id) > 1
            or count(*) over (partition by a.turn, a.task) > 1 as is_alike
        from unnest(p_given) a
    ) told;
    if v_done is not null then
        v_done := collect.judge(p_call, p_is_open, v_now, v_done);
        v_done := collect.store(p_call, v_now, v_done);
    end if;
    foreach v_one in array coalesce(v_alike, '{}') loop
        v_alike := collect.judge(p_call, p_is_open, v_now, array[v_one]);
        v_done := v_done || collect.store(p_call, v_now, v_alike);
    end loop;
    return v_done;
end $$;

-- Let each of many requests record its answers and take its next tasks. `p_leases` says how many
-- tasks each key wants; `p_answers` holds the answers of all, each with the place of its request
-- in `turn`. A request without answers wants tasks alone, and needs an open call; one whose answers
-- were all refused before has -1 less the number of tasks, and needs none. One row comes back for
-- each: a refusal (a code of queries.sql, or DU000 for another try) or the fates of its
-- answers in their order, its tasks as JSON, and whether to ask for more.
create or replace function collect.take_turns(
    p_call bigint, p_keys bytea[], p_leases int[], p_answers jsonb
) returns table (turn int, refusal text, fates text[], tasks text, more boolean)
language plpgsql security definer set search_path = public, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
set plan_cache_mode = force_generic_plan set jit = off set lock_timeout = '250ms'
as $$
#variable_conflict use_column
declare
    v_state text;
    v_lease_s int;
    v_turns collect.turn[];
    v_given collect.given[];
begin
    select state, lease_s into v_state, v_lease_s from collect.hold_call(p_call);
    v_turns := collect.find_turns(p_call, p_keys, p_leases);
    v_turns := collect.hold_turns(p_call, v_state = 'open', v_turns, p_answers);
    v_given := collect.read_given(v_turns, p_answers);
    if v_given is not null then
        v_given := collect.record_answers(p_call, v_state = 'open', v_given);
    end if;
    if v_state = 'open' and exists (select from unnest(v_turns) t where t.want > 0) then
        v_turns := collect.hand_out(p_call, v_lease_s, v_turns);
    end if;
    return query
    select t.place, t.refusal,
        (select array_agg(a.fate order by a.place) from unnest(v_given) a where a.turn = t.place),
        coalesce(given.tasks, '[]'),
        t.want > 0 and (
            coalesce(given.n, 0) = t.want
            or collect.may_have_more(p_call, t.contributors, t.held || t.taken)
        )
    from unnest(v_turns) t
    left join lateral (
        select '[' || string_agg(
            json_build_object('id', k.id, 'content', k.content, 'until', seat.until)::text, ','
            order by seat.place
        ) || ']' as tasks, count(*) as n
        from unnest(t.held || t.taken, t.ends_at) with ordinality as seat (task_id, until, place)
        cross join lateral (
            select id, content from tasks_task where call_id = p_call and id = seat.task_id offset 0
        ) k
    ) given on t.want > 0;
end $$;

-- The collecting functions: every door calls these, and the role dure_collect may do nothing else.
--
-- Locks are taken in one order everywhere, so that nobody waits in a circle: who is who (shared),
-- the call (shared), contributors by id, tasks by id, the tally, the frontier. Lock, then read, then
-- decide.
-- Refusals are raised as DU401 (no such key), DU403 (not in this call), DU404, DU409 (state).

-- The time, in one place, so that tests can stand in for it.
create or replace function collect.now() returns timestamptz
language sql volatile as $$ select clock_timestamp() $$;

-- Nobody becomes one with somebody else until this transaction ends; a merge holds this alone.
create or replace function collect.hold_persons() returns void
language sql volatile as $$
    select pg_advisory_xact_lock_shared(collect.persons_lock())
$$;

create or replace function collect.persons_lock() returns bigint
language sql immutable as $$ select 4977000000000000::bigint $$;

-- The contributors of one person in one call, locked against a second tab; the first is the one who
-- acts. The call is held, and with it who is who.
create or replace function collect.lock_contributors(p_call bigint, p_key bytea) returns bigint[]
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_person bigint;
    v_ids bigint[];
begin
    select person_id into v_person from people_personkey
    where hash = p_key and revoked_at is null;
    if not found then
        raise exception 'no such key' using errcode = 'DU401';
    end if;
    select array_agg(id order by person_id <> v_person, id) into v_ids from people_contributor
    where call_id = p_call and person_id = any (people_group(v_person));
    if v_ids is null then
        raise exception 'not in this call' using errcode = 'DU403';
    end if;
    perform from people_contributor
    where call_id = p_call and id = any (v_ids) order by id for no key update;
    return v_ids;
end $$;

-- Hold the call's state, and who is who, still for this transaction, and read it.
create or replace function collect.hold_call(p_call bigint, out state text, out lease_s int)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
    perform collect.hold_persons();
    perform pg_advisory_xact_lock_shared(collect.call_lock(p_call));
    select c.state, c.lease_s into state, lease_s from calls_call c
    where c.id = p_call and c.kind = 'tasks';
    if not found then
        raise exception 'no such call' using errcode = 'DU404';
    end if;
    if state = 'draft' then
        raise exception 'the call is a draft' using errcode = 'DU409';
    end if;
end $$;

-- The advisory lock that answers share and a change of the call's state takes alone.
create or replace function collect.call_lock(p_call bigint) returns bigint
language sql immutable as $$ select 4972000000000000::bigint + p_call $$;

create or replace function collect.count_up(
    p_call bigint, p_events int, p_counted int, p_skipped int, p_late int, p_undone int
) returns void
language sql volatile security definer set search_path = public, pg_temp as $$
    insert into tasks_tally as t (call_id, slot, events, counted, skipped, late, undone)
    values (
        p_call, pg_backend_pid() % 16, p_events, p_counted, p_skipped, p_late, p_undone
    )
    on conflict (call_id, slot) do update set
        events = t.events + excluded.events,
        counted = t.counted + excluded.counted,
        skipped = t.skipped + excluded.skipped,
        late = t.late + excluded.late,
        undone = t.undone + excluded.undone
$$;

-- What a door must know of a call before it can read answers to it; it never changes after a draft.
create or replace function collect.find_call(p_slug text) returns jsonb
language sql stable security definer set search_path = public, pg_temp as $$
    select jsonb_build_object(
        'id', id, 'state', state, 'question', question, 'title', title, 'brief', brief,
        'language', language, 'promise', promise
    )
    from calls_call where slug = p_slug and kind = 'tasks'
$$;

-- Take part in a call: as the person of the key, or as a new person who is given the new key.
create or replace function collect.join_call(
    p_slug text, p_key bytea, p_new_key bytea, p_source text default ''
) returns jsonb
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_call calls_call;
    v_person bigint;
    v_group bigint[];
    v_pseudonym text;
    v_is_new boolean := false;
begin
    select * into v_call from calls_call where slug = p_slug and kind = 'tasks';
    if not found then
        raise exception 'no such call' using errcode = 'DU404';
    end if;
    if v_call.state = 'draft' then
        raise exception 'the call is a draft' using errcode = 'DU409';
    end if;
    select person_id into v_person from people_personkey
    where hash = p_key and revoked_at is null;
    if not found then
        if p_new_key is null then
            raise exception 'no such key' using errcode = 'DU401';
        end if;
        v_is_new := true;
        -- The new key is known already if this is another try of a request whose reply was lost.
        select person_id into v_person from people_personkey where hash = p_new_key;
        if not found then
            insert into people_person default values returning id into v_person;
            insert into people_personkey (person_id, hash) values (v_person, p_new_key);
        end if;
    end if;
    v_group := people_group(v_person);
    select pseudonym into v_pseudonym from people_contributor
    where call_id = v_call.id and person_id = any (v_group)
    order by person_id <> v_person, id limit 1;
    if not found then
        insert into people_contributor (call_id, person_id, pseudonym, source)
        values (
            v_call.id, v_person, 'w' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 12),
            p_source
        )
        on conflict (call_id, person_id) do update set cursor = people_contributor.cursor
        returning pseudonym into v_pseudonym;
    end if;
    return jsonb_build_object(
        'contributor', v_pseudonym,
        'is_new', v_is_new,
        'call', jsonb_build_object(
            'id', v_call.id, 'slug', v_call.slug, 'title', v_call.title, 'brief', v_call.brief,
            'language', v_call.language, 'state', v_call.state, 'visibility', v_call.visibility,
            'promise', v_call.promise, 'question', v_call.question, 'lease_s', v_call.lease_s
        )
    );
end $$;

-- Seats came free from this task on: whoever looks for one must not pass them over.
create or replace function collect.lower_frontier(p_call bigint, p_task bigint) returns void
language sql volatile as $$
    update tasks_frontier set up_to = p_task - 1 where call_id = p_call and up_to >= p_task
$$;

-- Free the seats of leases that ran out; rows that somebody holds are left for the next time. In
-- steps of which each has one good plan: as one query, a hundred thousand old leases took seconds.
create or replace function collect.end_old_leases(p_call bigint, p_rows_max int) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    -- Read once: an index is of no use for a time that may differ from row to row.
    v_now constant timestamptz := collect.now();
    v_tasks bigint[];
    v_rows tid[];
begin
    -- The order makes every other way than by lease_runs_out a dear one.
    select array_agg(task_id) into v_tasks from (
        select task_id from tasks_lease
        where call_id = p_call and status = 'held' and until <= v_now
        order by until limit p_rows_max
    ) due;
    if v_tasks is null then
        return 0;
    end if;
    select array_agg(task_id) into v_tasks from (
        select task_id from tasks_taskprogress
        where call_id = p_call and task_id = any (v_tasks)
        order by task_id for no key update skip locked
    ) seats;
    -- A lease changes only under its task's lock: what is still due now stays where it is.
    select array_agg(place), array_agg(task_id) into v_rows, v_tasks from (
        select ctid as place, task_id from tasks_lease
        where call_id = p_call and status = 'held' and until <= v_now
        order by until limit p_rows_max
    ) due where task_id = any (v_tasks);
    update tasks_lease set status = 'ended' where ctid = any (v_rows);
    update tasks_taskprogress set
        leased = leased - cardinality(array_positions(v_tasks, task_id))
    where call_id = p_call and task_id = any (v_tasks);
    perform collect.lower_frontier(p_call, min(task)) from unnest(v_tasks) task;
    return coalesce(cardinality(v_tasks), 0);
end $$;

-- Whether a ranking names only items that its task has, each by its text in the call's language.
create or replace function collect.names_items(p_call bigint, p_task bigint, p_value jsonb)
returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
    select not exists (
        select ranked #>> '{}' from jsonb_array_elements(p_value) ranked
        except
        select case when jsonb_typeof(item) = 'string' then item #>> '{}' else coalesce(
            item ->> c.language, item ->> split_part(c.language, '-', 1), item ->> 'en',
            (select text from jsonb_each_text(item) as t (language, text) limit 1)
        ) end
        from tasks_task t
        join calls_call c on c.id = t.call_id
        cross join jsonb_array_elements(t.content -> 'items') item
        where t.call_id = p_call and t.id = p_task
    )
$$;

-- Keep tasks a while longer; a lease that has ended is not revived.
create or replace function collect.renew_leases(p_call bigint, p_key bytea, p_tasks bigint[])
returns jsonb
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_call record;
    v_group bigint[];
    v_renewed jsonb;
begin
    v_call := collect.hold_call(p_call);
    if v_call.state <> 'open' then
        raise exception 'the call is %', v_call.state using errcode = 'DU409';
    end if;
    v_group := collect.lock_contributors(p_call, p_key);
    perform from tasks_taskprogress
    where call_id = p_call and task_id = any (p_tasks) order by task_id for no key update;
    with renewed as (
        update tasks_lease set until = collect.now() + make_interval(secs => v_call.lease_s)
        where call_id = p_call and contributor_id = any (v_group) and task_id = any (p_tasks)
            and status = 'held' and until > collect.now()
        returning task_id, until
    )
    select coalesce(
        jsonb_agg(jsonb_build_object('id', task_id, 'until', until) order by task_id), '[]'
    ) into v_renewed from renewed;
    return jsonb_build_object('renewed', v_renewed);
end $$;

-- Give tasks back unanswered, so that others can have them at once.
create or replace function collect.return_tasks(p_call bigint, p_key bytea, p_tasks bigint[])
returns jsonb
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_group bigint[];
    v_returned jsonb;
begin
    perform collect.hold_call(p_call);
    v_group := collect.lock_contributors(p_call, p_key);
    perform from tasks_taskprogress
    where call_id = p_call and task_id = any (p_tasks) order by task_id for no key update;
    with ended as (
        update tasks_lease set status = 'ended'
        where call_id = p_call and contributor_id = any (v_group) and task_id = any (p_tasks)
            and status = 'held'
        returning task_id
    ), freed as (
        update tasks_taskprogress p set leased = p.leased - ended.n
        from (select task_id, count(*) as n from ended group by task_id) ended
        where p.call_id = p_call and p.task_id = ended.task_id
        returning p.task_id
    )
    select coalesce(jsonb_agg(task_id order by task_id), '[]') into v_returned from freed;
    perform collect.lower_frontier(p_call, min(task::bigint))
    from jsonb_array_elements_text(v_returned) task;
    -- Whoever comes back, as after a reload, finds the same tasks first if they are still free.
    update people_contributor set cursor = least(
        cursor, (select min(task::bigint) - 1 from jsonb_array_elements_text(v_returned) task)
    )
    where call_id = p_call and id = v_group[1] and v_returned <> '[]';
    return jsonb_build_object('returned', v_returned);
end $$;

-- Take an answer back within ten seconds; its task is held for the person again where it can be.
create or replace function collect.undo_answer(p_call bigint, p_key bytea, p_answer uuid)
returns jsonb
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    v_call record;
    v_group bigint[];
    v_answer record;
begin
    v_call := collect.hold_call(p_call);
    v_group := collect.lock_contributors(p_call, p_key);
    select task_id into v_answer from tasks_answer
    where call_id = p_call and id = p_answer and contributor_id = any (v_group);
    if not found then
        raise exception 'no such answer' using errcode = 'DU404';
    end if;
    perform from tasks_taskprogress
    where call_id = p_call and task_id = v_answer.task_id for no key update;
    select * into v_answer from tasks_answer where call_id = p_call and id = p_answer;
    if v_answer.undone_seq is not null then
        return jsonb_build_object('undone', p_answer);
    end if;
    if v_answer.superseded_seq is not null
        or v_answer.at + interval '10 seconds' <= collect.now()
    then
        raise exception 'the time to undo has passed' using errcode = 'DU409';
    end if;
    update tasks_answer set undone_seq = nextval('tasks_answer_seq'), undone_at = collect.now()
    where call_id = p_call and id = p_answer;
    update tasks_taskprogress set
        counted = counted - (not v_answer.is_late and not v_answer.is_skip)::int
    where call_id = p_call and task_id = v_answer.task_id;
    perform collect.count_up(
        p_call, 1,
        -(not v_answer.is_late and not v_answer.is_skip)::int,
        -(not v_answer.is_late and v_answer.is_skip)::int,
        -v_answer.is_late::int, 1
    );
    perform collect.end_old_leases(p_call, 100);
    -- After a merge more than one browser of the person may have answered.
    update tasks_lease set status = 'ended'
    where call_id = p_call and contributor_id = any (v_group) and task_id = v_answer.task_id
        and status = 'answered';
    update tasks_taskprogress set leased = leased + 1
    where call_id = p_call and task_id = v_answer.task_id
        and v_call.state = 'open' and not v_answer.is_late and counted + leased < capacity;
    if found then
        -- The seat may have been leased from another browser of the same person than answered.
        update tasks_lease set
            status = 'held', until = collect.now() + make_interval(secs => v_call.lease_s)
        where call_id = p_call and task_id = v_answer.task_id and contributor_id = (
            select contributor_id from tasks_lease
            where call_id = p_call and contributor_id = any (v_group)
                and task_id = v_answer.task_id
            order by contributor_id = v_answer.contributor_id desc, contributor_id limit 1
        );
    end if;
    perform collect.lower_frontier(p_call, v_answer.task_id);
    return jsonb_build_object('undone', p_answer);
end $$;

-- After a merge: where one person now has two answers to a task, the earlier that counts stays.
-- Not for the collecting role: the caller holds the contributors' locks.
create or replace function tasks_supersede_twins(p_call bigint, p_group bigint[]) returns int
language plpgsql as $$
declare
    v_superseded int;
begin
    perform from tasks_taskprogress
    where call_id = p_call and task_id in (
        select task_id from tasks_lease where call_id = p_call and contributor_id = any (p_group)
        group by task_id having count(*) > 1
    ) order by task_id for no key update;
    with twins as (
        select a.id, a.task_id, a.is_late, a.is_skip, row_number() over (
            partition by a.task_id, a.phase order by a.is_late or a.is_skip, a.at, a.seq
        ) as place
        from tasks_answer a
        where a.call_id = p_call and a.contributor_id = any (p_group)
            and a.undone_seq is null and a.superseded_seq is null
    ), superseded as (
        update tasks_answer a
        set superseded_seq = nextval('tasks_answer_seq'), superseded_at = collect.now()
        from twins where a.call_id = p_call and a.id = twins.id and twins.place > 1
        returning a.task_id, (not a.is_late and not a.is_skip)::int as counted,
            (a.is_skip and not a.is_late)::int as skipped, a.is_late::int as late
    ), fewer as (
        update tasks_taskprogress p set counted = p.counted - s.n
        from (select task_id, sum(counted) as n from superseded group by task_id) s
        where p.call_id = p_call and p.task_id = s.task_id and s.n > 0
    ), tallied as (
        insert into tasks_tally as t
            (call_id, slot, events, counted, skipped, late, superseded)
        select p_call, pg_backend_pid() % 16, count(*), -sum(counted), -sum(skipped), -sum(late),
            count(*)
        from superseded having count(*) > 0
        on conflict (call_id, slot) do update set
            events = t.events + excluded.events, counted = t.counted + excluded.counted,
            skipped = t.skipped + excluded.skipped, late = t.late + excluded.late,
            superseded = t.superseded + excluded.superseded
    )
    select count(*) into v_superseded from superseded;
    -- A seat still held for a task that the person has answered, or holds twice, goes back.
    with spare as (
        select l.contributor_id, l.task_id from (
            select contributor_id, task_id, status, row_number() over (
                partition by task_id order by status = 'answered' desc, until desc
            ) as place
            from tasks_lease
            where call_id = p_call and contributor_id = any (p_group) and status <> 'ended'
        ) l where l.place > 1 and l.status = 'held'
    ), ended as (
        update tasks_lease l set status = 'ended' from spare
        where l.call_id = p_call and l.contributor_id = spare.contributor_id
            and l.task_id = spare.task_id
        returning l.task_id
    )
    update tasks_taskprogress p set leased = p.leased - e.n
    from (select task_id, count(*) as n from ended group by task_id) e
    where p.call_id = p_call and p.task_id = e.task_id;
    perform collect.lower_frontier(p_call, (
        select min(task_id) from tasks_lease
        where call_id = p_call and contributor_id = any (p_group)
    ));
    return v_superseded;
end $$;

-- Two persons turned out to be one: point one to the other, in every call that knows either.
-- True if this was news. The locks are those of an answer, in the same order.
create or replace function tasks_merge_persons(p_person bigint, p_into bigint) returns boolean
language plpgsql as $$
declare
    v_call bigint;
    v_persons bigint[];
    v_group bigint[];
begin
    perform people_take_turns();
    if people_root(p_person) = people_root(p_into) then
        return false;
    end if;
    v_persons := people_group(p_person) || people_group(p_into);
    -- Requests that read the groups as they were end first; others wait for what they will be.
    perform pg_advisory_xact_lock(collect.persons_lock());
    for v_call in
        select distinct call_id from people_contributor
        where person_id = any (v_persons) order by call_id
    loop
        perform pg_advisory_xact_lock_shared(collect.call_lock(v_call));
    end loop;
    perform from people_contributor
    where person_id = any (v_persons) order by call_id, id for no key update;
    insert into people_personmerge (person_id, into_id, at)
    values (people_root(p_person), people_root(p_into), collect.now());
    for v_call, v_group in
        select call_id, array_agg(id order by id) from people_contributor
        where person_id = any (v_persons) group by call_id having count(*) > 1 order by call_id
    loop
        perform tasks_supersede_twins(v_call, v_group);
    end loop;
    return true;
end $$;

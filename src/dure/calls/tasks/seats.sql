-- Which tasks are handed out to whom; called by take_turns alone, under the locks and by the rules
-- that turns.sql names.

-- Seats for one person among the tasks after (or up to) a place in the order; locked tasks are
-- passed over, since somebody is just taking or answering them.
create or replace function collect.take_seats(
    p_call bigint, p_group bigint[], p_after bigint, p_up_to bigint, p_n int, p_until timestamptz
) returns bigint[]
language plpgsql as $$
declare
    v_tasks bigint[];
    v_places tid[];
begin
    select array_agg(s.task_id order by s.task_id), array_agg(s.place) into v_tasks, v_places
    from (
        select p.ctid as place, p.task_id from tasks_taskprogress p
        where p.call_id = p_call and p.is_available
            and p.task_id > p_after and p.task_id <= p_up_to
            and not exists (
                select from tasks_lease l
                where l.call_id = p_call and l.contributor_id = any (p_group)
                    and l.task_id = p.task_id and l.status <> 'ended'
                offset 0
            )
        order by p.task_id limit p_n
        for no key update skip locked
    ) s;
    update tasks_taskprogress set leased = leased + 1 where ctid = any (v_places);
    insert into tasks_lease as l (call_id, contributor_id, task_id, until, status)
    select p_call, p_group[1], task, p_until, 'held' from unnest(v_tasks) task
    on conflict (call_id, contributor_id, task_id)
        do update set until = excluded.until, status = 'held';
    return coalesce(v_tasks, '{}');
end $$;

-- Seats for many at once, from the first free tasks after where the one furthest behind stopped:
-- people of one moment are mostly at the same place, so one search and one change of each task
-- serve them all. Whoever finds too few there searches alone.
create or replace function collect.share_seats(
    p_call bigint, p_turns collect.turn[], p_frontier bigint, p_until timestamptz
) returns collect.turn[]
language plpgsql as $$
declare
    v_tasks bigint[];
    v_places tid[];
    v_free int[];
    v_seats int[];
    v_first int := 1;
    v_left int;
    v_conflicts int[];
begin
    select array_agg(s.task_id order by s.task_id), array_agg(s.place order by s.task_id),
        array_agg(s.free order by s.task_id), array_agg(s.free order by s.task_id)
    into v_tasks, v_places, v_seats, v_free
    from (
        select p.ctid as place, p.task_id, p.capacity - p.counted - p.leased as free
        from tasks_taskprogress p
        where p.call_id = p_call and p.is_available and p.task_id > (
            select min(t.cursor) from unnest(p_turns) t where t.want > cardinality(t.held)
        )
        order by p.task_id
        limit (
            select least(100, sum(t.want - cardinality(t.held)))
            from unnest(p_turns) t where t.want > cardinality(t.held)
        )
        for no key update skip locked
    ) s;
    perform collect.advance_frontier(p_call, p_frontier, v_tasks[1])
    where exists (
        select from unnest(p_turns) t
        where t.want > cardinality(t.held) and t.cursor = p_frontier
    );
    for i in 1 .. cardinality(p_turns) loop
        v_left := p_turns[i].want - cardinality(p_turns[i].held);
        while v_first <= cardinality(v_tasks) and v_free[v_first] = 0 loop
            v_first := v_first + 1;
        end loop;
        for k in v_first .. coalesce(cardinality(v_tasks), 0) loop
            exit when v_left <= 0;
            if v_free[k] > 0 and v_tasks[k] > p_turns[i].cursor then
                p_turns[i].taken := p_turns[i].taken || v_tasks[k];
                v_free[k] := v_free[k] - 1;
                v_left := v_left - 1;
            end if;
        end loop;
    end loop;
    -- Somebody may have had a task ahead of where they stopped: that one searches alone.
    select array_agg(distinct t.place) into v_conflicts
    from unnest(p_turns) t cross join unnest(t.taken) task
    where exists (
        select from tasks_lease l
        where l.call_id = p_call and l.contributor_id = any (t.contributors)
            and l.task_id = task and l.status <> 'ended'
        offset 0
    );
    for i in 1 .. coalesce(cardinality(v_conflicts), 0) loop
        for k in 1 .. cardinality(v_tasks) loop
            if v_tasks[k] = any (p_turns[v_conflicts[i]].taken) then
                v_free[k] := v_free[k] + 1;
            end if;
        end loop;
        p_turns[v_conflicts[i]].taken := '{}';
    end loop;
    update tasks_taskprogress p set leased = p.leased + seat.had - seat.has
    from unnest(v_places, v_seats, v_free) as seat (place, had, has)
    where p.ctid = seat.place and seat.had > seat.has;
    insert into tasks_lease as l (call_id, contributor_id, task_id, until, status)
    select p_call, t.contributors[1], task, p_until, 'held'
    from unnest(p_turns) t cross join unnest(t.taken) task
    on conflict (call_id, contributor_id, task_id)
        do update set until = excluded.until, status = 'held';
    return p_turns;
end $$;

-- The frontier of a call: no task up to it had a free seat when somebody looked. It spares those who
-- come new the search through all that is done, which is long while an old snapshot (a fit, an
-- export) keeps dead rows alive. It is no more than a hint: who finds nothing beyond looks below.
-- It goes up only by searches that pass over nothing but locked tasks, stays behind by more than all
-- requests under way can have locked, and goes up only from where it was read, since a seat may
-- have come free below meanwhile. The background worker forgets it now and then.
create or replace function collect.frontier_margin() returns bigint
language sql immutable as $$ select 10000::bigint $$;

create or replace function collect.advance_frontier(p_call bigint, p_from bigint, p_first bigint)
returns void
language plpgsql as $$
declare
    v_margin constant bigint := collect.frontier_margin();
begin
    if p_first > p_from + 2 * v_margin then
        insert into tasks_frontier as f (call_id, up_to) values (p_call, p_first - v_margin)
        on conflict (call_id) do update set up_to = excluded.up_to where f.up_to = p_from;
    end if;
end $$;

-- What one person did not get of the shared seats: on from where the search stopped, then round to
-- where others began, and at last below the frontier. For a stretch each task is looked up alone;
-- who had all of that may have had very many more, and leaps over them.
create or replace function collect.search_alone(
    p_call bigint, p_turn collect.turn, p_frontier bigint, p_until timestamptz
) returns collect.turn
language plpgsql as $$
declare
    v_end constant bigint := 9223372036854775807;
    v_stretch constant bigint := 1000;
    v_afters constant bigint[] := array[p_turn.cursor, p_frontier, 0];
    v_ends constant bigint[] := array[v_end, p_turn.cursor, p_frontier];
    v_after bigint;
    v_left int := p_turn.want - cardinality(p_turn.held) - cardinality(p_turn.taken);
begin
    for i in 1 .. cardinality(v_afters) loop
        v_after := v_afters[i];
        while v_left > 0 and v_after < v_ends[i] loop
            p_turn.taken := p_turn.taken || collect.take_seats(
                p_call, p_turn.contributors, v_after, least(v_after + v_stretch, v_ends[i]),
                v_left, p_until
            );
            v_left := p_turn.want - cardinality(p_turn.held) - cardinality(p_turn.taken);
            if v_left > 0 then
                v_after := v_after + v_stretch;
                v_after := collect.leap(p_call, p_turn.contributors, v_after, v_ends[i]) - 1;
            end if;
        end loop;
    end loop;
    return p_turn;
end $$;

-- The first task with a free seat, after a place and up to another, that the person neither had nor
-- has; null if there is none. Some are looked up one by one. Where these lie close, those behind
-- them are read side by side with the person's leases, which costs a sixth for each.
create or replace function collect.leap(
    p_call bigint, p_group bigint[], p_after bigint, p_up_to bigint
) returns bigint
language plpgsql stable set enable_mergejoin = on set enable_nestloop = off as $$
declare
    v_first bigint;
    v_last bigint := p_after;
    v_from bigint;
    v_found bigint;
begin
    loop
        v_from := v_last;
        select min(task_id), max(task_id), min(task_id) filter (where not is_had)
        into v_first, v_last, v_found
        from (
            select p.task_id, exists (
                select from tasks_lease l
                where l.call_id = p_call and l.contributor_id = any (p_group)
                    and l.task_id = p.task_id and l.status <> 'ended'
                offset 0
            ) as is_had
            from tasks_taskprogress p
            where p.call_id = p_call and p.is_available
                and p.task_id > v_from and p.task_id <= p_up_to
            order by p.task_id limit 100
        ) near;
        exit when v_last is null or v_found is not null;
        continue when v_last - v_first > 1000;
        v_from := v_last;
        v_last := least(v_from + 16384, p_up_to);
        select p.task_id into v_found from tasks_taskprogress p
        where p.call_id = p_call and p.is_available
            and p.task_id > v_from and p.task_id <= v_last
            and not exists (
                select from tasks_lease l
                where l.call_id = p_call and l.contributor_id = any (p_group)
                    and l.task_id = p.task_id and l.task_id > v_from and l.task_id <= v_last
                    and l.status <> 'ended'
            )
        order by p.task_id limit 1;
        exit when v_found is not null;
    end loop;
    return v_found;
end $$;

-- Tasks for each request that wants some: those held already come first, then new ones where the
-- person's search stopped.
create or replace function collect.hand_out(
    p_call bigint, p_lease_s int, p_turns collect.turn[]
) returns collect.turn[]
language plpgsql as $$
declare
    v_now timestamptz := collect.now();
    v_until timestamptz := v_now + make_interval(secs => p_lease_s);
    v_frontier bigint;
    v_is_any_free boolean;
    v_turns collect.turn[];
begin
    if exists (
        select from tasks_lease
        where call_id = p_call and status = 'held' and until <= v_now order by until offset 0
    ) then
        perform collect.end_old_leases(p_call, 100);
    end if;
    select coalesce(max(up_to), 0) into v_frontier from tasks_frontier where call_id = p_call;
    select array_agg(
        row(
            t.place, t.contributors, t.want, t.refusal,
            t.contributor_at, greatest(t.cursor, v_frontier), coalesce(h.tasks, '{}'),
            coalesce(h.ends_at, '{}'), '{}'::bigint[]
        )::collect.turn order by t.place
    ) into v_turns
    from unnest(p_turns) t
    left join lateral (
        select array_agg(task_id order by task_id) as tasks,
            array_agg(until order by task_id) as ends_at
        from (
            select l.task_id, max(l.until) as until
            from unnest(t.contributors) mine
            cross join lateral (
                select task_id, until from tasks_lease
                where call_id = p_call and contributor_id >= mine and contributor_id <= mine
                    and status = 'held' and until > v_now
                order by contributor_id, until offset 0
            ) l
            group by l.task_id order by l.task_id limit t.want
        ) first
    ) h on t.want > 0;
    if exists (select from unnest(v_turns) t where t.want > cardinality(t.held)) then
        v_turns := collect.share_seats(p_call, v_turns, v_frontier, v_until);
    end if;
    if exists (
        select from unnest(v_turns) t where t.want > cardinality(t.held) + cardinality(t.taken)
    ) then
        -- Looked for once: of a crowd that waits for the last tasks each would search in vain.
        v_is_any_free := (
            select is_available from tasks_taskprogress
            where call_id = p_call and is_available order by task_id desc limit 1
        );
    end if;
    for i in 1 .. case when v_is_any_free then cardinality(v_turns) else 0 end loop
        if v_turns[i].want > cardinality(v_turns[i].held) + cardinality(v_turns[i].taken) then
            v_turns[i] := collect.search_alone(p_call, v_turns[i], v_frontier, v_until);
        end if;
    end loop;
    for i in 1 .. cardinality(v_turns) loop
        v_turns[i].ends_at := v_turns[i].ends_at
            || array_fill(v_until, array[cardinality(v_turns[i].taken)]);
    end loop;
    update people_contributor c set cursor = t.taken[cardinality(t.taken)]
    from unnest(v_turns) t
    where c.ctid = t.contributor_at and cardinality(t.taken) > 0;
    return v_turns;
end $$;

-- Whether a seat may come free for a person later: of a task that others hold, the latest lease
-- first, or of one that somebody is just taking or answering.
create or replace function collect.may_have_more(
    p_call bigint, p_group bigint[], p_tasks bigint[]
) returns boolean
language plpgsql stable as $$
begin
    return (
        select true from tasks_lease l
        where l.call_id = p_call and l.status = 'held' and l.task_id <> all (p_tasks)
            and not exists (
                select from tasks_lease own
                where own.call_id = p_call and own.contributor_id = any (p_group)
                    and own.task_id = l.task_id and own.status = 'answered'
                offset 0
            )
            and (
                select p.is_wanted from tasks_taskprogress p
                where p.call_id = p_call and p.task_id = l.task_id offset 0
            )
        order by l.until desc limit 1
    ) is not null or collect.leap(p_call, p_group, 0, 9223372036854775807) is not null;
end $$;

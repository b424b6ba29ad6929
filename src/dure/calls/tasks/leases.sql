-- Leases that ran out, of all calls: ended by the background worker each second, so that a task
-- comes free also while nobody asks for one of its call.

-- End up to so many in one short transaction; gives how many. Two workers at once pass over what
-- the other has locked; only for a frontier's row does one wait.
create or replace function collect.end_old_leases_of_all(p_rows_max int) returns int
language plpgsql set search_path = public, pg_temp as $$
declare
    v_call bigint := 0;
    v_ended int := 0;
begin
    while v_ended < p_rows_max loop
        -- From one call that has held leases to the next, one step down lease_runs_out each.
        select call_id into v_call from tasks_lease
        where status = 'held' and call_id > v_call order by call_id, until limit 1;
        exit when not found;
        v_ended := v_ended + collect.end_old_leases(v_call, p_rows_max - v_ended);
    end loop;
    return v_ended;
end $$;

-- Let the frontiers be found anew, so that a seat which came free behind one unseen is passed over
-- for a minute at most.
create or replace function collect.forget_frontiers() returns void
language sql volatile as $$
    delete from tasks_frontier
$$;

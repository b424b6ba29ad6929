-- Payouts of an owner are decided for one at a time: two members who release, or mark as paid, at
-- once would both read what neither had done yet.
create or replace function ledger_hold_payouts(p_owner text) returns void
language sql volatile as $$
    select pg_advisory_xact_lock(hashtextextended(p_owner, 4976))
$$;

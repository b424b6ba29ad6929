from django.db import migrations

from dure.migrating import append_only


class Migration(migrations.Migration):
    dependencies = [("shares", "0001_shares"), ("outbox", "0001_row_keeper")]
    operations = [
        append_only("shares_promiseversion"),
        append_only("shares_payin"),
        append_only("shares_gain"),
        append_only(
            "shares_settlement",
            may_set=("approved_at", "approved_by", "withdrawn_at", "withdrawn_by", "posted_at"),
        ),
        append_only("shares_settlementshare"),
        append_only("shares_approvalrule"),
        append_only("shares_reply"),
    ]

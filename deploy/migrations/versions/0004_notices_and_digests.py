"""notices of any cause, and the morning's digest"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "digest",
        sa.Column("id", ID(), nullable=False),
        sa.Column("person_id", ID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", ID(), nullable=True),
        sa.Column("body", ID(), nullable=True),
        sa.Column("state", ID(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", ID(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("person_id", "day"),
    )
    op.create_index("digest_to_send", "digest", ["next_try_at"], postgresql_where=sa.text("state = 'pending'"))
    op.alter_column("notice", "appraisal_id", nullable=True)
    op.alter_column("notice", "event_seq", nullable=True)
    op.add_column("notice", sa.Column("cycle_id", ID(), nullable=True))
    op.add_column("notice", sa.Column("at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notice", sa.Column("actor", ID(), nullable=True))
    op.add_column("notice", sa.Column("digest_id", ID(), nullable=True))
    # What was written before there were mornings was meant to be sent as it came.
    op.add_column("notice", sa.Column("at_once", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.alter_column("notice", "at_once", server_default=None)
    op.execute(
        "UPDATE notice n SET at = e.at, actor = e.actor FROM event e "
        "WHERE e.appraisal_id = n.appraisal_id AND e.seq = n.event_seq"
    )
    op.alter_column("notice", "at", nullable=False)
    op.create_foreign_key(None, "notice", "cycle", ["cycle_id"], ["id"])
    op.create_foreign_key(None, "notice", "digest", ["digest_id"], ["id"])
    op.drop_index("notice_to_send", table_name="notice")
    op.create_index(
        "notice_to_send", "notice", ["next_try_at"], postgresql_where=sa.text("state = 'pending' AND at_once")
    )
    waiting = "state = 'pending' AND NOT at_once AND digest_id IS NULL"
    op.create_index("notice_for_the_morning", "notice", ["person_id"], postgresql_where=sa.text(waiting))
    op.create_index("notice_in_digest", "notice", ["digest_id"], postgresql_where=sa.text("digest_id IS NOT NULL"))
    op.create_index("notice_that_failed", "notice", ["appraisal_id"], postgresql_where=sa.text("state = 'failed'"))
    op.create_index("notice_of_cycle", "notice", ["cycle_id", "at"], postgresql_where=sa.text("cycle_id IS NOT NULL"))


def downgrade() -> None:
    op.execute("DELETE FROM notice WHERE event_seq IS NULL")
    for index in ("notice_of_cycle", "notice_that_failed", "notice_in_digest", "notice_for_the_morning"):
        op.drop_index(index, table_name="notice")
    op.drop_index("notice_to_send", table_name="notice")
    op.create_index("notice_to_send", "notice", ["next_try_at"], postgresql_where=sa.text("state = 'pending'"))
    for column in ("digest_id", "at_once", "actor", "at", "cycle_id"):
        op.drop_column("notice", column)
    op.alter_column("notice", "event_seq", nullable=False)
    op.alter_column("notice", "appraisal_id", nullable=False)
    op.drop_index("digest_to_send", table_name="digest")
    op.drop_table("digest")

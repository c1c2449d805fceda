"""improvement programmes, each with a trail of its own"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "programme",
        sa.Column("id", WORD(), nullable=False),
        sa.Column("appraisal_id", WORD(), nullable=False),
        sa.Column("cycle_id", WORD(), nullable=False),
        sa.Column("person_id", WORD(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", WORD(), nullable=False),
        sa.Column("outcome", WORD(), nullable=True),
        sa.Column("steps", JSONB(none_as_null=True), nullable=False),
        sa.Column("snapshot", JSONB(none_as_null=True), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("last_hash", WORD(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"]),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    still = sa.text("state <> 'done'")
    op.create_index("one_open_programme", "programme", ["person_id"], unique=True, postgresql_where=still)
    op.create_index("programme_of_appraisal", "programme", ["appraisal_id"])
    to_tell = sa.text("told < version OR state <> 'done'")
    op.create_index("programme_to_tell", "programme", ["id"], postgresql_where=to_tell)
    op.create_index("ix_programme_cycle_id", "programme", ["cycle_id"])
    op.create_table(
        "programme_event",
        sa.Column("programme_id", WORD(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", WORD(), nullable=False),
        sa.Column("actor", WORD(), nullable=False),
        sa.Column("role", WORD(), nullable=False),
        sa.Column("reason_id", WORD(), nullable=True),
        sa.Column("reason_sha256", WORD(), nullable=True),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.Column("previous_hash", WORD(), nullable=False),
        sa.Column("hash", WORD(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"]),
        sa.ForeignKeyConstraint(["reason_id"], ["text.id"]),
        sa.PrimaryKeyConstraint("programme_id", "seq"),
    )
    op.execute(
        """
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON programme_event
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )


def downgrade() -> None:
    for table in ("programme_event", "programme"):
        op.drop_table(table)

"""a daily log, observations and evidence beside each appraisal"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "log_entry",
        sa.Column("appraisal_id", WORD(), nullable=False),
        sa.Column("id", WORD(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("result", WORD(), nullable=True),
        sa.Column("quantity", sa.Numeric(16, 4), nullable=True),
        sa.Column("unit", WORD(), nullable=True),
        sa.Column("achievement", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"]),
        sa.PrimaryKeyConstraint("appraisal_id", "id", "version"),
    )
    op.create_index(
        "log_entry_that_holds",
        "log_entry",
        ["appraisal_id", "day", "id"],
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_table(
        "observation",
        sa.Column("id", WORD(), nullable=False),
        sa.Column("appraisal_id", WORD(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("result", WORD(), nullable=True),
        sa.Column("criterion", WORD(), nullable=True),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("author_id", WORD(), nullable=False),
        sa.Column("role", WORD(), nullable=False),
        sa.Column("on_behalf_of", WORD(), nullable=True),
        sa.Column("standing", WORD(), nullable=True),
        sa.Column("post_of", WORD(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"]),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("observation_of_appraisal", "observation", ["appraisal_id", "day", "id"])
    op.create_table(
        "evidence",
        sa.Column("id", WORD(), nullable=False),
        sa.Column("appraisal_id", WORD(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", WORD(), nullable=False),
        sa.Column("media_type", WORD(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", WORD(), nullable=False),
        sa.Column("place", WORD(), nullable=False),
        sa.Column("result", WORD(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("author_id", WORD(), nullable=False),
        sa.Column("role", WORD(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"]),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("appraisal_id", "sha256"),
    )
    op.create_index("evidence_of_appraisal", "evidence", ["appraisal_id", "day", "id"])


def downgrade() -> None:
    for table in ("evidence", "observation", "log_entry"):
        op.drop_table(table)

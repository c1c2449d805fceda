"""consultations on criteria before a cycle opens, with comments and answers, and what employees have acknowledged"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "consultation",
        sa.Column("cycle_id", WORD(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("digest", WORD(), nullable=False),
        sa.Column("purpose_id", WORD(), nullable=False),
        sa.Column("actor", WORD(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"]),
        sa.ForeignKeyConstraint(["purpose_id"], ["text.id"]),
        sa.PrimaryKeyConstraint("cycle_id"),
    )
    op.create_table(
        "consultation_comment",
        sa.Column("cycle_id", WORD(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", WORD(), nullable=False),
        sa.Column("criterion", WORD(), nullable=True),
        sa.Column("text_id", WORD(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", WORD(), nullable=True),
        sa.Column("reason_id", WORD(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["cycle_id"], ["consultation.cycle_id"]),
        sa.ForeignKeyConstraint(["reason_id"], ["text.id"]),
        sa.ForeignKeyConstraint(["text_id"], ["text.id"]),
        sa.PrimaryKeyConstraint("cycle_id", "number"),
    )
    op.create_index("consultation_comment_of_author", "consultation_comment", ["cycle_id", "author_id"])
    op.create_table(
        "acknowledgement",
        sa.Column("appraisal_id", WORD(), nullable=False),
        sa.Column("digest", WORD(), nullable=False),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"]),
        sa.PrimaryKeyConstraint("appraisal_id", "digest"),
    )


def downgrade() -> None:
    for table in ("acknowledgement", "consultation_comment", "consultation"):
        op.drop_table(table)

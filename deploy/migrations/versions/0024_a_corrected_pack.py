"""a faulty pack that is corrected in a running cycle, and what was made by the one before"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString
MADE_BY = ("cycle", "form_copy", "outcome")


def upgrade() -> None:
    for table in MADE_BY:
        op.add_column(table, sa.Column("policy_edition", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "policy_before",
        sa.Column("cycle_id", WORD(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("pack", postgresql.JSONB(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"]),
        sa.PrimaryKeyConstraint("cycle_id", "edition"),
    )


def downgrade() -> None:
    op.drop_table("policy_before")
    for table in MADE_BY:
        op.drop_column(table, "policy_edition")

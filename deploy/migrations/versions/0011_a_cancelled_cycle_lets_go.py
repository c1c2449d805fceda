"""a closed part of a year that was cancelled with its cycle no longer keeps its person out of another one"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ONE_LIVE = "appraisal_one_live_per_person_and_year"
COLUMNS = ["person_id", "year", "segment", "acting_for"]
BEFORE = "launch <> 'excluded' AND ending IS DISTINCT FROM 'cancelled'"


def upgrade() -> None:
    op.add_column("appraisal", sa.Column("let_go", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("appraisal", "let_go", server_default=None)
    _one_live(f"{BEFORE} AND NOT let_go")


def downgrade() -> None:
    _one_live(BEFORE)
    op.drop_column("appraisal", "let_go")


def _one_live(where: str) -> None:
    op.drop_index(ONE_LIVE, table_name="appraisal")
    op.create_index(
        ONE_LIVE, "appraisal", COLUMNS, unique=True, postgresql_where=sa.text(where), postgresql_nulls_not_distinct=True
    )

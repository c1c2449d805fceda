"""an appraisal may be of some months that HR asked for, outside the calendar"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ONE_LIVE = "appraisal_one_live_per_person_and_year"
LIVE = sa.text("launch <> 'excluded' AND ending IS DISTINCT FROM 'cancelled' AND NOT let_go")
THERE_ARE_SOME = sa.text("SELECT EXISTS (SELECT FROM appraisal WHERE asked_from IS NOT NULL)")
IDENTITY = ["person_id", "year", "segment", "acting_for"]


def _one_live(columns: list[str]) -> None:
    op.drop_index(ONE_LIVE, table_name="appraisal")
    op.create_index(
        ONE_LIVE, "appraisal", columns, unique=True, postgresql_where=LIVE, postgresql_nulls_not_distinct=True
    )


def upgrade() -> None:
    op.add_column("appraisal", sa.Column("asked_from", sa.Date(), nullable=True))
    op.add_column("appraisal", sa.Column("asked_until", sa.Date(), nullable=True))
    op.add_column("appraisal", sa.Column("asked_document", sa.String(), nullable=True))
    op.add_column(
        "appraisal",
        sa.Column(
            "own_year",
            sa.Boolean(),
            sa.Computed("acting_for IS NULL AND asked_from IS NULL", persisted=True),
            nullable=False,
        ),
    )
    op.drop_index("appraisal_as_plt", table_name="appraisal")
    op.create_index("appraisal_beside_the_year", "appraisal", ["person_id"], postgresql_where=sa.text("NOT own_year"))
    _one_live([*IDENTITY, "asked_from"])


def downgrade() -> None:
    if op.get_bind().execute(THERE_ARE_SOME).scalar_one():
        raise RuntimeError(
            "there are evaluations on request: the schema before would take each of them for a year of its person"
        )
    _one_live(IDENTITY)
    op.drop_index("appraisal_beside_the_year", table_name="appraisal")
    op.create_index("appraisal_as_plt", "appraisal", ["person_id"], postgresql_where=sa.text("acting_for IS NOT NULL"))
    for column in ("own_year", "asked_document", "asked_until", "asked_from"):
        op.drop_column("appraisal", column)

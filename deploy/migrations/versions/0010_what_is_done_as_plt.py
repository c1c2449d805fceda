"""an appraisal may be about a post in which somebody acts (Plt), beside the one about her own"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ONE_LIVE = "appraisal_one_live_per_person_and_year"
LIVE = sa.text("launch <> 'excluded' AND ending IS DISTINCT FROM 'cancelled'")


def upgrade() -> None:
    op.add_column("appraisal", sa.Column("acting_for", sa.String(), nullable=True))
    op.add_column("appraisal", sa.Column("acting_from", sa.Date(), nullable=True))
    op.add_column("appraisal", sa.Column("acting_post", sa.String(), nullable=True))
    op.add_column("appraisal", sa.Column("acting_level", sa.String(), nullable=True))
    op.create_foreign_key("appraisal_acting_for_fkey", "appraisal", "person", ["acting_for"], ["id"])
    op.create_index("appraisal_as_plt", "appraisal", ["person_id"], postgresql_where=sa.text("acting_for IS NOT NULL"))
    op.drop_index(ONE_LIVE, table_name="appraisal")
    op.create_index(
        ONE_LIVE,
        "appraisal",
        ["person_id", "year", "segment", "acting_for"],
        unique=True,
        postgresql_where=LIVE,
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    op.drop_index(ONE_LIVE, table_name="appraisal")
    op.create_index(ONE_LIVE, "appraisal", ["person_id", "year", "segment"], unique=True, postgresql_where=LIVE)
    op.drop_index("appraisal_as_plt", table_name="appraisal")
    for column in ("acting_level", "acting_post", "acting_from", "acting_for"):
        op.drop_column("appraisal", column)

"""a transfer keeps its place until its day, and what was taken back says so"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sqlmodel.sql.sqltypes.AutoString
PLACE = ("post", "level", "employee_kind", "unit_id", "zone")


def upgrade() -> None:
    # What is recorded already has moved its person's row: to the rows before this, null says that they hold.
    for column in PLACE:
        op.add_column("personnel_change", sa.Column(column, ID(), nullable=True))
    op.add_column("personnel_change", sa.Column("work_week", sa.Integer(), nullable=True))
    op.add_column("personnel_change", sa.Column("before", JSONB(none_as_null=True), nullable=True))
    op.add_column("personnel_change", sa.Column("standing", ID(), nullable=True))
    op.create_foreign_key(None, "personnel_change", "unit", ["unit_id"], ["id"])
    op.create_index(
        "personnel_change_to_come", "personnel_change", ["effective"], postgresql_where=sa.text("standing = 'coming'")
    )


def downgrade() -> None:
    # The edition before moved a person as soon as her transfer was recorded.
    op.execute(
        "UPDATE person p SET post = coalesce(c.post, p.post), level = coalesce(c.level, p.level), "
        "kind = coalesce(c.employee_kind, p.kind), unit_id = coalesce(c.unit_id, p.unit_id), "
        "zone = coalesce(c.zone, p.zone), work_week = coalesce(c.work_week, p.work_week), since = c.effective "
        "FROM (SELECT DISTINCT ON (person_id) * FROM personnel_change WHERE standing = 'coming' "
        "ORDER BY person_id, effective DESC, at DESC) c WHERE p.id = c.person_id"
    )
    op.execute("DELETE FROM personnel_change WHERE standing = 'taken_back'")
    op.drop_index("personnel_change_to_come", table_name="personnel_change")
    for column in ("standing", "before", "work_week", *PLACE):
        op.drop_column("personnel_change", column)

"""a part of somebody's year that was served in another agency"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "service_elsewhere",
        sa.Column("id", WORD(), nullable=False),
        sa.Column("person_id", WORD(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("agency", WORD(), nullable=False),
        sa.Column("result", WORD(), nullable=False),
        sa.Column("document", WORD(), nullable=False),
        sa.Column("recorded_by", WORD(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_service_elsewhere_person_id", "service_elsewhere", ["person_id"])


def downgrade() -> None:
    op.drop_table("service_elsewhere")

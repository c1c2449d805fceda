"""credit points earned in the system before, and in another agency"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "credit_opening",
        sa.Column("person_id", WORD(), nullable=False),
        sa.Column("points", sa.Numeric(), nullable=False),
        sa.Column("level", WORD(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("document", WORD(), nullable=False),
        sa.Column("recorded_by", WORD(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.add_column("service_elsewhere", sa.Column("level", WORD(), nullable=True))
    op.add_column("service_elsewhere", sa.Column("points", sa.Numeric(), nullable=True))


def downgrade() -> None:
    op.drop_column("service_elsewhere", "points")
    op.drop_column("service_elsewhere", "level")
    op.drop_table("credit_opening")

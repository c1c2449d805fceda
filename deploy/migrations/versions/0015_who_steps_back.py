"""who is too close to somebody to rate her or to decide about her, and who has learnt how to rate"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "recusal",
        sa.Column("id", WORD(), nullable=False),
        sa.Column("person_id", WORD(), nullable=False),
        sa.Column("about_id", WORD(), nullable=False),
        sa.Column("kind", WORD(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("reason_id", WORD(), nullable=False),
        sa.Column("declared_by", WORD(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", WORD(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["about_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.ForeignKeyConstraint(["reason_id"], ["text.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "recusal_that_holds",
        "recusal",
        ["person_id", "about_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "training",
        sa.Column("person_id", WORD(), nullable=False),
        sa.Column("course", WORD(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id", "course", "day"),
    )


def downgrade() -> None:
    for table in ("training", "recusal"):
        op.drop_table(table)

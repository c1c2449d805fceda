"""who is too close to somebody to rate her or to decide about her"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0013"
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


def downgrade() -> None:
    op.drop_table("recusal")

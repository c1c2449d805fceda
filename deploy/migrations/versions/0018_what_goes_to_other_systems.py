"""the yearly record of each final result, for other systems"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "push",
        sa.Column("id", WORD(), nullable=False),
        sa.Column("appraisal_id", WORD(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("person_id", WORD(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("state", WORD(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("sha256", WORD(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", WORD(), nullable=True),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("appraisal_id", "revision"),
    )
    for name, written in (("push_to_write", "IS NULL"), ("push_to_send", "IS NOT NULL")):
        waits = sa.text(f"state = 'pending' AND body {written}")
        op.create_index(name, "push", ["next_try_at", "id"], postgresql_where=waits)
    op.create_index("push_of_year", "push", ["person_id", "year"])


def downgrade() -> None:
    op.drop_table("push")

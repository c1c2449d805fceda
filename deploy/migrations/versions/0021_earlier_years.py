"""results of years before this engine, each version of them"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "earlier_year",
        sa.Column("person_id", WORD(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", WORD(), nullable=False),
        sa.Column("scheme", WORD(), nullable=False),
        sa.Column("origin", WORD(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("document", WORD(), nullable=True),
        sa.Column("rated_by", WORD(), nullable=True),
        sa.Column("level", WORD(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("recorded_by", WORD(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"]),
        sa.PrimaryKeyConstraint("person_id", "year", "number"),
    )
    op.execute(
        """
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON earlier_year
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )


def downgrade() -> None:
    op.drop_table("earlier_year")

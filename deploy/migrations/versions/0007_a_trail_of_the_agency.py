"""the agency has a trail of its own, whether or not a cycle runs"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "agency_event",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", WORD(), nullable=False),
        sa.Column("actor", WORD(), nullable=False),
        sa.Column("role", WORD(), nullable=False),
        sa.Column("reason", WORD(), nullable=True),
        sa.Column("data", JSONB(none_as_null=True), nullable=False),
        sa.Column("previous_hash", WORD(), nullable=False),
        sa.Column("hash", WORD(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.execute(
        """
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON agency_event
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
        """
    )


def downgrade() -> None:
    op.drop_table("agency_event")

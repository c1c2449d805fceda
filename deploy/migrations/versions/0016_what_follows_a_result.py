"""what was decided about what follows a result"""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString


def upgrade() -> None:
    op.create_table(
        "follow_up",
        sa.Column("appraisal_id", WORD(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", WORD(), nullable=False),
        sa.Column("decision", WORD(), nullable=False),
        sa.Column("reason_id", WORD(), nullable=False),
        sa.Column("proposal", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False),
        sa.Column("role", WORD(), nullable=False),
        sa.Column("decided_by", WORD(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appraisal_id"], ["appraisal.id"]),
        sa.ForeignKeyConstraint(["reason_id"], ["text.id"]),
        sa.PrimaryKeyConstraint("appraisal_id", "revision", "kind"),
    )


def downgrade() -> None:
    op.drop_table("follow_up")

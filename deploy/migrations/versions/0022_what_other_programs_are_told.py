"""what other programs are told as it happens"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hook_endpoint",
        sa.Column("name", WORD(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("off_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "hook_cursor",
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("trail", WORD(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["endpoint"], ["hook_endpoint.name"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("endpoint", "trail"),
    )
    op.create_table(
        "hook",
        sa.Column("endpoint", sa.String(), nullable=False),
        sa.Column("id", WORD(), nullable=False),
        sa.Column("kind", WORD(), nullable=False),
        sa.Column("trail", WORD(), nullable=False),
        sa.Column("cycle_id", WORD(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", WORD(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("last_error", WORD(), nullable=True),
        sa.ForeignKeyConstraint(["endpoint"], ["hook_endpoint.name"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycle.id"]),
        sa.PrimaryKeyConstraint("endpoint", "id"),
    )
    due, pending = sa.text("due_at IS NOT NULL"), sa.text("state = 'pending'")
    op.create_index("hook_due", "hook_cursor", ["endpoint", "due_at"], postgresql_where=due)
    op.create_index("hook_of_trail", "hook", ["endpoint", "trail", "seq"], postgresql_where=pending)
    op.create_index("hook_sent", "hook", ["sent_at"], postgresql_where=sa.text("state = 'sent'"))


def downgrade() -> None:
    for table in ("hook", "hook_cursor", "hook_endpoint"):
        op.drop_table(table)

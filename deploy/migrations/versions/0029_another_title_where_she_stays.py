"""another title in the same unit is kept with what held before it"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Rows of a new kind in the table that is there; what was changed before this has left nothing to keep.
    pass


def downgrade() -> None:
    # The edition before knows no such decision; its person's row has said it since it was recorded.
    op.execute("DELETE FROM personnel_change WHERE kind = 'title'")

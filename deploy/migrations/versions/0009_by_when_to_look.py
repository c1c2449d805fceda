"""a nudge says by when its workflow has to look, so that a deadline brought forward asks nobody anything at once"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("nudge", sa.Column("wake", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("nudge", "wake")

"""the reasons of both trails are texts that can be erased, with their salted hash under the chain"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WORD = sqlmodel.sql.sqltypes.AutoString
TRAILS = ("agency_event", "cycle_event")


def upgrade() -> None:
    for trail in TRAILS:
        op.add_column(trail, sa.Column("reason_id", WORD(), sa.ForeignKey("text.id"), nullable=True))
        op.add_column(trail, sa.Column("reason_sha256", WORD(), nullable=True))


def downgrade() -> None:
    for trail in TRAILS:
        op.drop_column(trail, "reason_sha256")
        op.drop_column(trail, "reason_id")

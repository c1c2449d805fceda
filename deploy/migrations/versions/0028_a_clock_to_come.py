"""the zone and the week that a year takes with its next step"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appraisal", sa.Column("zone_to_come", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.add_column("appraisal", sa.Column("week_to_come", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("appraisal", "week_to_come")
    op.drop_column("appraisal", "zone_to_come")

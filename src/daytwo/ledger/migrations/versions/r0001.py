"""Events and their head, the anchor of a pruned chain, the brakes; looks and episodes of problems; runs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("seq", NUMBER, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
    )
    op.create_index("ix_event_about_seq", "event", ["about", "seq"])
    op.create_index("ix_event_at", "event", ["at"])
    op.create_table(
        "head",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_head_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_head"),
    )
    op.execute(f"INSERT INTO head (id, seq, hash) VALUES (1, 0, '{'0' * 64}')")
    op.create_table(
        "anchor",
        sa.Column("seq", NUMBER, nullable=False, autoincrement=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_anchor"),
    )
    op.create_table(
        "brakes",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_brakes_one_row"),
        sa.PrimaryKeyConstraint("id", name="pk_brakes"),
    )
    op.create_table(
        "look",
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("number", NUMBER, nullable=False, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("breadth", sa.Text, nullable=False),
        sa.Column("problems", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("cluster", "number", name="pk_look"),
    )
    op.create_index("ix_look_cluster_at", "look", ["cluster", "at"])
    op.create_table(
        "episode",
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("first_seen_at", sa.BigInteger, nullable=False),
        sa.Column("began_at", sa.BigInteger, nullable=False),
        sa.Column("last_seen_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("horizon", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("touched", sa.Text, nullable=False),
        sa.Column("checks", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("cluster", "problem", "number", name="pk_episode"),
    )
    op.create_index("ix_episode_cluster_ended_at", "episode", ["cluster", "ended_at"])
    op.create_table(
        "run",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("cluster_name", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("undoes", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("deadline_at", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("waits_for", sa.Text),
        sa.Column("waiting", sa.Text),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("wake_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_wake_at", "run", ["wake_at"])
    op.create_index("ix_run_state_wake_at", "run", ["state", "wake_at"])
    op.create_index("ix_run_waits_for", "run", ["waits_for"])
    op.create_index("ix_run_created_at", "run", ["created_at"])
    op.create_table(
        "stage",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("is_withheld", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("due_at", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("run", "number", name="pk_stage"),
    )
    op.create_index("ix_stage_target", "stage", ["target"])
    op.create_table(
        "attempt",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("stage", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("request", sa.Text),
        sa.Column("generation", sa.BigInteger),
        sa.Column("resource_version", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text),
        sa.PrimaryKeyConstraint("run", "stage", "number", name="pk_attempt"),
    )
    op.create_table(
        "approval",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run", "digest", "name", name="pk_approval"),
    )
    op.create_table(
        "signal",
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("reply", sa.Text),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("taken_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("run", "number", name="pk_signal"),
    )
    op.create_table(
        "lock",
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("target", name="pk_lock"),
    )
    op.create_index("ix_lock_run", "lock", ["run"])

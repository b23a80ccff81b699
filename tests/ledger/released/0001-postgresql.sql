CREATE TABLE public.anchor (
    seq bigint NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public.approval (
    run text NOT NULL,
    digest text NOT NULL,
    name text NOT NULL,
    person text NOT NULL,
    at bigint NOT NULL,
    why text NOT NULL
);
CREATE TABLE public.attempt (
    run text NOT NULL,
    stage integer NOT NULL,
    number integer NOT NULL,
    at bigint NOT NULL,
    token integer NOT NULL,
    digest text NOT NULL,
    request text,
    generation bigint,
    resource_version text NOT NULL,
    outcome text
);
CREATE TABLE public.brakes (
    id integer NOT NULL,
    since bigint NOT NULL,
    by text NOT NULL,
    why text NOT NULL,
    CONSTRAINT ck_brakes_one_row CHECK ((id = 1))
);
CREATE TABLE public.episode (
    cluster text NOT NULL,
    problem text NOT NULL,
    number integer NOT NULL,
    first_seen_at bigint NOT NULL,
    began_at bigint NOT NULL,
    last_seen_at bigint NOT NULL,
    ended_at bigint,
    subject text NOT NULL,
    title text NOT NULL,
    severity text NOT NULL,
    horizon text NOT NULL,
    cause text NOT NULL,
    touched text NOT NULL,
    checks text NOT NULL
);
CREATE TABLE public.event (
    seq bigint NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    about text NOT NULL,
    kind text NOT NULL,
    data text NOT NULL,
    hash text NOT NULL
);
CREATE TABLE public.head (
    id integer NOT NULL,
    seq bigint NOT NULL,
    hash text NOT NULL,
    CONSTRAINT ck_head_one_row CHECK ((id = 1))
);
CREATE TABLE public.ledger_schema (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.lock (
    target text NOT NULL,
    run text NOT NULL,
    since bigint NOT NULL
);
CREATE TABLE public.look (
    cluster text NOT NULL,
    number bigint NOT NULL,
    name text NOT NULL,
    at bigint NOT NULL,
    until bigint NOT NULL,
    times integer NOT NULL,
    by text NOT NULL,
    breadth text NOT NULL,
    problems text NOT NULL
);
CREATE TABLE public.run (
    id text NOT NULL,
    cluster text NOT NULL,
    cluster_name text NOT NULL,
    context text NOT NULL,
    title text NOT NULL,
    why text NOT NULL,
    undoes text NOT NULL,
    actor text NOT NULL,
    created_at bigint NOT NULL,
    deadline_at bigint,
    finished_at bigint,
    state text NOT NULL,
    waits_for text,
    waiting text,
    owner text NOT NULL,
    token integer NOT NULL,
    wake_at bigint
);
CREATE TABLE public.signal (
    run text NOT NULL,
    number integer NOT NULL,
    command text NOT NULL,
    reply text,
    person text NOT NULL,
    why text NOT NULL,
    at bigint NOT NULL,
    taken_at bigint
);
CREATE TABLE public.stage (
    run text NOT NULL,
    number integer NOT NULL,
    stage text NOT NULL,
    target text NOT NULL,
    is_withheld boolean NOT NULL,
    state text NOT NULL,
    detail text NOT NULL,
    due_at bigint,
    finished_at bigint
);
INSERT INTO public.event VALUES (1, 1795239731813003, 'anna', 'run-1', 'step_finished', '{"number":0}', '1f42537b0dcf31549e493b900a381f327591a166768b96520d860805ad9ae58a');
INSERT INTO public.event VALUES (2, 1795239731816156, 'anna', 'run-1', 'step_finished', '{"number":1}', '0e72ac17bff7aefae202fd88cbb3f81358ae8aa7bc5e9fca7808a7bc457d329d');
INSERT INTO public.head VALUES (1, 2, '0e72ac17bff7aefae202fd88cbb3f81358ae8aa7bc5e9fca7808a7bc457d329d');
INSERT INTO public.ledger_schema VALUES ('0001');
ALTER TABLE ONLY public.ledger_schema
    ADD CONSTRAINT ledger_schema_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.anchor
    ADD CONSTRAINT pk_anchor PRIMARY KEY (seq);
ALTER TABLE ONLY public.approval
    ADD CONSTRAINT pk_approval PRIMARY KEY (run, digest, name);
ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT pk_attempt PRIMARY KEY (run, stage, number);
ALTER TABLE ONLY public.brakes
    ADD CONSTRAINT pk_brakes PRIMARY KEY (id);
ALTER TABLE ONLY public.episode
    ADD CONSTRAINT pk_episode PRIMARY KEY (cluster, problem, number);
ALTER TABLE ONLY public.event
    ADD CONSTRAINT pk_event PRIMARY KEY (seq);
ALTER TABLE ONLY public.head
    ADD CONSTRAINT pk_head PRIMARY KEY (id);
ALTER TABLE ONLY public.lock
    ADD CONSTRAINT pk_lock PRIMARY KEY (target);
ALTER TABLE ONLY public.look
    ADD CONSTRAINT pk_look PRIMARY KEY (cluster, number);
ALTER TABLE ONLY public.run
    ADD CONSTRAINT pk_run PRIMARY KEY (id);
ALTER TABLE ONLY public.signal
    ADD CONSTRAINT pk_signal PRIMARY KEY (run, number);
ALTER TABLE ONLY public.stage
    ADD CONSTRAINT pk_stage PRIMARY KEY (run, number);
CREATE INDEX ix_episode_cluster_ended_at ON public.episode USING btree (cluster, ended_at);
CREATE INDEX ix_event_about_seq ON public.event USING btree (about, seq);
CREATE INDEX ix_event_at ON public.event USING btree (at);
CREATE INDEX ix_lock_run ON public.lock USING btree (run);
CREATE INDEX ix_look_cluster_at ON public.look USING btree (cluster, at);
CREATE INDEX ix_run_created_at ON public.run USING btree (created_at);
CREATE INDEX ix_run_state_wake_at ON public.run USING btree (state, wake_at);
CREATE INDEX ix_run_waits_for ON public.run USING btree (waits_for);
CREATE INDEX ix_run_wake_at ON public.run USING btree (wake_at);
CREATE INDEX ix_stage_target ON public.stage USING btree (target);

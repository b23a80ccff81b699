CREATE TABLE public.anchor (
    seq bigint NOT NULL,
    hash text NOT NULL
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
INSERT INTO public.event VALUES (1, 1795239373746714, 'anna', 'run-1', 'step_finished', '{"number":0}', 'a9d91ed35004c515c7c5b03fbb6029dbf9690f48d8066357f01e19e3004f819d');
INSERT INTO public.event VALUES (2, 1795239373749106, 'anna', 'run-1', 'step_finished', '{"number":1}', '0fa8d9e27407d449ed8c311db9a68af82aabbf0942f047b596839390b3ae98e4');
INSERT INTO public.head VALUES (1, 2, '0fa8d9e27407d449ed8c311db9a68af82aabbf0942f047b596839390b3ae98e4');
INSERT INTO public.ledger_schema VALUES ('0001');
ALTER TABLE ONLY public.ledger_schema
    ADD CONSTRAINT ledger_schema_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.anchor
    ADD CONSTRAINT pk_anchor PRIMARY KEY (seq);
ALTER TABLE ONLY public.brakes
    ADD CONSTRAINT pk_brakes PRIMARY KEY (id);
ALTER TABLE ONLY public.episode
    ADD CONSTRAINT pk_episode PRIMARY KEY (cluster, problem, number);
ALTER TABLE ONLY public.event
    ADD CONSTRAINT pk_event PRIMARY KEY (seq);
ALTER TABLE ONLY public.head
    ADD CONSTRAINT pk_head PRIMARY KEY (id);
ALTER TABLE ONLY public.look
    ADD CONSTRAINT pk_look PRIMARY KEY (cluster, number);
CREATE INDEX ix_episode_cluster_ended_at ON public.episode USING btree (cluster, ended_at);
CREATE INDEX ix_event_about_seq ON public.event USING btree (about, seq);
CREATE INDEX ix_event_at ON public.event USING btree (at);
CREATE INDEX ix_look_cluster_at ON public.look USING btree (cluster, at);

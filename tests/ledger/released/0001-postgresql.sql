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
INSERT INTO public.event VALUES (1, 1795238944136808, 'anna', 'run-1', 'step_finished', '{"number":0}', 'f75b71e0d7dde02c23e1249e8ab1d8b8eb9c7359ccd6e81800937b9c01ec7134');
INSERT INTO public.event VALUES (2, 1795238944139522, 'anna', 'run-1', 'step_finished', '{"number":1}', '1569e89b85322be6125b83f88facd1f241b6dd6fc7d506b1988b6306280cbdbb');
INSERT INTO public.head VALUES (1, 2, '1569e89b85322be6125b83f88facd1f241b6dd6fc7d506b1988b6306280cbdbb');
INSERT INTO public.ledger_schema VALUES ('0001');
ALTER TABLE ONLY public.ledger_schema
    ADD CONSTRAINT ledger_schema_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.anchor
    ADD CONSTRAINT pk_anchor PRIMARY KEY (seq);
ALTER TABLE ONLY public.brakes
    ADD CONSTRAINT pk_brakes PRIMARY KEY (id);
ALTER TABLE ONLY public.event
    ADD CONSTRAINT pk_event PRIMARY KEY (seq);
ALTER TABLE ONLY public.head
    ADD CONSTRAINT pk_head PRIMARY KEY (id);
CREATE INDEX ix_event_about_seq ON public.event USING btree (about, seq);
CREATE INDEX ix_event_at ON public.event USING btree (at);

-- A row for each thing, made from the state; core/wm_project.c says from
-- what.  Times are milliseconds since 1970; days and months are the
-- district's.  What is sealed stays in the state: no names, no phones.

CREATE TABLE practices (
    id            TEXT   NOT NULL PRIMARY KEY,
    title         TEXT
);

CREATE TABLE projects (
    id            TEXT   NOT NULL PRIMARY KEY,
    number        BIGINT,
    title         TEXT,
    provider      TEXT,
    per_year      BIGINT
);

CREATE TABLE units (
    id            TEXT   NOT NULL PRIMARY KEY,
    type          TEXT,
    parent        TEXT,
    name          TEXT,
    address       TEXT,
    path          TEXT
);

CREATE TABLE courses (
    id            TEXT   NOT NULL PRIMARY KEY,
    title         TEXT,
    practice      TEXT,
    project       TEXT,
    provider      TEXT,
    audience      TEXT,
    duration_min  BIGINT
);

CREATE TABLE teams (
    id            TEXT   NOT NULL PRIMARY KEY,
    kind          TEXT,
    unit          TEXT,
    name          TEXT
);

CREATE TABLE staff (
    id            TEXT   NOT NULL PRIMARY KEY,
    role          TEXT,
    unit          TEXT,
    team          TEXT,
    made_ms       BIGINT,
    disabled      BIGINT
);

CREATE TABLE people (
    id            TEXT   NOT NULL PRIMARY KEY,
    made_ms       BIGINT
);

CREATE TABLE orders (
    id            TEXT   NOT NULL PRIMARY KEY,
    running       BIGINT,
    status        TEXT,
    course        TEXT,
    title         TEXT,
    unit          TEXT,
    path          TEXT,
    wanted        TEXT,
    head_count    BIGINT,
    person        TEXT,
    organisation  TEXT,
    entered_by    TEXT,
    handler       TEXT,
    team          TEXT,
    event         TEXT,
    reason        TEXT,
    due_ms        BIGINT,
    made_ms       BIGINT,
    day           TEXT,
    month         TEXT
);

CREATE TABLE order_steps (
    order_id      TEXT   NOT NULL,
    step          BIGINT NOT NULL,
    action        TEXT,
    at_ms         BIGINT,
    actor         TEXT,
    team          TEXT,
    PRIMARY KEY (order_id, step)
);

CREATE TABLE wishes (
    id            TEXT   NOT NULL PRIMARY KEY,
    status        TEXT,
    category      TEXT,
    unit          TEXT,
    path          TEXT,
    person        TEXT,
    team          TEXT,
    course        TEXT,
    order_id      TEXT,
    shown_wish    TEXT,
    shown_ms      BIGINT,
    due_ms        BIGINT,
    made_ms       BIGINT,
    day           TEXT,
    month         TEXT
);

CREATE TABLE wish_steps (
    wish_id       TEXT   NOT NULL,
    step          BIGINT NOT NULL,
    action        TEXT,
    at_ms         BIGINT,
    actor         TEXT,
    team          TEXT,
    PRIMARY KEY (wish_id, step)
);

CREATE TABLE events (
    id            TEXT   NOT NULL PRIMARY KEY,
    number        BIGINT,
    status        TEXT,
    title         TEXT,
    course        TEXT,
    unit          TEXT,
    unit_name     TEXT,
    path          TEXT,
    place         TEXT,
    audience      TEXT,
    start_ms      BIGINT,
    end_ms        BIGINT,
    day           TEXT,
    month         TEXT,
    capacity      BIGINT,
    enrol         TEXT,
    orders        TEXT,
    made_ms       BIGINT,
    published_ms  BIGINT,
    cancelled_ms  BIGINT
);

CREATE TABLE attendance (
    event         TEXT   NOT NULL,
    person        TEXT   NOT NULL,
    in_ms         BIGINT,
    out_ms        BIGINT,
    how           TEXT,
    actor         TEXT,
    PRIMARY KEY (event, person)
);

CREATE TABLE enrolments (
    event         TEXT   NOT NULL,
    person        TEXT   NOT NULL,
    state         TEXT,
    seats         BIGINT,
    since_ms      BIGINT,
    until_ms      BIGINT,
    actor         TEXT,
    PRIMARY KEY (event, person)
);

CREATE TABLE ratings (
    event         TEXT   NOT NULL,
    person        TEXT   NOT NULL,
    score         BIGINT,
    made_ms       BIGINT,
    state         TEXT,
    path          TEXT,
    PRIMARY KEY (event, person)
);

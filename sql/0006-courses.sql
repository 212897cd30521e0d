-- Courses that are written at the desk: who provides one, who last changed
-- it, when it was taken off the menu; and what waits for review.

ALTER TABLE courses ADD COLUMN unit TEXT;
ALTER TABLE courses ADD COLUMN changed_ms BIGINT;
ALTER TABLE courses ADD COLUMN changed_by TEXT;
ALTER TABLE courses ADD COLUMN withdrawn_ms BIGINT;
ALTER TABLE courses ADD COLUMN reason TEXT;

CREATE TABLE drafts (
    id            TEXT   NOT NULL PRIMARY KEY,
    title         TEXT,
    practice      TEXT,
    project       TEXT,
    provider      TEXT,
    audience      TEXT,
    duration_min  BIGINT,
    unit          TEXT,
    status        TEXT,
    authors       TEXT,
    changed_ms    BIGINT,
    changed_by    TEXT,
    reason        TEXT
);

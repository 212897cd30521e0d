-- What reports count, a row each, with the year, quarter and month that it
-- belongs to.  "at_ms" is by what a period takes it; "path" its unit's.

CREATE VIEW fact_orders AS
SELECT o.id, o.course, o.unit, o.path, o.status, o.head_count, o.due_ms,
       o.made_ms AS at_ms, o.month, SUBSTR(o.month, 1, 4) AS year,
       SUBSTR(o.month, 1, 4) || CASE WHEN SUBSTR(o.month, 6, 2) < '04'
           THEN '-Q1' WHEN SUBSTR(o.month, 6, 2) < '07' THEN '-Q2'
           WHEN SUBSTR(o.month, 6, 2) < '10' THEN '-Q3' ELSE '-Q4' END
           AS quarter
FROM orders o;

-- When an order came, was taken up by who kept it, got its time, and was
-- done.

CREATE VIEW fact_order_times AS
SELECT o.id, o.course, o.path, o.at_ms, o.month, o.year, o.quarter,
       MIN(CASE WHEN s.action = 'submit' THEN s.at_ms END) AS submitted_ms,
       MAX(CASE WHEN s.action = 'accept' THEN s.at_ms END) AS accepted_ms,
       MAX(CASE WHEN s.action = 'schedule' THEN s.at_ms END) AS scheduled_ms,
       MIN(CASE WHEN s.action = 'complete' OR s.action = 'rate'
           THEN s.at_ms END) AS done_ms
FROM fact_orders o
JOIN order_steps s ON s.order_id = o.id
GROUP BY o.id, o.course, o.path, o.at_ms, o.month, o.year, o.quarter;

-- A row for each way from one of these to the next, and for the whole.

CREATE VIEW fact_waits AS
SELECT id, course, path, at_ms, month, year, quarter, 'accept' AS step,
       accepted_ms - submitted_ms AS ms
FROM fact_order_times WHERE accepted_ms >= submitted_ms
UNION ALL
SELECT id, course, path, at_ms, month, year, quarter, 'schedule' AS step,
       scheduled_ms - accepted_ms AS ms
FROM fact_order_times WHERE scheduled_ms >= accepted_ms
UNION ALL
SELECT id, course, path, at_ms, month, year, quarter, 'done' AS step,
       done_ms - scheduled_ms AS ms
FROM fact_order_times WHERE done_ms >= scheduled_ms
UNION ALL
SELECT id, course, path, at_ms, month, year, quarter, 'whole' AS step,
       done_ms - submitted_ms AS ms
FROM fact_order_times WHERE done_ms >= submitted_ms;

CREATE VIEW fact_events AS
SELECT e.id, e.course, e.unit, e.path, e.status, e.day, e.start_ms AS at_ms,
       e.month, SUBSTR(e.month, 1, 4) AS year,
       SUBSTR(e.month, 1, 4) || CASE WHEN SUBSTR(e.month, 6, 2) < '04'
           THEN '-Q1' WHEN SUBSTR(e.month, 6, 2) < '07' THEN '-Q2'
           WHEN SUBSTR(e.month, 6, 2) < '10' THEN '-Q3' ELSE '-Q4' END
           AS quarter
FROM events e;

CREATE VIEW fact_attendance AS
SELECT e.id, a.person, e.course, e.unit, e.path, e.at_ms, e.month, e.year,
       e.quarter
FROM attendance a
JOIN fact_events e ON e.id = a.event;

-- A rating stays with the unit that the event had when it was rated.

CREATE VIEW fact_ratings AS
SELECT e.id, r.score, e.course, r.path, e.at_ms, e.month, e.year, e.quarter
FROM ratings r
JOIN fact_events e ON e.id = r.event;

CREATE VIEW fact_wishes AS
SELECT w.id, w.course, w.unit, w.path, w.status, w.made_ms AS at_ms, w.month,
       SUBSTR(w.month, 1, 4) AS year,
       SUBSTR(w.month, 1, 4) || CASE WHEN SUBSTR(w.month, 6, 2) < '04'
           THEN '-Q1' WHEN SUBSTR(w.month, 6, 2) < '07' THEN '-Q2'
           WHEN SUBSTR(w.month, 6, 2) < '10' THEN '-Q3' ELSE '-Q4' END
           AS quarter
FROM wishes w;

-- The first reports.

CREATE VIEW report_orders AS
SELECT month, unit, course, status, COUNT(*) AS orders,
       CAST(SUM(head_count) AS BIGINT) AS head_count
FROM orders
GROUP BY month, unit, course, status;

-- How long an order waited for each step, from the one before it.

CREATE VIEW report_step_time AS
SELECT s.action, COUNT(*) AS steps,
       CAST(SUM(s.at_ms - b.at_ms) AS BIGINT) / COUNT(*) / 1000
           AS mean_seconds,
       MAX(s.at_ms - b.at_ms) / 1000 AS longest_seconds
FROM order_steps s
JOIN order_steps b ON b.order_id = s.order_id AND b.step = s.step - 1
GROUP BY s.action;

CREATE VIEW report_wishes AS
SELECT month, unit, category, status, COUNT(*) AS wishes
FROM wishes
GROUP BY month, unit, category, status;

CREATE VIEW report_events AS
SELECT e.id, e.title, e.course, e.unit, e.path, e.day, e.month, e.status,
       (SELECT COUNT(*) FROM attendance a WHERE a.event = e.id) AS attended,
       (SELECT CAST(SUM(n.seats) AS BIGINT) FROM enrolments n
        WHERE n.event = e.id AND n.state = 's') AS seats,
       (SELECT COUNT(*) FROM ratings r WHERE r.event = e.id) AS rated,
       (SELECT CAST(SUM(r.score) AS BIGINT) FROM ratings r
        WHERE r.event = e.id) AS score
FROM events e;

CREATE VIEW report_attendance_unit AS
SELECT u.id AS unit, u.name, u.type, COUNT(DISTINCT e.id) AS events,
       COUNT(a.person) AS attended, COUNT(DISTINCT a.person) AS people
FROM units u
JOIN events e ON SUBSTR(e.path, 1, LENGTH(u.path)) = u.path
LEFT JOIN attendance a ON a.event = e.id
WHERE e.status = 'published'
GROUP BY u.id, u.name, u.type;

CREATE VIEW report_attendance_course AS
SELECT e.course, c.title, COUNT(DISTINCT e.id) AS events,
       COUNT(a.person) AS attended, COUNT(DISTINCT a.person) AS people
FROM events e
LEFT JOIN courses c ON c.id = e.course
LEFT JOIN attendance a ON a.event = e.id
WHERE e.status = 'published'
GROUP BY e.course, c.title;

CREATE VIEW report_attendance_month AS
SELECT e.month, COUNT(DISTINCT e.id) AS events,
       COUNT(a.person) AS attended, COUNT(DISTINCT a.person) AS people
FROM events e
LEFT JOIN attendance a ON a.event = e.id
WHERE e.status = 'published'
GROUP BY e.month;

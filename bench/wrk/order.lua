-- Orders, each of another person, with a key of its own.
-- Arguments: course, unit, day, the first person.

dofile(os.getenv('BENCH_WRK') .. '/report.lua')

local head, body
local n = 0

function init(args)
    body = '{"course":"' .. args[1] .. '","unit":"' .. args[2]
           .. '","wanted":["' .. args[3] .. '"],"head_count":30,'
           .. '"contact_name":"居民%09d","phone":"13%09d"}'

    head = table.concat({
        'POST ' .. wrk.path .. ' HTTP/1.1',
        'Host: ' .. wrk.host .. ':' .. wrk.port,
        'Content-Type: application/json',
        'Content-Length: ' .. #string.format(body, 0, 0),
        'Idempotency-Key: bench-%d', '', ''
    }, '\r\n')

    n = tonumber(args[4])
end

function request()
    n = n + 1
    return string.format(head, n) .. string.format(body, n, n)
end

-- Check-ins, each of another person.
-- Arguments: file of devices (a line each: cookie, ticket); the first
-- person; how many persons, from the first again then (0: no end).

dofile(os.getenv('BENCH_WRK') .. '/report.lua')

local heads = {}
local first, many
local n = 0

function init(args)
    first, many = tonumber(args[2]), tonumber(args[3])

    local rest = #string.format('"name":"居民%09d","phone":"13%09d"}', 0, 0)

    for line in io.lines(args[1]) do
        local cookie, ticket = line:match('^(%S+) (%S+)$')
        local body = '{"ticket":"' .. ticket .. '","who":"family",'

        heads[#heads + 1] = table.concat({
            'POST ' .. wrk.path .. ' HTTP/1.1',
            'Host: ' .. wrk.host .. ':' .. wrk.port,
            'Cookie: ' .. cookie,
            'Content-Type: application/json',
            'Content-Length: ' .. #body + rest,
            '', body
        }, '\r\n')
    end
end

function request()
    local person = first + (many > 0 and n % many or n)
    local device = heads[n % #heads + 1]

    n = n + 1

    return device .. string.format('"name":"居民%09d","phone":"13%09d"}',
                                   person, person)
end

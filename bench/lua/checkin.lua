-- The check-in, written for lua-nginx-module: the same request, reads,
-- script, journal entry and answer as lua-free-handlers/checkin.c.

local cjson = require 'cjson.safe'
local crypto = require 'crypto'
local redis = require 'redis'

local char, concat = string.char, table.concat
local floor = math.floor

local _M = {}

local conf, prefix, cookie_name
local mac = {}                          -- purpose -> function
local events = {}                       -- id -> as read last


function _M.init(path)
    local file = assert(io.open(path))
    conf = assert(cjson.decode(file:read('*a')))
    file:close()

    for purpose, hex in pairs(conf.keys) do
        local key = hex:gsub('..', function(x)
            return char(tonumber(x, 16))
        end)
        conf.keys[purpose] = key
        mac[purpose] = crypto.mac(key)
    end

    file = assert(io.open(conf.script))
    conf.source = file:read('*a')
    file:close()

    prefix = 'wm:{' .. conf.district .. '}:'
    cookie_name = 'cookie_wm_' .. conf.district .. '_device'
    conf.bound = 'wenming/1\0' .. char(0, #conf.host) .. conf.host
                 .. char(0, #conf.district) .. conf.district
end


-- ---- signed values, docs/token.md

local function open(purpose, text, n)
    local raw = text and crypto.unbase32(text, n + 16)
    if not raw then
        return nil
    end

    local payload = raw:sub(1, n)

    if mac[purpose](conf.bound .. char(0, n) .. payload) ~= raw:sub(n + 1)
       or payload:byte(2) ~= conf.key_id
    then
        return nil
    end

    return payload
end


local function be(s, at, n)
    local value = 0

    for i = at, at + n - 1 do
        value = value * 256 + s:byte(i)
    end

    return value
end


local function open_device(now)
    local payload = open('device', ngx.var[cookie_name], 30)

    if not payload or payload:byte(1) ~= 0x20
       or now / 1000 - be(payload, 27, 4) >= 180 * 86400
    then
        return nil
    end

    return payload:sub(3, 12)
end


local function open_ticket(text, now)
    local payload = open('ticket', text, 23)

    if not payload or payload:byte(1) ~= 0x21
       or now >= be(payload, 7, 4) * 1000
    then
        return nil
    end

    return {
        event = string.format('%d', be(payload, 3, 4)),
        display = string.format('%d', be(payload, 11, 2)),
        device = payload:sub(13, 22),
        letter = payload:byte(23) == 1 and 't' or 's'
    }
end


-- ---- MessagePack: a flat list of steps, each a count and its words

local function put(out, s)
    local n = #s

    if n < 32 then
        out[#out + 1] = char(0xa0 + n)
    elseif n < 256 then
        out[#out + 1] = char(0xd9, n)
    else
        out[#out + 1] = char(0xda, floor(n / 256), n % 256)
    end

    out[#out + 1] = s
end


local function steps(out, list)
    local words = 0

    for i = 1, #list do
        local step = list[i]

        out[#out + 1] = char(#step)
        words = words + 1 + #step

        for j = 1, #step do
            put(out, step[j])
        end
    end

    return words
end


local function array(n)
    return n < 16 and char(0x90 + n) or char(0xdc, 0, n)
end


local function pack(list)
    local out = {''}

    out[1] = array(steps(out, list))

    return concat(out)
end


-- Where effects begin, conditions, effects; and the digest of these.

local function hide(needs, private)
    local out, inner = {'', ''}, {}
    local before = steps(out, needs)
    local words = steps(inner, private)
    local bytes = concat(inner)

    out[1] = array(1 + before + words)
    out[2] = char(2 + before)

    return concat(out) .. bytes, words > 0 and crypto.sha1(bytes) or '-'
end


local function fields(list)
    local map = {}

    for i = 1, #list, 2 do
        map[list[i]] = list[i + 1]
    end

    return map
end


-- ---- the check-in

local function answer(status, document)
    local body = cjson.encode(document)

    ngx.status = status
    ngx.header['Content-Type'] = 'application/json'
    ngx.header['Content-Length'] = #body
    ngx.header['Cache-Control'] = 'no-store'
    ngx.print(body)
    return true
end


local function refuse(status, code)
    return answer(status, {type = 'urn:wenming:' .. code, status = status,
                           code = code})
end


local function clock(ms, format)
    return os.date(format, floor(ms / 1000) + 8 * 3600)
end


local function done(f, event, ms, status)
    return answer(status, {
        event = f.ticket.event, title = event.title, name = f.name,
        status = 'checked_in', again = status == 200,
        ['in'] = clock(ms, '!%Y-%m-%dT%H:%M:%S+08:00'),
        in_text = clock(ms, '!%H:%M'), out = '', out_text = '',
        how = 'screen', how_text = '现场扫码', level = 3
    })
end


local function commit(f, event, known)
    local now = string.format('%d', f.now)
    local person = prefix .. 'person:' .. f.id
    local event_key = prefix .. 'event:' .. f.ticket.event
    local att = prefix .. 'att:' .. f.ticket.event
    local device_id = crypto.base32(f.ticket.device)
    local dev = prefix .. 'dev:' .. device_id

    local needs = {
        {'heq', event_key, 'version', event.version},
        {'habsent', att, f.id}
    }
    local effects, private = {}, {}

    if not known then
        local key = crypto.random(32)
        needs[3] = {'absent', person}
        effects[1] = {'HSET', person,
                      'name', crypto.seal(key, f.id, f.name),
                      'phone', crypto.seal(key, f.id, f.phone),
                      'made', now}
        private[1] = {'HSET', person, 'key',
                      crypto.seal(conf.keys.wrap, f.id, key)}
    end

    effects[#effects + 1] = {'HSET', att, f.id, now .. ':0:' .. f.ticket.letter
                                                .. '-:' .. f.ticket.display}
    effects[#effects + 1] = {'HSET', dev, 'a:' .. f.ticket.event .. ':'
                                          .. f.id, now}

    local hidden, sealed = hide(needs, private)
    local packed = pack(effects)

    return {'EVALSHA', conf.sha, '6', prefix .. 'journal', prefix .. 'head',
            event_key, att, person, dev, '691200', now,
            'attend.in device:' .. device_id .. ' ' .. sealed .. ' '
            .. crypto.sha1(packed), '', '', hidden, packed}
end


local function run(command)
    local replies, err = redis.call(conf.socket, {command})

    if replies and replies[1].error
       and replies[1].error:sub(1, 8) == 'NOSCRIPT'
    then
        command[1], command[2] = 'EVAL', conf.source
        replies, err = redis.call(conf.socket, {command})
    end

    local answer = replies and replies[1]

    return answer and (answer.error and answer or answer[1]), err
end


-- True when the commit is done and answered; nothing when a condition did
-- not hold.

local function send(f, event, known)
    local reply, err = run(commit(f, event, known))

    if not reply or reply.error or reply[1] == 'bad' then
        ngx.log(ngx.ERR, 'redis: ', err or reply.error or reply[3])
        return refuse(503, 'unavailable')
    end

    return reply[1] == 'done' and done(f, event, f.now, 201)
end


local function is_open(event, now)
    return event.status == 'published' and now >= event.start - 7200000
           and now <= event['end'] + 1800000
end


local function read_and_send(f)
    local replies, err = redis.call(conf.socket, {
        {'HGETALL', prefix .. 'event:' .. f.ticket.event},
        {'HGET', prefix .. 'att:' .. f.ticket.event, f.id},
        {'HGETALL', prefix .. 'person:' .. f.id}
    })
    if not replies then
        ngx.log(ngx.ERR, 'redis: ', err)
        return refuse(503, 'unavailable')
    end

    local event, record = fields(replies[1]), replies[2]

    if event.status == 'published' and record ~= ngx.null then
        return done(f, event, tonumber(record:match('^%d+')), 200)
    end

    if not is_open(event, f.now) then
        return refuse(409, 'closed')
    end

    events[f.ticket.event] = event

    return send(f, event, #replies[3] > 0)
end


-- Most are new: with the event at hand the commit goes out at once.  Its
-- conditions hold the guess; where it was wrong, everything is read.

local function guess(f)
    local event = events[f.ticket.event]

    return event and is_open(event, f.now) and send(f, event, false)
end


function _M.handle()
    if ngx.req.get_method() ~= 'POST' then
        return refuse(405, 'method')
    end

    ngx.req.read_body()

    local body = cjson.decode(ngx.req.get_body_data() or '')
    local now = floor(ngx.now() * 1000)

    if type(body) ~= 'table' or type(body.name) ~= 'string'
       or type(body.phone) ~= 'string' or type(body.ticket) ~= 'string'
       or #body.name < 1 or #body.name > 150
       or not ngx.re.find(body.phone, '^1[3-9][0-9]{9}$', 'jo')
    then
        return refuse(422, 'invalid')
    end

    local ticket, device = open_ticket(body.ticket, now), open_device(now)

    if not ticket or ticket.device ~= device then
        return refuse(403, 'code_invalid')
    end

    local f = {ticket = ticket, now = now, name = body.name,
               phone = body.phone}

    -- the name's normal form is the name here: no letters, no blanks

    f.id = crypto.base32(mac.index(f.phone .. '\0' .. f.name .. '\0phone')
                         :sub(1, 10))

    if guess(f) then
        return
    end

    for _ = 1, 5 do
        if read_and_send(f) then
            return
        end
    end

    return refuse(409, 'conflict')
end


return _M

-- The one server-side script: conditions, effects, a journal entry and an
-- idempotency record, all or nothing.  It holds no business rule.
--
-- KEYS  1 journal, 2 head of the chain, 3 idempotency record (only when
--       ARGV[4] is not empty), then every key of the conditions and effects
-- ARGV  1 verb, 2 actor, 3 now (ms), 4 hash of the body or '', 5 seconds to
--       keep the idempotency record, 6 conditions, 7 effects, 8 private
--       effects or ''
--
-- 6 to 8 are MessagePack: a list of {name, key, argument...}.  An argument
-- that is a number n stands for the reply of effect n (counted from 1, an
-- HINCRBY before it).  Private effects are carried out, but the journal
-- keeps only their digest: they hold the keys that make a person readable.
--
-- Returns {'done'|'again', journal id, number, ms, reply...}
--         {'other'}               the idempotency key came with another body
--         {'unmet', i, seen}      condition i did not hold
--         {'bad', i, reason}      effect i cannot be carried out (i = 0:
--                                 the call itself); nothing was written

local LIMIT = 9007199254740991          -- beyond it Lua's numbers lose units

local journal, head = KEYS[1], KEYS[2]
local verb, actor, now, body = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local record = body ~= '' and KEYS[3]

if record then
    local old = redis.call('GET', record)
    if old then
        old = cmsgpack.unpack(old)
        if old[1] ~= body then
            return {'other'}
        end
        local reply = {'again', old[2], old[3], old[4]}
        for i = 5, #old do
            reply[i] = old[i]
        end
        return reply
    end
end

local declared = {}
for i = 1, #KEYS do
    declared[KEYS[i]] = true
end

local own = {[journal] = true, [head] = true}       -- for no effect
if record then
    own[record] = true
end

-- name = {command, how to compare}

local CONDITIONS = {
    absent = {'EXISTS', 'zero'},       exists = {'EXISTS', 'one'},
    habsent = {'HEXISTS', 'zero'},     hexists = {'HEXISTS', 'one'},
    heq = {'HGET', 'equal'},           hbelow = {'HGET', 'below'},
    smember = {'SISMEMBER', 'one'},    snomember = {'SISMEMBER', 'zero'},
    hlen = {'HLEN', 'below'},          scard = {'SCARD', 'below'},
    zcard = {'ZCARD', 'below'}
}

local conditions = cmsgpack.unpack(ARGV[6])

for i = 1, #conditions do
    local c = conditions[i]
    local command = CONDITIONS[c[1]]
    local key = c[2]

    if not command or not declared[key] then
        return {'bad', 0, 'condition'}
    end

    local seen, wanted
    if command[1] == 'EXISTS' or command[1] == 'HLEN'
       or command[1] == 'SCARD' or command[1] == 'ZCARD' then
        seen, wanted = redis.pcall(command[1], key), c[3]
    else
        seen, wanted = redis.pcall(command[1], key, c[3]), c[4]
    end

    if type(seen) == 'table' then
        return {'bad', 0, 'type'}
    end

    local how = command[2]
    local met
    if how == 'zero' then
        met = seen == 0
    elseif how == 'one' then
        met = seen == 1
    elseif how == 'equal' then
        met = (seen or '') == wanted
    else
        local limit, has = tonumber(wanted), tonumber(seen or 0)
        if not limit or not has then
            return {'bad', 0, 'number'}
        end
        met = has < limit
    end

    if not met then
        return {'unmet', i, seen or ''}
    end
end

-- The effects are rehearsed first: types, number formats and overflow, with
-- what earlier effects of this very commit will have changed.

local KINDS = {
    HSET = 'hash', HDEL = 'hash', HINCRBY = 'hash', SADD = 'set',
    SREM = 'set', ZADD = 'zset', ZREM = 'zset', SET = 'string',
    DEL = 'any', EXPIRE = 'any'
}

local kinds = {}                        -- key -> type after the effects so far
local fields = {}                       -- key -> fields written so far
local foretold = {}                     -- effect -> its reply, where numeric

local function integer(s)               -- as Redis itself would take it
    local n = #s <= 17 and (s == '0' or string.find(s, '^-?[1-9]%d*$'))
              and tonumber(s)
    return n and n >= -LIMIT and n <= LIMIT and n
end

local function kind_of(key)
    local kind = kinds[key]
    if not kind then
        kind = redis.call('TYPE', key).ok
        kinds[key], fields[key] = kind, {}
    end
    return kind
end

local function field_of(key, field)     -- false when there is none
    local v = fields[key][field]
    if v == nil then
        v = not fields[key][LIMIT] and redis.call('HGET', key, field)
    end
    return v
end

local function increment(e, i)
    local by, old = integer(e[4]), field_of(e[2], e[3])
    old = not old and 0 or integer(old)
    if not by or not old then
        return 'number'
    end
    local sum = old + by
    if sum > LIMIT or sum < -LIMIT then
        return 'overflow'
    end
    foretold[i] = sum
    fields[e[2]][e[3]] = string.format('%.0f', sum)
end

local function rehearse(e, i)
    local name, key, n = e[1], e[2], #e
    local kind = KINDS[name]

    if not kind or not declared[key] or own[key] then
        return 'effect'
    end

    for j = 3, n do
        if type(e[j]) == 'number' then
            if not foretold[e[j]] then
                return 'reference'
            end
            e[j] = string.format('%.0f', foretold[e[j]])
        elseif type(e[j]) ~= 'string' then
            return 'arguments'
        end
    end

    local is = kind_of(key)
    if kind ~= 'any' and is ~= 'none' and is ~= kind then
        return 'type'
    end

    if name == 'DEL' then
        if n ~= 2 then
            return 'arguments'
        end
        kinds[key], fields[key] = 'none', {[LIMIT] = true}
        return
    end

    if name == 'EXPIRE' then
        local s = n == 3 and integer(e[3])
        return not (s and s > 0 and s < 3153600000) and 'number'
    end

    if n < 3 or (name == 'HSET' and n % 2 ~= 0) or (name == 'SET' and n ~= 3)
       or ((name == 'HINCRBY' or name == 'ZADD') and n ~= 4) then
        return 'arguments'
    end

    kinds[key] = kind

    if name == 'HINCRBY' then
        return increment(e, i)
    end

    if name == 'ZADD' then
        return not integer(e[3]) and 'number'
    end

    if name == 'HSET' then
        for j = 3, n, 2 do
            fields[key][e[j]] = e[j + 1]
        end
    elseif name == 'HDEL' then
        for j = 3, n do
            fields[key][e[j]] = false
        end
    end
end

local effects = cmsgpack.unpack(ARGV[7])
local private = ARGV[8] ~= '' and cmsgpack.unpack(ARGV[8]) or {}

for i = 1, #effects do
    local why = rehearse(effects[i], i)
    if why then
        return {'bad', i, why}
    end
end

for i = 1, #private do
    local why = rehearse(private[i], #effects + i)
    if why then
        return {'bad', #effects + i, why}
    end
end

-- The chain: each entry's hash covers the one before.

local last = redis.call('GET', head)
local number, hash = 1, string.rep('0', 40)
if last then
    local n, h = string.match(last, '^(%d+) (%x+)$')
    if not n or #h ~= 40 then
        return {'bad', 0, 'head'}
    end
    number, hash = tonumber(n) + 1, h
end

local is = redis.call('TYPE', journal).ok
if is ~= 'none' and is ~= 'stream' then
    return {'bad', 0, 'journal'}
end

-- From here on nothing is checked any more, only written.

local reply = {'done', '', number, now}
local replies = {}

for i = 1, #effects do
    replies[i] = redis.call(unpack(effects[i]))
    reply[4 + i] = replies[i]
end

for i = 1, #private do
    redis.call(unpack(private[i]))
end

local packed = cmsgpack.pack(replies)
local sealed = ARGV[8] ~= '' and redis.sha1hex(ARGV[8]) or '-'

number = string.format('%.0f', number)
hash = redis.sha1hex(table.concat({
    hash, ' ', number, ' ', now, ' ', verb, ' ', actor, ' ', sealed, ' ',
    #ARGV[7], '\n', ARGV[7], packed
}))

local id = redis.call('XADD', journal, '*', 'n', number, 't', now, 'v', verb,
                      'a', actor, 'p', sealed, 'e', ARGV[7], 'r', packed,
                      'h', hash)

redis.call('SET', head, number .. ' ' .. hash)

reply[2], reply[3] = id, number

if record then
    redis.call('SET', record,
               cmsgpack.pack({body, id, number, now, unpack(replies)}),
               'EX', ARGV[5])
end

return reply

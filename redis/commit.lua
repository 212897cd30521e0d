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
--
-- Redis runs all of this for every commit, so there are no tables where
-- comparisons do, and nothing is looked up twice.

local LIMIT = 9007199254740991          -- beyond it Lua's numbers lose units

local call, pcall = redis.call, redis.pcall
local journal, head, now, body = KEYS[1], KEYS[2], ARGV[3], ARGV[4]
local record = body ~= '' and KEYS[3] or nil

if record then
    local old = call('GET', record)
    if old then
        old = cmsgpack.unpack(old)
        if old[1] ~= body then
            return {'other'}
        end
        old[1] = 'again'
        return old
    end
end

-- Keys that effects may touch, with their type as far as it is known.

local kinds = {}
for i = record and 4 or 3, #KEYS do
    kinds[KEYS[i]] = ''
end

local conditions = cmsgpack.unpack(ARGV[6])

for i = 1, #conditions do
    local c = conditions[i]
    local name, key, a = c[1], c[2], c[3]
    local seen, met

    if not kinds[key] then
        return {'bad', 0, 'condition'}
    end

    if name == 'heq' then
        seen = pcall('HGET', key, a)
        met = (seen or '') == c[4]
    elseif name == 'habsent' then
        seen = pcall('HEXISTS', key, a)
        met = seen == 0
    elseif name == 'hexists' then
        seen = pcall('HEXISTS', key, a)
        met = seen == 1
    elseif name == 'absent' then
        seen = pcall('EXISTS', key)
        met = seen == 0
    elseif name == 'exists' then
        seen = pcall('EXISTS', key)
        met = seen == 1
    elseif name == 'smember' then
        seen = pcall('SISMEMBER', key, a)
        met = seen == 1
    elseif name == 'snomember' then
        seen = pcall('SISMEMBER', key, a)
        met = seen == 0
    else
        local limit = tonumber(a)
        if name == 'hbelow' then
            seen, limit = pcall('HGET', key, a), tonumber(c[4])
        elseif name == 'hlen' then
            seen = pcall('HLEN', key)
        elseif name == 'scard' then
            seen = pcall('SCARD', key)
        elseif name == 'zcard' then
            seen = pcall('ZCARD', key)
        else
            return {'bad', 0, 'condition'}
        end
        if type(seen) ~= 'table' then
            local has = tonumber(seen or 0)
            if not limit or not has then
                return {'bad', 0, 'number'}
            end
            met = has < limit
        end
    end

    if type(seen) == 'table' then
        return {'bad', 0, 'type'}
    end

    if not met then
        return {'unmet', i, seen or ''}
    end
end

-- The effects are rehearsed first: types, number formats and overflow, with
-- what earlier effects of this very commit will have changed.

local effects = cmsgpack.unpack(ARGV[7])
local private = ARGV[8] ~= '' and cmsgpack.unpack(ARGV[8]) or nil
local count = #effects
local counts = string.find(ARGV[7], 'HINCRBY', 1, true)

local fields = {}                       -- key -> fields written so far
local foretold = {}                     -- effect -> its reply, or 0

local function integer(s)               -- as Redis itself would take it
    local n = #s <= 17 and (s == '0' or string.find(s, '^-?[1-9]%d*$'))
              and tonumber(s)
    return n and n >= -LIMIT and n <= LIMIT and n
end

local function increment(e, i)
    local key, field = e[2], e[3]
    local written = fields[key] or {}
    local old = written[field]
    if old == nil then
        old = not written[LIMIT] and call('HGET', key, field)
    end
    old = not old and 0 or integer(old)
    local by = integer(e[4])
    if not by or not old then
        return 'number'
    end
    local sum = old + by
    if sum > LIMIT or sum < -LIMIT then
        return 'overflow'
    end
    foretold[i] = sum
    written[field] = string.format('%.0f', sum)
    fields[key] = written
end

local function note(e)                  -- only where something is counted
    local written = fields[e[2]] or {}
    local set = e[1] == 'HSET'
    for j = 3, #e, set and 2 or 1 do
        written[e[j]] = set and e[j + 1]
    end
    fields[e[2]] = written
end

local function rehearse(e, i)
    local name, key, n = e[1], e[2], #e
    local is = kinds[key]

    if not is then
        return 'effect'
    end

    for j = 3, n do
        local a = e[j]
        if type(a) ~= 'string' then
            if type(a) ~= 'number' then
                return 'arguments'
            end
            a = foretold[a]
            if not a or not effects[e[j]]
               or effects[e[j]][1] ~= 'HINCRBY' then
                return 'reference'
            end
            e[j] = string.format('%.0f', a)
        end
    end

    if is == '' then
        is = call('TYPE', key).ok
        kinds[key] = is
    end

    local kind
    if name == 'HSET' then
        kind = n > 3 and n % 2 == 0 and 'hash'
    elseif name == 'HINCRBY' then
        kind = n == 4 and 'hash'
    elseif name == 'HDEL' then
        kind = n > 2 and 'hash'
    elseif name == 'ZADD' then
        kind = n == 4 and 'zset'
    elseif name == 'ZREM' then
        kind = n > 2 and 'zset'
    elseif name == 'SADD' or name == 'SREM' then
        kind = n > 2 and 'set'
    elseif name == 'SET' then
        kind = n == 3 and 'string'
    elseif name == 'DEL' then
        if n ~= 2 then
            return 'arguments'
        end
        kinds[key], fields[key] = 'none', {[LIMIT] = true}
        return
    elseif name == 'EXPIRE' then
        local s = n == 3 and integer(e[3])
        return not (s and s > 0 and s < 3153600000) and 'number'
    else
        return 'effect'
    end

    if not kind then
        return 'arguments'
    end

    if is ~= kind then
        if is ~= 'none' then
            return 'type'
        end
        kinds[key] = kind
    end

    if name == 'HINCRBY' then
        return increment(e, i)
    elseif name == 'ZADD' then
        return not integer(e[3]) and 'number'
    elseif counts and kind == 'hash' then
        note(e)
    end
end

for i = 1, count do
    foretold[i] = 0
    local why = rehearse(effects[i], i)
    if why then
        return {'bad', i, why}
    end
end

local sealed = '-'
if private then
    for i = 1, #private do
        local why = rehearse(private[i], count + i)
        if why then
            return {'bad', count + i, why}
        end
    end
    sealed = redis.sha1hex(ARGV[8])
end

-- The chain: each entry's hash covers the one before.

local last = call('GET', head)
local number, hash = 1, string.rep('0', 40)
if last then
    number, hash = string.match(last, '^(%d+) (%x+)$')
    if not number or #hash ~= 40 then
        return {'bad', 0, 'head'}
    end
    number = number + 1
end

number = string.format('%.0f', number)

for i = count + 1, #foretold do
    foretold[i] = nil
end

local packed = cmsgpack.pack(foretold)

hash = redis.sha1hex(table.concat({
    hash, ' ', number, ' ', now, ' ', ARGV[1], ' ', ARGV[2], ' ', sealed, ' ',
    #ARGV[7], '\n', ARGV[7], packed
}))

-- The journal comes first: what Redis refuses it, it refuses before anything
-- is written.  Nothing that follows can fail.

local id = pcall('XADD', journal, '*', 'n', number, 't', now, 'v', ARGV[1],
                 'a', ARGV[2], 'p', sealed, 'e', ARGV[7], 'r', packed,
                 'h', hash)
if type(id) == 'table' then
    return string.find(id.err, '^WRONGTYPE') and {'bad', 0, 'journal'} or id
end

local reply = {'done', id, number, now}

for i = 1, count do
    reply[4 + i] = call(unpack(effects[i]))
end

if private then
    for i = 1, #private do
        call(unpack(private[i]))
    end
end

call('SET', head, number .. ' ' .. hash)

if record then
    reply[1] = body
    call('SET', record, cmsgpack.pack(reply), 'EX', ARGV[5])
    reply[1] = 'done'
end

return reply

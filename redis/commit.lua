-- The one server-side script: commits, each with conditions, effects, a
-- journal entry and an idempotency record, all or nothing.  It holds no
-- business rule.  Commits that travel together are carried out one after the
-- other; one that is refused leaves the others alone.
--
-- KEYS  1 journal, 2 head of the chain, then every key of the idempotency
--       records, conditions and effects
-- ARGV  1 seconds to keep an idempotency record, then six for each commit:
--       now (ms)
--       what: "verb actor sealed digest", for the journal; the digests are
--           of the private effects (or -) and of the effects
--       record: key of the idempotency record, or ''
--       body: hash of the body that came with that key
--       hidden: conditions, and effects that the journal keeps only the
--           digest of, as they hold the keys that make a person readable
--       effects
--
-- The last two are MessagePack: a flat list of steps, each a count of words,
-- and that many words (name, key, argument...).  In hidden, the place where
-- effects begin comes first.  An argument that is a number n stands for the
-- reply of effect n (counted from 1, an HINCRBY before it).
--
-- Returns a list with an answer for each commit:
--         {'done'|'again', journal id, number, ms, reply...}
--         {'other'}               the idempotency key came with another body
--         {'unmet', i, seen}      condition i did not hold
--         {'bad', i, reason}      effect i cannot be carried out (i = 0:
--                                 the call itself); nothing was written
--         an error                of Redis itself
-- Replies are there when an effect counts (HINCRBY).
--
-- Redis runs all of this for every commit, so there are no tables where
-- comparisons do, and nothing is looked up twice.

local LIMIT = 9007199254740991          -- beyond it Lua's numbers lose units
local WORDS = 6

local call, try, sha1hex = redis.call, redis.pcall, redis.sha1hex
local type, unpack, find, decode = type, unpack, string.find, cmsgpack.unpack
local journal, head = KEYS[1], KEYS[2]

local declared = {}                     -- keys that may be touched
for i = 3, #KEYS do
    declared[KEYS[i]] = true
end

local number, hash                      -- of the last entry, once read
local grown = false                     -- there are entries behind it

-- of one commit: what is known of a key's type ('hash?': a hash or nothing),
-- fields written so far by key, replies by effect

local kinds, fields, foretold


local function integer(s)               -- as Redis itself would take it
    local n = #s <= 17 and (s == '0' or find(s, '^-?[1-9]%d*$'))
              and tonumber(s)
    return n and n >= -LIMIT and n <= LIMIT and n
end


-- ---- conditions

local function below(seen, limit)
    local has, most = tonumber(seen or 0), tonumber(limit)
    return has and most and (has < most and 'yes' or 'no')
end


local function guard(name, key, a, b)
    local seen, met

    if name == 'heq' then
        seen = try('HGET', key, a)
        met = (seen or '') == b
    elseif name == 'habsent' then
        seen = try('HEXISTS', key, a)
        met = seen == 0
    elseif name == 'absent' then
        seen = try('EXISTS', key)
        met = seen == 0
        kinds[key] = met and 'none' or nil
        return seen, met
    elseif name == 'exists' then
        seen = try('EXISTS', key)
        return seen, seen == 1
    elseif name == 'hexists' then
        seen = try('HEXISTS', key, a)
        met = seen == 1
    elseif name == 'hbelow' then
        seen = try('HGET', key, a)
        met = type(seen) ~= 'table' and below(seen, b)
    elseif name == 'hlen' then
        seen = try('HLEN', key)
        met = type(seen) ~= 'table' and below(seen, a)
    elseif name == 'smember' then
        seen = try('SISMEMBER', key, a)
        return seen, seen == 1
    elseif name == 'snomember' then
        seen = try('SISMEMBER', key, a)
        return seen, seen == 0
    elseif name == 'scard' then
        seen = try('SCARD', key)
        return seen, type(seen) ~= 'table' and below(seen, a)
    elseif name == 'zcard' then
        seen = try('ZCARD', key)
        return seen, type(seen) ~= 'table' and below(seen, a)
    elseif name == 'eq' then
        seen = try('GET', key)
        return seen, type(seen) ~= 'table' and (seen or '') == a
    else
        return nil, 'unknown'
    end

    -- Redis took it for a hash, or found nothing

    kinds[key] = kinds[key] or 'hash?'

    return seen, met
end


local function refuse(guards, last)
    local at, i = 2, 0

    while at < last do
        local n, key = guards[at], guards[at + 2]

        if n < 2 or not declared[key] then
            return {'bad', 0, 'condition'}
        end

        local seen, met = guard(guards[at + 1], key,
                                n > 2 and guards[at + 3] or nil,
                                n > 3 and guards[at + 4] or nil)
        i = i + 1

        if type(seen) == 'table' then
            return {'bad', 0, 'type'}
        elseif met == nil then
            return {'bad', 0, 'number'}
        elseif met == 'unknown' then
            return {'bad', 0, 'condition'}
        elseif not met or met == 'no' then
            return {'unmet', i, seen or ''}
        end

        at = at + n + 1
    end
end


-- ---- effects, rehearsed first: types, number formats and overflow, with
-- what earlier effects of this very commit will have changed

local function increment(key, field, by, i)
    local written = fields[key] or {}
    local old = written[field]
    if old == nil then
        old = not written[LIMIT] and call('HGET', key, field)
    end
    old, by = not old and 0 or integer(old), integer(by)
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


local function note(w, at, n, set)      -- only where something is counted
    local written = fields[w[at + 1]] or {}
    for j = at + 2, at + n - 1, set and 2 or 1 do
        written[w[j]] = set and w[j + 1]
    end
    fields[w[at + 1]] = written
end


-- The arguments: text, or the reply of an effect, which takes its place.

local function resolve(w, j, a)
    if type(a) ~= 'number' then
        return 'arguments'
    end
    a = foretold and foretold[a]
    if not a then
        return 'reference'
    end
    w[j] = string.format('%.0f', a)
end


local function kind_of(name, n)
    if name == 'HSET' then
        return n > 3 and n % 2 == 0 and 'hash'
    elseif name == 'HINCRBY' then
        return n == 4 and 'hash'
    elseif name == 'HDEL' then
        return n > 2 and 'hash'
    elseif name == 'ZADD' then
        return n == 4 and 'zset'
    elseif name == 'ZREM' then
        return n > 2 and 'zset'
    elseif name == 'SADD' or name == 'SREM' then
        return n > 2 and 'set'
    elseif name == 'SET' then
        return n == 3 and 'string'
    elseif name == 'DEL' or name == 'EXPIRE' then
        return name
    end
end


-- Effect i stands at w[at]: its name, with n words.

local function rehearse(w, at, n, i)
    local name, key = w[at], w[at + 1]

    if not declared[key] then
        return 'effect'
    end

    local kind = kind_of(name, n)
    if not kind then
        return kind == nil and 'effect' or 'arguments'
    end

    for j = at + 2, at + n - 1 do
        local a = w[j]
        if type(a) ~= 'string' then
            local why = resolve(w, j, a)
            if why then
                return why
            end
        end
    end

    if name == 'DEL' then
        kinds[key] = 'none'
        if fields then
            fields[key] = {[LIMIT] = true}
        end
        return n ~= 2 and 'arguments'
    elseif name == 'EXPIRE' then
        local s = n == 3 and integer(w[at + 2])
        return not (s and s > 0 and s < 3153600000) and 'number'
    end

    local is = kinds[key]

    if is ~= kind then
        if not is or (is == 'hash?' and kind ~= 'hash') then
            is = call('TYPE', key).ok
        end
        if is ~= kind and is ~= 'none' and is ~= 'hash?' then
            return 'type'
        end
        kinds[key] = kind
    end

    if name == 'HINCRBY' then
        return increment(key, w[at + 2], w[at + 3], i)
    elseif name == 'ZADD' then
        return not integer(w[at + 2]) and 'number'
    elseif fields and kind == 'hash' then
        note(w, at, n, name == 'HSET')
    end
end


-- Returns how many there are, and why one of them cannot be.

local function rehearse_all(w, at, count)
    local size = #w

    while at <= size do
        local n = w[at]
        count = count + 1
        local why = rehearse(w, at + 1, n, count)
        if why then
            return count, why
        end
        at = at + n + 1
    end

    return count, at ~= size + 1 and 'arguments'
end


local function carry_out(w, at, reply)
    local size = #w

    while at <= size do
        local last = at + w[at]
        local r = call(unpack(w, at + 1, last))
        if reply then
            reply[#reply + 1] = r
        end
        at = last + 1
    end
end


-- ---- a commit

local function read_head()
    local last = call('GET', head)

    if not last then
        number, hash = 0, string.rep('0', 40)
        return
    end

    local n, h = string.match(last, '^(%d+) (%x+)$')
    if n and #h == 40 then
        number, hash = tonumber(n), h
    end
end


local function repeated(record, body)
    local old = call('GET', record)

    if old then
        old = decode(old)
        if old[1] ~= body then
            return {'other'}
        end
        old[1] = 'again'
        return old
    end
end


local function commit(now, what, record, body, hidden, effects)
    local refused

    if record ~= '' then
        if declared[record] == nil then
            return {'bad', 0, 'record'}
        end
        declared[record] = false        -- nobody else's
        refused = repeated(record, body)
        if refused then
            return refused
        end
    end

    local inner, outer = decode(hidden), decode(effects)
    local begin = inner[1]

    kinds, fields, foretold = {}, nil, nil

    refused = refuse(inner, begin)
    if refused then
        return refused
    end

    if find(effects, 'HINCRBY', 1, true) or find(hidden, 'HINCRBY', 1, true)
    then
        fields, foretold = {}, {}
    end

    local count, why = rehearse_all(outer, 1, 0)
    if why then
        return {'bad', count, why}
    end

    local all
    all, why = rehearse_all(inner, begin, count)
    if why then
        return {'bad', all, why}
    end

    if not number then
        read_head()
        if not number then
            return {'bad', 0, 'head'}
        end
    end

    -- The chain: each entry's hash covers the one before and what stands in
    -- the entry, the effects by their digest.

    local n = string.format('%.0f', number + 1)
    local entry = n .. ' ' .. now .. ' ' .. what

    if foretold then
        for i = 1, count do
            foretold[i] = string.format('%.0f', foretold[i] or 0)
        end
        entry = entry .. ' ' .. table.concat(foretold, ',', 1, count)
    end

    local sum = sha1hex(hash .. ' ' .. entry)

    -- The journal comes first: what Redis refuses it, it refuses before
    -- anything is written.  Nothing that follows can fail.

    local id = try('XADD', journal, '*', 'w', sum .. ' ' .. entry,
                   'e', effects)
    if type(id) == 'table' then
        return find(id.err, '^WRONGTYPE') and {'bad', 0, 'journal'} or id
    end

    number, hash, grown = number + 1, sum, true

    local reply = {'done', id, n, now}

    carry_out(outer, 1, foretold and reply)
    carry_out(inner, begin)

    if record ~= '' then
        reply[1] = body
        call('SET', record, cmsgpack.pack(reply), 'EX', ARGV[1])
        reply[1] = 'done'
    end

    return reply
end


local answers = {}

for at = 2, #ARGV, WORDS do
    local _, answer = pcall(commit, unpack(ARGV, at, at + WORDS - 1))
    answers[#answers + 1] = type(answer) == 'table' and answer
                            or {err = 'ERR ' .. tostring(answer)}
end

if grown then
    call('SET', head, string.format('%.0f', number) .. ' ' .. hash)
end

return answers

-- As much of a Redis client as the check-in needs: pooled connections, and
-- commands that travel together.

local tcp = ngx.socket.tcp
local byte, sub, concat = string.byte, string.sub, table.concat

local _M = {}


local function encode(out, command)
    local n = #out

    out[n + 1] = '*' .. #command .. '\r\n'

    for i = 1, #command do
        local word = command[i]
        out[n + 1 + i] = '$' .. #word .. '\r\n' .. word .. '\r\n'
    end
end


local function read(socket)
    local line, err = socket:receive()
    if not line then
        return nil, err
    end

    local kind, rest = byte(line), sub(line, 2)

    if kind == 43 then                                  -- +
        return rest
    elseif kind == 58 then                              -- :
        return tonumber(rest)
    elseif kind == 45 then                              -- -
        return false, rest
    end

    local n = tonumber(rest)

    if n < 0 then
        return ngx.null
    end

    if kind == 36 then                                  -- $
        local bytes
        bytes, err = socket:receive(n + 2)
        return bytes and sub(bytes, 1, n), err
    end

    local list = {}

    for i = 1, n do
        list[i], err = read(socket)
        if list[i] == nil then
            return nil, err
        end
    end

    return list
end


-- Replies in order; an error of Redis is {error = text}.

function _M.call(path, commands)
    local socket = tcp()
    local ok, err = socket:connect('unix:' .. path)
    if not ok then
        return nil, err
    end

    local out = {}
    for i = 1, #commands do
        encode(out, commands[i])
    end

    ok, err = socket:send(concat(out))
    if not ok then
        return nil, err
    end

    local replies = {}
    for i = 1, #commands do
        local reply
        reply, err = read(socket)
        if reply == nil then
            socket:close()
            return nil, err
        end
        replies[i] = reply == false and {error = err} or reply
    end

    socket:setkeepalive(0, 64)

    return replies
end


return _M

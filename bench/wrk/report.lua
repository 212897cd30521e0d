-- What wrk found, as one line of JSON; times in microseconds.

function done(summary, latency)
    local e = summary.errors

    io.write(string.format(
        '@{"requests":%d,"duration":%d,"mean":%.1f,"p99":%d,"status":%d,'
        .. '"connect":%d,"read":%d,"write":%d,"timeout":%d}\n',
        summary.requests, summary.duration, latency.mean,
        latency:percentile(99), e.status, e.connect, e.read, e.write,
        e.timeout))
end

-- Sends the requests of a file, one after the other, from a place of its own for each thread; the same for every server.
-- The file has whole requests, apart by the record separator, so that nothing is built while measuring.

local threads = {}

function setup(thread)
    thread:set("place", #threads)
    table.insert(threads, thread)
end

function init(arguments)
    requests = {}
    for request in io.open(arguments[1], "rb"):read("*a"):gmatch("[^\30]+") do
        table.insert(requests, request)
    end
    nextOne = math.floor(#requests * place / tonumber(arguments[2]))
end

function request()
    nextOne = nextOne % #requests + 1
    return requests[nextOne]
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format(
        'figures {"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d, "max": %d}',
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency.max))
end

-- Sends the requests of a file in sequence. Each thread starts at its own offset, the same for every server. The file
-- contains complete requests, separated by the record separator, so that nothing is built during the measurement.
-- Arguments: FILE, THREADS, FROM (the number of requests sent in earlier rounds), and `check`. `check` verifies each
-- answer. It costs wrk time and is not for rounds that count.

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
    nextOne = tonumber(arguments[3]) + math.floor(#requests * place / tonumber(arguments[2]))
    wrong = 0
    if arguments[4] ~= "check" then response = nil end
end

function request()
    nextOne = nextOne % #requests + 1
    return requests[nextOne]
end

function response(status, head, body)
    if status ~= 200 or #body == 0 then wrong = wrong + 1 end
end

function done(summary, latency)
    local errors, wrong = summary.errors, 0
    for _, thread in ipairs(threads) do wrong = wrong + thread:get("wrong") end
    print(string.format(
        'figures {"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d, "mean": %d}',
        summary.requests, summary.duration, math.max(errors.status, wrong),
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency.mean))
end

-- Sends first pays, each for a new order. BEGINNING starts the order numbers, KEY is the merchant's key. PAUSE is the
-- average wait of a caller between two calls in milliseconds (0: none). CALLERS is the number of callers of one thread.

local threads = {}

function setup(thread)
    thread:set("place", #threads)
    table.insert(threads, thread)
end

function init(arguments)
    beginning, pause, count = arguments[1] .. place .. "_", tonumber(arguments[3]), 0
    callers, waits = tonumber(arguments[4]), 0
    head = "POST /v1/payments HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " .. arguments[2]
        .. "\r\nContent-Type: application/json\r\n"
    if pause == 0 then delay = nil end
    math.randomseed(place + 1)
end

function request()
    count = count + 1
    local number = beginning .. count
    local body = '{"out_trade_no":"' .. number .. '","user_id":"u_' .. number .. '","amount":9900,"currency":"CNY",'
        .. '"subject":"A book","channel":"sandbox","terminal":"pc","expires_in":1296000}'
    return head .. "Idempotency-Key: " .. number .. "\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

-- The first wait is the rest of an earlier wait, so that the first second has as many calls as the last.
function delay()
    waits = waits + 1
    if waits <= callers then return 2 * pause * (1 - math.sqrt(math.random())) end
    return math.random(0, 2 * pause)
end

function done(summary, latency)
    local errors = summary.errors
    print(string.format(
        'figures {"requests": %d, "microseconds": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d, "mean": %d}',
        summary.requests, summary.duration, errors.status,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency.mean))
end

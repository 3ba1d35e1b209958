-- wrk script: sends one kind of request and ends with a line of figures.
-- Arguments: the kind (product, hot, page, token, wishes, sale, trusted, random, zipf, lists, search; the last four also
-- with "-token" appended) or a path; the path's prefix; tokens.txt; the round; the measurement's name.
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

local count, products, hot = 0, 10000, 100
local tokens, requests = {}, {}
local kind, prefix, round, name

local function get(path, headers)
    return wrk.format("GET", prefix .. path, headers)
end

local reads = {
    product = function(id) return get("/inventory/" .. id) end,
    -- A popular page, which nginx caches.
    hot = function(id) return get("/inventory/" .. id % hot + 1) end,
    token = function(id) return get("/inventory/" .. id, {Authorization = "Bearer " .. tokens[id % #tokens + 1]}) end,
    wishes = function(id) return get("/wishlist", {Authorization = "Bearer " .. tokens[id % #tokens + 1]}) end,
}

-- Requests of visitors across the whole catalogue, by kind: the path for a product id.
local nouns = {"clock", "lamp", "chair", "kettle"}
local mixes = {
    random = function(id) return "/inventory/" .. id end,
    -- The product at rank r is asked for 1/r times as often as the first (Zipf's law, s = 1).
    zipf = function() return "/inventory/" .. math.floor((products + 1) ^ math.random()) end,
    lists = function(id) return "/inventory?limit=20&min_price=" .. id end,
    search = function(id) return "/inventory?limit=20&q=" .. nouns[id % #nouns + 1] .. "+" .. id end,
}

-- mix KIND: its requests, three times as many as there are products; nil if KIND is no mix.
local function mix(kind)
    local name, suffix = kind:match("^(%l+)(.*)$")
    if not mixes[name] or (suffix ~= "" and suffix ~= "-token") then return nil end
    local made = {}
    for index = 1, 3 * products do
        local headers = suffix ~= "" and {Authorization = "Bearer " .. tokens[index % #tokens + 1]} or nil
        made[index] = get(mixes[name](math.random(products)), headers)
    end
    return made
end

-- A purchase has a key of its own, so its request is put together when it is sent; wrk.format would be slow.
local function sale()
    local body = string.format('{"items":[{"product_id":%d,"quantity":1}]}', math.random(products))
    local buyer = count % #tokens + 1
    return table.concat{
        "POST ", prefix, "/sales", kind == "trusted" and "?customer=" .. buyer or "", " HTTP/1.1\r\nHost: localhost\r\n",
        "Content-Type: application/json\r\nContent-Length: ", #body, "\r\nAuthorization: Bearer ", tokens[buyer],
        "\r\nIdempotency-Key: ", name, "-", round, "-", number, "-", count, "\r\n\r\n", body,
    }
end

function init(arguments)
    kind, prefix, round, name = arguments[1], arguments[2], arguments[4], arguments[5]
    for token in io.lines(arguments[3]) do tokens[#tokens + 1] = token end
    -- Each thread and each round uses a different order.
    math.randomseed(number + 1000 * round)
    requests = mix(kind) or requests
    for index = #requests + 1, 1000 do
        local read = reads[kind]
        requests[index] = read and read(math.random(products)) or get(kind == "page" and "/inventory?limit=20" or kind)
    end
end

function request()
    count = count + 1
    if kind == "sale" or kind == "trusted" then return sale() end
    return requests[count % #requests + 1]
end

-- requests/s, p50 and p99 in ms, answers that were none or not 2xx, requests without any, and all requests
function done(summary, latency)
    local errors = summary.errors
    local unserved = errors.connect + errors.read + errors.write + errors.timeout
    io.write(string.format("figures %.0f %.3f %.3f %d %d %d\n", summary.requests / summary.duration * 1e6,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000, errors.status + unserved, unserved, summary.requests))
end

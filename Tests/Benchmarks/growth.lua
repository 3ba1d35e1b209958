-- wrk script: sends one kind of request to a synthetic shop, with ids chosen evenly, and prints the median time.
-- Arguments: product, page, search, common, sale, update, history or people; how many products; tokens.txt (that of staff first); a name
-- for the keys of this measurement.
local count, kind, products, mark = 0, nil, nil, nil
local tokens = {}
local nouns = {[0] = "pen", "lamp", "mug", "rug", "bowl", "box", "chair", "scarf", "clock", "tray"}

function init(arguments)
    kind, products, mark = arguments[1], tonumber(arguments[2]), arguments[4]
    for token in io.lines(arguments[3]) do tokens[#tokens + 1] = token end
    math.randomseed(os.time() + #mark)
end

local function get(path, token)
    return "GET " .. path .. " HTTP/1.1\r\nHost: localhost\r\n" .. (token and "Authorization: Bearer " .. token .. "\r\n" or "") .. "\r\n"
end

local function send(target, token, body)
    return target .. " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " .. #body ..
        "\r\nAuthorization: Bearer " .. token .. "\r\nIdempotency-Key: " .. mark .. "-" .. count .. "\r\n\r\n" .. body
end

local function buyer()
    return tokens[1 + math.random(#tokens - 1)]
end

local ask = {
    product = function(id) return get("/inventory/" .. id) end,
    -- Anywhere in the list and not only its beginning: prices are spread evenly over 900 values.
    page = function(id) return get("/inventory?limit=20&sort=price&min_price=" .. 100 + id % 900) end,
    -- A word of its name, so that the search finds one.
    search = function(id) return get("/inventory?limit=20&q=" .. nouns[id % 10] .. "+" .. id) end,
    -- A word that a tenth of all products have.
    common = function(id) return get("/inventory?limit=20&q=" .. nouns[id % 10]) end,
    history = function() return get("/sales?limit=20", buyer()) end,
    -- The position of a random name in the list of all.
    people = function(id) return get("/customers?limit=20&q=c" .. id, tokens[1]) end,
    sale = function(id)
        return send("POST /sales", buyer(), '{"items":[{"product_id":' .. id .. ',"quantity":1}]}')
    end,
    -- A new price and a new text, so that every index of the product changes. Prices stay spread evenly.
    update = function(id)
        local price, text = 100 + math.random(900), mark .. " " .. count
        return send("PATCH /inventory/" .. id, tokens[1], '{"price":' .. price .. ',"description":"' .. text .. '"}')
    end,
}

function request()
    count = count + 1
    return ask[kind](math.random(products))
end

-- p50 in ms, how many, and how many of them were not answered with 2xx
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("figures %.3f %d %d\n", latency:percentile(50) / 1000, summary.requests,
        errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end

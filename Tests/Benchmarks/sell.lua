-- wrk: each request is the purchase of one line by one of the customers in tokens.txt, under a key of its own.
local tokens = {}
local thread_number = 0
local counter = 0

function setup(thread)
    thread:set("number", thread_number)
    thread_number = thread_number + 1
end

function init(args)
    for token in io.lines(args[1]) do tokens[#tokens + 1] = token end
    products = tonumber(args[2])
    round = args[3]
end

function request()
    counter = counter + 1
    local body = string.format('{"items":[{"product_id":%d,"quantity":1}]}', math.random(products))
    return wrk.format("POST", "/sales", {
        ["Content-Type"] = "application/json",
        ["Authorization"] = "Bearer " .. tokens[counter % #tokens + 1],
        ["Idempotency-Key"] = round .. "-" .. number .. "-" .. counter,
    }, body)
end

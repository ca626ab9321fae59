-- What wrk sends: one order, whose signature is over its body alone. Each request
-- is a new event, by the id in its header, and a message to one of many people.
-- Arguments after `--`: the order, its signature, a word for this run, how many
-- people, milliseconds between an answer and the next request, and the signature
-- in hexadecimal, for those who read no other.

local threads = 0
local sent = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local body = file:read("*a")
  file:close()
  people = tonumber(arguments[4])
  local head = {
    "POST " .. wrk.path .. " HTTP/1.1", "Host: hooks.example.com", "User-Agent: Shopify-Captain-Hook",
    "Content-Type: application/json", "Accept: */*", "Content-Length: " .. #body,
    "X-Shopify-API-Version: 2026-01", "X-Shopify-Shop-Domain: loja-mare.myshopify.com",
    "X-Shopify-Topic: orders/paid", "X-Shopify-Triggered-At: 2026-03-02T11:41:19.206401Z",
    "X-Hub-Signature-256: sha256=" .. arguments[6], "X-Shopify-Hmac-Sha256: " .. arguments[2], "X-Shopify-Webhook-Id: " .. arguments[3] .. "-" .. number .. "-",
  }
  before = table.concat(head, "\r\n")
  after = "\r\n\r\n" .. body
  local pause = tonumber(arguments[5])
  if pause > 0 then
    -- Spread, so that the connections do not send in step.
    function delay() return math.random(0, 2 * pause) end
  end
end

function request()
  sent = sent + 1
  local person = string.format("%08d", (sent * 7919 + number) % people)
  return before .. sent .. "\r\nX-Contact: 279" .. person .. after
end

-- Requests, seconds, microseconds at the median and the 99th percentile, failures.
function done(summary, latency)
  local failed = summary.errors
  io.write(string.format("\nresult %d %.6f %d %d %d\n", summary.requests, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99),
    failed.connect + failed.read + failed.write + failed.status + failed.timeout))
end

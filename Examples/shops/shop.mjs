// The back end of a shop that is paid through Paypage. docs/clients/node.md explains each part.
import { createHmac, timingSafeEqual } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const { PAYPAGE_URL, PAYPAGE_API_KEY, PAYPAGE_WEBHOOK_SECRET, SHOP_PORT, SHOP_DATA } = process.env;
const SECRET = Buffer.from(PAYPAGE_WEBHOOK_SECRET.replace(/^whsec_/, ""), "base64");

async function call(method, path, body, headers) {
  const answer = await fetch(PAYPAGE_URL + path, {
    method,
    headers: { Authorization: `Bearer ${PAYPAGE_API_KEY}`, "Content-Type": "application/json", ...headers },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  return answer.json(); // An order, or a problem with a code.
}

function pay(order) {
  const basket = {
    out_trade_no: order, user_id: "u1", amount: 9900, currency: "CNY", subject: "Spring tea",
    return_url: `http://127.0.0.1:${SHOP_PORT}/orders/${order}`,
  };
  // With one key per order, two presses of the button are one call.
  return call("POST", "/v1/payments", basket, { "Idempotency-Key": order });
}

function isGenuine(headers, body) {
  const sentAt = headers["webhook-timestamp"] ?? "";
  const age = /^[0-9]{1,12}$/.test(sentAt) ? Date.now() / 1000 - Number(sentAt) : Infinity;
  if (!SECRET.length || Math.abs(age) > 300) return false;
  // The body as it was received, byte for byte.
  const hmac = createHmac("sha256", SECRET).update(`${headers["webhook-id"]}.${sentAt}.`).update(body);
  const expected = Buffer.from(`v1,${hmac.digest("base64")}`);
  const given = (headers["webhook-signature"] ?? "").split(" ").map((text) => Buffer.from(text));
  return given.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
}

async function take(event, stored) {
  if (event.type === "order.paid" && !existsSync(stored)) {
    const payment = await call("GET", `/v1/payments/${event.data.out_trade_no}`);
    if (payment.code) throw new Error(payment.code); // Without a 2xx, Paypage sends the event again.
    if (payment.state === "paid" && payment.refundable === payment.amount) shipOnce(payment.out_trade_no);
  }
  writeFileSync(stored, JSON.stringify(event)); // Files stand for the rows of a database.
}

function shipOnce(order) {
  if (existsSync(`${SHOP_DATA}/${order}.shipped`)) return;
  writeFileSync(`${SHOP_DATA}/${order}.shipped`, "");
  console.log(`ship ${order}`);
}

async function respond(request, response) {
  const order = request.url.match(/^\/orders\/([0-9A-Za-z_]{4,28})$/)?.[1];
  const pieces = [];
  for await (const piece of request) if (pieces.push(piece) > 16) throw new Error("the body is too long");
  const body = Buffer.concat(pieces);
  if (request.method === "GET") {
    const { state } = order ? await call("GET", `/v1/payments/${order}`) : {};
    response.end(`<p>${state ?? ""}</p><form method=post><button>Pay</button></form>`);
  } else if (order) {
    response.writeHead(303, { Location: (await pay(order)).checkout_url }).end();
  } else if (!isGenuine(request.headers, body)) {
    response.writeHead(401).end();
  } else {
    await take(JSON.parse(body), `${SHOP_DATA}/${request.headers["webhook-id"]}.json`);
    response.writeHead(204).end(); // Only now.
  }
}

createServer((request, response) => respond(request, response).catch((error) => {
  console.error(error);
  response.writeHead(503).end();
})).listen(Number(SHOP_PORT), "127.0.0.1");

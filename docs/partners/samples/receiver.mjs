// A receiver of the hub's webhooks in Node, without any package: both signatures checked, each
// event taken once.
//
// Run: PLATFORM_SECRET=... PORT=9000 node receiver.mjs

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const SECRET = process.env.PLATFORM_SECRET;
const MOST_BYTES = 1024 * 1024;
const TOLERANCE = 5 * 60; // seconds between the hub's clock and yours
const seen = new Set(); // in real life a unique key in your database

function isEqual(given, wanted) {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

// Over the bytes as they came: parsing and writing JSON again would change them.
function isFromTheHub(headers, body) {
  const wanted = createHmac("sha256", SECRET).update(body).digest("hex");
  return isEqual(headers["x-360dialog-signature"], wanted);
}

// Standard Webhooks: id and time are signed too, and two secrets are good while you rotate.
function isFreshAndFromTheHub(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": given } = headers;
  if (!id || !given || !(Math.abs(Date.now() / 1000 - Number(at)) <= TOLERANCE)) return false;
  const wanted = createHmac("sha256", SECRET).update(`${id}.${at}.`).update(body).digest("base64");
  return given.split(" ").some((one) => isEqual(one, `v1,${wanted}`));
}

function read(request) {
  return new Promise((resolve, reject) => {
    const pieces = [];
    let length = 0;
    request.on("data", (piece) => {
      length += piece.length;
      if (length > MOST_BYTES) return reject(new Error("too large"));
      pieces.push(piece);
    });
    request.on("end", () => resolve(Buffer.concat(pieces)));
    request.on("error", reject);
  });
}

createServer(async (request, response) => {
  try {
    const body = await read(request);
    if (!isFromTheHub(request.headers, body) || !isFreshAndFromTheHub(request.headers, body)) {
      return response.writeHead(401).end();
    }
    const event = JSON.parse(body);
    if (!seen.has(event.id)) { // the same event may come twice
      seen.add(event.id);
      console.log(event.event, event.data.id ?? "");
    }
    response.writeHead(200).end(); // at once: do what takes long afterwards
  } catch {
    response.writeHead(400).end();
  }
}).listen(Number(process.env.PORT ?? 9000), "127.0.0.1");

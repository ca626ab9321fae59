// Signs with the SDKs of npm. Reads what to sign from stdin, writes requests to
// stdout; both are described in suite.py. Nothing here computes a signature or
// changes one: that is left to those who wrote the SDKs.

import { readFileSync } from "node:fs";
import { hmacValidator } from "@adyen/api-library";
import { signWebhookPayload } from "@notionhq/client";
import { sign as signGitHub } from "@octokit/webhooks-methods";
import braintree from "braintree";
import coinbase from "coinbase-commerce-node";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";
import twilio from "twilio";

const { bodies, now_secs: now, public_url } = JSON.parse(readFileSync(0, "utf8"));

const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };
const HOUR = 3600;

/// Signs the bodies that every sender of JSON can send. `sign(text, secret, at, id)`
/// gives the headers that are the proof, `others(id)` those that are not.
async function overBodies({ name, provider, secret, wrong, timed, sign, others = () => ({}), hex = false }) {
  const source = `${provider}-npm`;
  const make = async (label, key, at, expect) => {
    const id = `${source}-${label}`;
    const text = bodies[label].replaceAll("@ID@", id);
    const proof = await sign(text, key, at, id);
    const headers = { ...JSON_TYPE, ...others(id), ...proof };
    return { label, headers, body: text, proof: Object.keys(proof), marker: id, hex, ...expect };
  };
  const requests = [];
  for (const label of Object.keys(bodies)) requests.push(await make(label, secret, now, {}));
  requests.push(await make("plain", wrong, now, { refused: "another secret" }));
  if (timed) {
    requests.push(await make("plain", secret, now - HOUR, { refused: "an old timestamp" }));
    requests.push(await make("plain", secret, now + HOUR, { refused: "a timestamp to come" }));
  }
  return { name, provider, source, secret, marker_at: "$.marker", requests };
}

const stripe = new Stripe("sk_test_of_nobody");
const WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OTHER_WHSEC = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const PLAIN = { secret: "segredo-do-ci-8Xw2", wrong: "segredo-do-ci-8Xw3" };

const simple = [
  {
    name: "stripe", provider: "stripe", secret: WHSEC, wrong: OTHER_WHSEC, timed: true, hex: true,
    sign: (payload, secret, timestamp) => ({
      "stripe-signature": stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }),
    }),
  },
  {
    name: "standardwebhooks", provider: "standard-webhooks", secret: WHSEC, wrong: OTHER_WHSEC, timed: true,
    sign: (text, secret, at, id) => ({
      "webhook-id": id,
      "webhook-timestamp": String(at),
      "webhook-signature": new StandardWebhook(secret).sign(id, new Date(at * 1000), text),
    }),
  },
  {
    name: "svix", provider: "svix", secret: WHSEC, wrong: OTHER_WHSEC, timed: true,
    sign: (text, secret, at, id) => ({
      "svix-id": id,
      "svix-timestamp": String(at),
      "svix-signature": new SvixWebhook(secret).sign(id, new Date(at * 1000), text),
    }),
  },
  {
    name: "@octokit/webhooks-methods", provider: "github", ...PLAIN, hex: true,
    sign: async (text, secret) => ({ "x-hub-signature-256": await signGitHub(secret, text) }),
    others: (id) => ({ "x-github-delivery": id, "x-github-event": "issues" }),
  },
  {
    name: "@notionhq/client", provider: "notion", ...PLAIN, hex: true,
    sign: async (body, verificationToken) => ({
      "x-notion-signature": await signWebhookPayload({ body, verificationToken }),
    }),
  },
  {
    name: "coinbase-commerce-node", provider: "coinbase-commerce", ...PLAIN, hex: true,
    sign: (text, secret) => ({ "x-cc-webhook-signature": coinbase.Webhook.computeSignature(text, secret) }),
  },
  {
    name: "@adyen/api-library, whole body", provider: "adyen-platform",
    secret: "00112233445566778899aabbccddeeff", wrong: "00112233445566778899aabbccddeefe",
    sign: (text, secret) => ({ hmacsignature: new hmacValidator().calculateHmac(text, secret) }),
  },
];

/// The address as the sender knows it.
const addressOf = (source, query = "") => `${public_url}/hooks/${source}${query && `?${query}`}`;

function twilioForm() {
  const source = "twilio-form-npm";
  const token = "12345678901234567890123456789012";
  const make = (label, fields, key, expect = {}, query = "") => {
    const id = `${source}-${label}`;
    const params = { MessageSid: id, From: "+5527999998888", ...fields };
    const proof = { "x-twilio-signature": twilio.getExpectedTwilioSignature(key, addressOf(source, query), params) };
    return {
      label, query, headers: { ...FORM_TYPE, ...proof }, body: new URLSearchParams(params).toString(),
      proof: Object.keys(proof), marker: id, form: true, signs_address: true, ...expect,
    };
  };
  return {
    name: "twilio, form", provider: "twilio", source, secret: token, needs: "public_url",
    marker_at: "form:MessageSid",
    requests: [
      make("plain", { Body: "hi" }, token),
      make("accents", { Body: "Olá, Conceição! 🎉 a+b & c=d %41", NumMedia: "0", ProfileName: "José" }, token),
      make("empty", { Body: "", WaId: "", body: "lower", Zip: "1" }, token),
      make("crlf", { Body: "um\r\ndois\r\n" }, token),
      make("query", { Body: "hi" }, token, {}, "loja=centro&n=2"),
      make("large", { Body: "Conceição ".repeat(18_000) }, token),
      make("plain", { Body: "hi" }, token.replace("1", "2"), { refused: "another secret" }),
    ],
  };
}

function twilioJson() {
  const source = "twilio-json-npm";
  const token = "12345678901234567890123456789012";
  const make = (label, key, expect = {}) => {
    const id = `${source}-${label}`;
    const body = bodies[label].replaceAll("@ID@", id);
    const query = `bodySHA256=${twilio.getExpectedBodyHash(body)}`;
    const proof = { "x-twilio-signature": twilio.getExpectedTwilioSignature(key, addressOf(source, query), {}) };
    return {
      label, query, headers: { ...JSON_TYPE, ...proof }, body,
      proof: Object.keys(proof), marker: id, signs_address: true, ...expect,
    };
  };
  return {
    name: "twilio, JSON", provider: "twilio", source, secret: token, needs: "public_url",
    marker_at: "$.marker",
    requests: [
      ...Object.keys(bodies).map((label) => make(label, token)),
      make("plain", token.replace("1", "2"), { refused: "another secret" }),
    ],
  };
}

/// Adyen signs eight fields of every item and puts the proof into the item, so
/// only those bytes of the body are proven.
function adyen() {
  const source = "adyen-npm";
  const secret = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
  const validator = new hmacValidator();
  const item = (id, more, key) => {
    const fields = {
      additionalData: { expiryDate: "12/2030" },
      amount: { value: 1130, currency: "BRL" },
      pspReference: id,
      eventCode: "AUTHORISATION",
      eventDate: "2026-03-02T12:00:00-03:00",
      merchantAccountCode: "LojaDaMaria",
      operations: ["CANCEL", "CAPTURE"],
      merchantReference: "pedido-1",
      paymentMethod: "pix",
      success: "true",
      ...more,
    };
    fields.additionalData.hmacSignature = validator.calculateHmac(fields, key);
    return { NotificationRequestItem: fields };
  };
  const make = (label, all, key, expect = {}) => {
    const id = `${source}-${label}`;
    const items = all.map((more, n) => item(n === 0 ? id : `${id}-${n}`, more, key));
    const body = JSON.stringify({ live: "false", notificationItems: items });
    return {
      label, headers: JSON_TYPE, body, proof: [], marker: id, proven: items.flatMap((item) => spans(body, item)),
      ...expect,
    };
  };
  return {
    name: "@adyen/api-library, items", provider: "adyen", source, secret,
    // gancho takes the items apart.
    marker_at: "$.pspReference",
    requests: [
      make("plain", [{}], secret),
      make("refund", [{ originalReference: "8313547924770610", eventCode: "REFUND" }], secret),
      make("accents", [{ merchantReference: "Conceição 🎉", merchantAccountCode: "Lanches_José" }], secret),
      make("plain", [{}], secret.replace("4", "5"), { refused: "another secret" }),
    ],
  };
}

/// Where the bytes that Adyen proves, and the proof, stand in the body: pairs of
/// offsets in bytes.
function spans(body, { NotificationRequestItem: fields }) {
  const bytes = Buffer.from(body);
  const from = bytes.indexOf(JSON.stringify(fields));
  const proven = { ...fields, ...fields.amount, hmacSignature: fields.additionalData.hmacSignature };
  const names = [
    "pspReference", "originalReference", "merchantAccountCode", "merchantReference", "value", "currency",
    "eventCode", "success", "hmacSignature",
  ];
  return names.filter((name) => name in proven).map((name) => {
    const value = JSON.stringify(proven[name]);
    const start = bytes.indexOf(`"${name}":${value}`, from) + Buffer.byteLength(`"${name}":`);
    const quote = value.startsWith('"') ? 1 : 0;
    return [start + quote, start + Buffer.byteLength(value) - quote];
  });
}

/// Braintree signs one form field with another. What stands before the `|` of
/// the signature names the key and is not proven by it.
function braintreeForm() {
  const source = "braintree-npm";
  const secret = "integration_private_key_8Xw2";
  const make = async (label, id, privateKey, expect = {}) => {
    const gateway = new braintree.BraintreeGateway({
      environment: braintree.Environment.Sandbox, merchantId: "merchant", publicKey: "publickey", privateKey,
    });
    const sample = await gateway.webhookTesting.sampleNotification("subscription_went_past_due", id);
    const field = (name) => `${name}=${encodeURIComponent(sample[name])}`;
    const body = `${field("bt_signature")}&${field("bt_payload")}`;
    const digits = body.indexOf("%7C") + 3;
    const payload = body.indexOf("bt_payload=") + "bt_payload=".length;
    return {
      label, headers: FORM_TYPE, body, proof: [], marker: sample.bt_signature, form: true, hex: true,
      proven: [[digits, body.indexOf("&")], [payload, body.length]], ...expect,
    };
  };
  return Promise.all([
    make("plain", "a1", secret),
    make("accents", "Conceição 🎉", secret),
    make("large", "x".repeat(150_000), secret),
    make("plain", "a1", "integration_private_key_8Xw3", { refused: "another secret" }),
  ]).then((requests) => ({
    name: "braintree", provider: "braintree", source, secret, marker_at: "form:bt_signature", requests,
    params: { public_key: "publickey" },
  }));
}

const signers = [...(await Promise.all(simple.map(overBodies))), adyen(), await braintreeForm()];
signers.push(twilioForm(), twilioJson());
process.stdout.write(JSON.stringify(signers));

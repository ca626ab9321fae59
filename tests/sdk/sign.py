"""Signs with the SDKs of PyPI. Reads what to sign from stdin, writes requests to
stdout; both are described in suite.py. Nothing here computes a signature or
changes one: that is left to those who wrote the SDKs."""

import json
import sys
from datetime import datetime, timezone
from urllib.parse import urlencode

from hubspot.utils.signature import Signature as HubSpot
from slack_sdk.signature import SignatureVerifier as Slack
from standardwebhooks.webhooks import Webhook as StandardWebhook
from svix.webhooks import Webhook as SvixWebhook
from twilio.request_validator import RequestValidator as Twilio

given = json.load(sys.stdin)
BODIES, NOW, PUBLIC_URL = given["bodies"], given["now_secs"], given["public_url"]

JSON_TYPE = {"content-type": "application/json"}
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}
HOUR = 3600
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_WHSEC = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
PLAIN, OTHER_PLAIN = "segredo-do-ci-8Xw2", "segredo-do-ci-8Xw3"


def over_bodies(name, provider, secret, wrong, sign, bodies=BODIES, marker_at="$.marker", **traits):
    """Signs `bodies` with `sign(text, secret, at, id)`, which gives the headers
    that are the proof. Every scheme here has a timestamp."""
    source = f"{provider}-pypi"

    def make(label, key, at, **expect):
        marker = f"{source}-{label}"
        text = bodies[label].replace("@ID@", marker)
        proof = sign(text, key, at, marker)
        headers = {**JSON_TYPE, **proof}
        return dict(label=label, headers=headers, body=text, proof=list(proof), marker=marker, **traits, **expect)

    requests = [make(label, secret, NOW) for label in bodies]
    requests.append(make("plain", wrong, NOW, refused="another secret"))
    requests.append(make("plain", secret, NOW - HOUR, refused="an old timestamp"))
    requests.append(make("plain", secret, NOW + HOUR, refused="a timestamp to come"))
    return dict(name=name, provider=provider, source=source, secret=secret, marker_at=marker_at, requests=requests)


def standard(webhook, prefix):
    def sign(text, secret, at, marker):
        moment = datetime.fromtimestamp(at, tz=timezone.utc)
        return {
            f"{prefix}-id": marker,
            f"{prefix}-timestamp": str(at),
            f"{prefix}-signature": webhook(secret).sign(marker, moment, text),
        }

    return sign


def slack(text, secret, at, _marker):
    signature = Slack(secret).generate_signature(timestamp=str(at), body=text)
    return {"x-slack-request-timestamp": str(at), "x-slack-signature": signature}


def hubspot(text, secret, at, marker):
    stamp = str(at * 1000)
    url = f"{PUBLIC_URL}/hooks/hubspot-pypi"
    signature = HubSpot.get_signature(secret, text, "v3", http_uri=url, http_method="POST", timestamp=stamp)
    return {"x-hubspot-request-timestamp": stamp, "x-hubspot-signature-v3": signature}


def twilio_form():
    source, token = "twilio-form-pypi", "12345678901234567890123456789012"

    def make(label, fields, key, query="", **expect):
        marker = f"{source}-{label}"
        fields = {"MessageSid": marker, "From": "+5527999998888", **fields}
        url = f"{PUBLIC_URL}/hooks/{source}" + (f"?{query}" if query else "")
        proof = {"x-twilio-signature": Twilio(key).compute_signature(url, fields)}
        return dict(
            label=label, query=query, headers={**FORM_TYPE, **proof}, body=urlencode(fields), proof=list(proof),
            marker=marker, form=True, signs_address=True, **expect,
        )

    requests = [
        make("plain", {"Body": "hi"}, token),
        make("accents", {"Body": "Olá, Conceição! 🎉 a+b & c=d %41", "ProfileName": "José"}, token),
        make("crlf", {"Body": "um\r\ndois\r\n"}, token),
        make("query", {"Body": "hi"}, token, query="loja=centro&n=2"),
        make("large", {"Body": "Conceição " * 18_000}, token),
        make("plain", {"Body": "hi"}, token.replace("1", "2"), refused="another secret"),
    ]
    return dict(
        name="twilio, form", provider="twilio", source=source, secret=token, needs="public_url",
        marker_at="form:MessageSid", requests=requests,
    )


# HubSpot posts lists of events; a gateway may take them apart.
IN_A_LIST = {label: f"[{text}]" for label, text in BODIES.items()}

signers = [
    over_bodies("slack_sdk", "slack", PLAIN, OTHER_PLAIN, slack, hex=True),
    over_bodies(
        "standardwebhooks", "standard-webhooks", WHSEC, OTHER_WHSEC, standard(StandardWebhook, "webhook")
    ),
    over_bodies("svix", "svix", WHSEC, OTHER_WHSEC, standard(SvixWebhook, "svix")),
    {
        **over_bodies(
            "hubspot-api-client", "hubspot", PLAIN, OTHER_PLAIN, hubspot, IN_A_LIST, ["$[0].marker", "$.marker"],
            signs_address=True,
        ),
        "needs": "public_url",
    },
    twilio_form(),
]
json.dump(signers, sys.stdout)

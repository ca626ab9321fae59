"""Posts what the signers sign to a running gateway, as it is and changed.

    suite.py GANCHO (INTERPRETER SIGNER)…

A signer reads from stdin
    { "bodies": {label: text with @ID@ in it}, "now_secs": …, "public_url": … }
and writes a list of senders, each
    name, provider   the package, and the provider that the gateway knows it by
    source           the last part of the address it posts to
    secret           given to the gateway
    needs            a key of the configuration without which it cannot be verified
    marker_at        where, for the mapping, the text is by which a delivery is known
    requests         what it sends, each
        label, headers, body, query
        marker         the text at `marker_at`, another one in every request
        proof          the headers of which every byte counts
        proven         where the body counts: [from, to] in bytes; all of it if absent
        form           the form is proven, not its bytes: %3A and %3a are the same
        hex            the signature is in hexadecimal, so that A and a are the same
        signs_address  the query counts as well
        refused        why even the unchanged request must be refused; else it is accepted

Ends with 0 only if every answer was right and exactly what was accepted arrived
at the stand-in Talqui. Uses nothing but Python's own library.
"""

import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from urllib.parse import parse_qsl

PUBLIC_URL = "https://hooks.example.test"
PATIENCE_SECS = 30
# Far more than is posted to one source from here.
UNVERIFIED_PER_MINUTE = 100_000
# Which bits and bytes are changed is drawn, and is the same in every run.
SEED = 20260302
SAMPLE_OF_LARGE = 60
LARGE_BYTES = 4096
MOST_COMPLAINTS = 20


def body(*more):
    """JSON as a sender writes it, with the id of the event where each of them has it."""
    event = '"event":{"id":"@ID@","type":"order.paid"}'
    first = '"id":"@ID@","event_id":"@ID@","marker":"@ID@","type":"order.paid",' + event
    return "{" + ",".join([first, *more]) + "}"


def bodies():
    item = '{"sku":"CAMISETA-%d","nome":"Camiseta algodão — edição nº %d 👕","preco":89.9,"tags":["verão","açaí"]}'
    large = '"items":[' + ",".join(item % (n, n) for n in range(1900)) + "]"
    nested = '"data":{"object":{"lines":[{"price":{"tiers":[{"up_to":null,"flat":[1,-2.5e3,true,false,""]}]}}]}}'
    strange = '"nome":"Conceição D’Ávila","nota":"🎉 日本語 \\u00e7 \\\\ \\" <b>&amp;</b> %41+x=1"'
    return {
        "plain": body(),
        "accents": body(strange),
        "nested": body(nested),
        "crlf": body('"texto":"um\\r\\ndois"').replace(",", ",\r\n  ") + "\r\n\r\n",
        "large": body(large),
    }


class Failed(Exception):
    pass


# ------------------------------------------------------------------ processes


class Process:
    """Runs until it is stopped; its output is kept for whoever asks why."""

    def __init__(self, arguments, folder, environment):
        self.seen, self.more, self.over = "", threading.Condition(), False
        self.child = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace",
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.stdout:
            with self.more:
                # Of the thousands of refusals in a log the last ones are enough.
                self.seen = (self.seen + line)[-200_000:]
                self.more.notify_all()
        with self.more:
            self.over = True
            self.more.notify_all()

    def wait_for(self, pattern):
        def found():
            return re.search(pattern, self.seen)

        with self.more:
            self.more.wait_for(lambda: found() or self.over, PATIENCE_SECS)
            if match := found():
                return match
            raise Failed(f"no `{pattern}` in what it printed:\n{self.seen[-2000:]}")

    def stop(self):
        """As an operator would, and waits until it is gone."""
        if self.child.poll() is None:
            self.child.terminate()
        try:
            return self.child.wait(PATIENCE_SECS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            return self.child.wait()


def get(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=PATIENCE_SECS) as answer:
        return answer.read()


def until(what, condition):
    deadline = time.monotonic() + PATIENCE_SECS
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {PATIENCE_SECS} s")
        time.sleep(0.02)


def answers(url):
    try:
        return get(url) is not None
    except OSError:
        return False


# ----------------------------------------------------------------------- HTTP


class Connection:
    """One connection, kept. Small requests are written several at a time."""

    def __init__(self, host, port):
        self.address = (host, port)
        self.socket = None

    def _open(self):
        self.socket = socket.create_connection(self.address, PATIENCE_SECS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming = self.socket.makefile("rb", 65536)

    def close(self):
        if self.socket:
            self.incoming.close()
            self.socket.close()
            self.socket = None

    def statuses(self, requests):
        """The status of each answer. A connection that the gateway closes in
        between is opened again, and what had no answer is sent again."""
        answered, barren = [], 0
        while len(answered) < len(requests):
            if not self.socket:
                self._open()
            before = len(answered)
            try:
                self.socket.sendall(b"".join(requests[before:]))
                while len(answered) < len(requests):
                    status, goes_on = self._answer()
                    answered.append(status)
                    if not goes_on:
                        self.close()
                        break
            except (ConnectionError, TimeoutError):
                self.close()
            barren = barren + 1 if len(answered) == before else 0
            if barren == 3:
                raise Failed("the gateway closes the connection without an answer")
        return answered

    def _answer(self):
        first = self.incoming.readline()
        if not first:
            raise ConnectionResetError
        length, goes_on = 0, True
        while (line := self.incoming.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif name.lower() == b"connection" and value.strip().lower() == b"close":
                goes_on = False
        self.incoming.read(length)
        return int(first.split()[1]), goes_on


def as_bytes(source, headers, content, query):
    target = f"/hooks/{source}" + (f"?{query}" if query else "")
    lines = [f"POST {target} HTTP/1.1", "host: hooks.example.test", f"content-length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


# -------------------------------------------------------------------- changes


def changes(request, every_bit, chance):
    """Everything that must be refused: (what was changed, headers, body, query)."""
    headers, content, query = request["headers"], request["body"].encode(), request.get("query", "")
    for at, changed in changed_bodies(request, content, every_bit, chance):
        yield f"byte {at} of the body", headers, changed, query
    for name in request["proof"]:
        for at, changed in changed_texts(headers[name], request.get("hex"), every_bit, chance):
            yield f"byte {at} of {name}: `{changed}`", {**headers, name: changed}, content, query
        without = {have: value for have, value in headers.items() if have != name}
        yield f"{name} left out", without, content, query
    if "proven" not in request:
        yield "one byte more", headers, content + b" ", query
        yield "one byte less", headers, content[:-1], query
    if request.get("signs_address"):
        for at, letter in enumerate(query):
            changed = query[:at] + ("1" if letter == "0" else "0") + query[at + 1 :]
            yield f"byte {at} of the query: `{changed}`", headers, content, changed
        yield "a longer query", headers, content, f"{query}&x=1" if query else "x=1"


def changed_bodies(request, content, every_bit, chance):
    proven = request.get("proven") or [[0, len(content)]]
    places = [at for start, end in proven for at in range(start, end)]
    if len(content) > LARGE_BYTES:
        places = sorted({places[0], places[-1], *chance.sample(places, SAMPLE_OF_LARGE)})
    fields = parse_qsl(content.decode(), keep_blank_values=True) if request.get("form") else None
    for at in places:
        for bit in range(8) if every_bit else [chance.randrange(8)]:
            changed = bytearray(content)
            changed[at] ^= 1 << bit
            if fields and same_form(fields, changed):
                continue
            if request.get("hex") and "proven" in request and same_digits(content[at], changed[at], at, proven[0]):
                continue
            yield at, bytes(changed)


def same_form(fields, changed):
    return parse_qsl(changed.decode(errors="replace"), keep_blank_values=True, errors="replace") == fields


def same_digits(before, after, at, span):
    """A hexadecimal digit, within the signature, in its other case."""
    return span[0] <= at < span[1] and before ^ after == 0x20 and chr(before).isalpha()


def changed_texts(text, is_hex, every_bit, chance):
    for at, letter in enumerate(text):
        flips = [chr(ord(letter) ^ 1 << bit) for bit in range(7)]
        # A header is visible letters, and spaces at its ends are no part of it.
        flips = [flip for flip in flips if "!" <= flip <= "~"]
        if is_hex:
            flips = [flip for flip in flips if flip.lower() != letter.lower()]
        for flip in flips if every_bit else [chance.choice(flips)]:
            yield at, text[:at] + flip + text[at + 1 :]


# ---------------------------------------------------------------------- suite


class Suite:
    def __init__(self, gancho, signers, folder):
        self.gancho, self.signers, self.folder = gancho, signers, folder
        self.environment = {"PATH": os.environ.get("PATH", ""), "NO_COLOR": "1"}
        self.known_config = self.ask("config").stdout
        self.has_public_url = "public_url" in self.known_config
        self.running, self.complaints = [], []

    def ask(self, *arguments):
        return subprocess.run(
            [self.gancho, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True
        )

    def start(self, *arguments):
        process = Process([self.gancho, *arguments], self.folder, self.environment)
        self.running.append(process)
        return process

    def stop(self):
        for process in reversed(self.running):
            process.stop()

    def senders(self):
        """Of all signers, those whose provider this gateway knows."""
        given = {"bodies": bodies(), "now_secs": int(time.time()), "public_url": PUBLIC_URL}
        signed = []
        for interpreter, script in zip(self.signers[::2], self.signers[1::2]):
            ran = subprocess.run([interpreter, script], input=json.dumps(given), capture_output=True, text=True)
            if ran.returncode != 0:
                raise Failed(f"{script} cannot sign:\n{ran.stderr}")
            language = "npm" if script.endswith(".mjs") else "PyPI"
            signed += [{**sender, "name": f"{sender['name']} ({language})"} for sender in json.loads(ran.stdout)]
        return [sender for sender in signed if self.can_verify(sender)]

    def can_verify(self, sender):
        if self.ask("providers", sender["provider"]).returncode != 0:
            print(f"SKIPPED: {sender['name']}: provider {sender['provider']} not there")
            return False
        if sender.get("needs") == "public_url" and not self.has_public_url:
            print(f"SKIPPED: {sender['name']}: the configuration has no public_url")
            return False
        return True

    def write_site(self, senders, upstream):
        for sender in senders:
            variable = sender["source"].upper().replace("-", "_")
            self.environment[variable] = sender["secret"]
            self.write(f"mappings/{sender['source']}.yaml", {
                "provider": sender["provider"],
                "secrets": [f"env:{variable}"],
                "params": sender.get("params", {}),
                "values": {"marker": sender["marker_at"]},
                "connection": "telegram",
                "session": {"contactExternalID": "{{ marker }}", "messageValue": "arrived: {{ marker }}"},
            })
        self.environment["TOKEN"] = "token-of-the-suite-9Zx4"
        config = {
            "listen": {"public": "127.0.0.1:0", "admin": "127.0.0.1:0"},
            "talqui": {"base_url": upstream},
            "connections": {"telegram": {
                "tenant_id": "7d1f0c52-0000-4000-8000-000000000001",
                "plugin_connection_id": "5b2e9a40-0000-4000-8000-000000000004",
                "channel": "urn:talqui:telegram:0",
                "token": "env:TOKEN",
            }},
        }
        if self.has_public_url:
            config["public_url"] = PUBLIC_URL
        if "unverified_per_minute" in self.known_config:
            config["limits"] = {"unverified_per_minute": UNVERIFIED_PER_MINUTE}
        self.write("gancho.yaml", config)

    def write(self, file, data):
        """JSON, which YAML contains."""
        path = self.folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(data))

    def run(self):
        senders = self.senders()
        if not senders:
            raise Failed("no sender can be tried")
        sandbox = self.start("sandbox", "--listen", "127.0.0.1:0")
        self.talqui = sandbox.wait_for(r"(http://[0-9.]+:\d+)\n")[1]
        self.write_site(senders, self.talqui)
        gateway = self.start("serve")
        ready = gateway.wait_for(r"gancho is ready.*public=([0-9.]+):(\d+).*admin=([0-9.:]+)")
        until("the gateway is healthy", lambda: answers(f"http://{ready[3]}/healthz"))
        connection = Connection(ready[1], int(ready[2]))
        accepted, changed = [], 0
        for sender in senders:
            mine = self.try_sender(connection, sender, accepted)
            changed += mine
        connection.close()
        self.check_delivered(gateway, accepted)
        print(f"{len(senders)} senders, {len(accepted)} requests accepted and delivered, {changed} changed ones refused")

    def try_sender(self, connection, sender, accepted):
        chance = random.Random(f"{SEED} {sender['source']}")
        changed, delivered, complaints = 0, 0, len(self.complaints)
        for request in sender["requests"]:
            whole = as_bytes(
                sender["source"], request["headers"], request["body"].encode(), request.get("query", "")
            )
            (status,) = connection.statuses([whole])
            if why := request.get("refused"):
                self.expect(status == 401, sender, request, f"{why} is answered {status}, not 401")
                continue
            self.expect(200 <= status < 300, sender, request, f"as signed, it is answered {status}")
            accepted.append(request["marker"])
            delivered += 1
            every_bit = request["label"] == "plain"
            changed += self.try_changes(connection, sender, request, changes(request, every_bit, chance))
        verdict = "as they should be" if len(self.complaints) == complaints else "WRONG, see below"
        print(f"{sender['name']:36} {delivered} as signed, {changed:5} changed: {verdict}", flush=True)
        return changed

    def try_changes(self, connection, sender, request, tried):
        count = 0
        for batch in batches(tried, 1 if len(request["body"]) > LARGE_BYTES else 32):
            sent = [as_bytes(sender["source"], *parts) for _, *parts in batch]
            for (what, *_), status in zip(batch, connection.statuses(sent)):
                self.expect(status == 401, sender, request, f"{what} changed: answered {status}, not 401")
                count += 1
        return count

    def expect(self, holds, sender, request, otherwise):
        if holds:
            return
        self.complaints.append(f"{sender['name']}, {request['label']}: {otherwise}")
        if len(self.complaints) >= MOST_COMPLAINTS:
            raise Failed("\n".join([*self.complaints, "and perhaps more: this is where the suite gives up"]))

    def check_delivered(self, gateway, accepted):
        """That 2xx meant delivered, each once, and that nothing else went out."""
        if self.complaints:
            raise Failed("\n".join(self.complaints))
        until("everything accepted arrives", lambda: len(self.arrived()) >= len(accepted))
        # What was still to be sent would be seen now: a stop waits for it.
        if code := gateway.stop():
            raise Failed(f"the gateway ended with {code}:\n{gateway.seen[-2000:]}")
        wanted = sorted(f"arrived: {marker}" for marker in accepted)
        arrived = sorted(self.arrived())
        if arrived != wanted:
            missing, extra = set(wanted) - set(arrived), set(arrived) - set(wanted)
            raise Failed(f"{len(wanted)} accepted, {len(arrived)} arrived; missing {missing}, not accepted {extra}")

    def arrived(self):
        page = json.loads(get(f"{self.talqui}/_sandbox/requests?limit=100000"))
        return [request["delivered"]["text"] for request in page["requests"] if request["delivered"]]


def batches(items, size):
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def main():
    gancho, signers = sys.argv[1], sys.argv[2:]
    # A signal ends it by way of `finally`, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(gancho, signers, Path(folder))
        try:
            suite.run()
        except Failed as why:
            print(f"FAILED: {why}")
            return 1
        finally:
            suite.stop()
    return 0


sys.exit(main())

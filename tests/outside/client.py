"""OpenSSL 3.5 at somebody's door: `client.py WISHES` knocks once, as the JSON object WISHES says, and prints what came.

WISHES: `port`; optional `chain` and `key` (files), `alpn`, `groups`, `suites` and `newest` (names as OpenSSL writes them).
Answer: protocol, group and suite agreed upon; bytes heard after the handshake; whether a ticket came, and how much early
data it would allow; or `refused`, OpenSSL's own words for the alert. No certificate is verified, and nothing is judged.
"""

import json
import os
import socket
import sys
import tempfile

WISHES = json.loads(sys.argv[1])

# What pyOpenSSL has no call for, OpenSSL reads from its configuration, once, as it is loaded.
CONFIGURATION = """openssl_conf = openssl
[openssl]
ssl_conf = ssl
[ssl]
system_default = wishes
[wishes]
CipherString = DEFAULT:@SECLEVEL=0
MinProtocol = TLSv1
"""
COMMANDS = {"groups": "Groups", "suites": "Ciphersuites", "newest": "MaxProtocol"}
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])  # and empty SETTINGS
TICKET = 0xAA  # the field of a session that holds a ticket: [10], constructed


def configure():
    lines = [f"{command} = {WISHES[wish]}\n" for wish, command in COMMANDS.items() if wish in WISHES]
    with tempfile.NamedTemporaryFile("w", suffix=".cnf", delete=False) as file:
        file.write(CONFIGURATION + "".join(lines))
    os.environ["OPENSSL_CONF"] = file.name
    return file.name


def fields(der):
    """The tags of a DER sequence's fields."""

    def read(at):
        tag, first, at = der[at], der[at + 1], at + 2
        count = first - 0x80 if first >= 0x80 else 0
        length = int.from_bytes(der[at : at + count], "big") if count else first
        return tag, at + count, length

    _, at, length = read(0)
    end = at + length
    while at < end:
        tag, inside, length = read(at)
        yield tag
        at = inside + length


def session(connection, ffi, lib):
    """The session as OpenSSL would keep it."""
    kept = connection.get_session()._session
    bytes_max = lib.i2d_SSL_SESSION(kept, ffi.NULL)
    buffer = ffi.new("unsigned char[]", bytes_max)
    lib.i2d_SSL_SESSION(kept, ffi.new("unsigned char **", buffer))
    ticket = TICKET in fields(bytes(buffer))
    return {"ticket": ticket, "early_data": lib.SSL_SESSION_get_max_early_data(kept)}


def knock():
    from cryptography.hazmat.bindings.openssl.binding import Binding
    from OpenSSL import SSL

    context = SSL.Context(SSL.TLS_METHOD)
    if "chain" in WISHES:
        context.use_certificate_chain_file(WISHES["chain"])
        context.use_privatekey_file(WISHES["key"])
    if "alpn" in WISHES:
        context.set_alpn_protos([WISHES["alpn"].encode()])
    tcp = socket.create_connection(("127.0.0.1", WISHES["port"]))
    tcp.settimeout(None)
    tls = SSL.Connection(context, tcp)
    tls.set_tlsext_host_name(b"localhost")
    tls.set_connect_state()
    answer = {"openssl": SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode(), "heard": 0}
    try:
        tls.do_handshake()
        answer["protocol"] = tls.get_protocol_version_name()
        answer["group"], answer["suite"] = tls.get_group_name(), tls.get_cipher_name()
        try:
            tls.sendall(PREFACE)
            tls.shutdown()
        except SSL.SysCallError:
            pass  # refused already: the alert may still be read
        try:
            while True:
                answer["heard"] += len(tls.recv(4096))
        except SSL.ZeroReturnError:
            answer.update(session(tls, Binding().ffi, Binding().lib))
    except SSL.Error as refused:
        answer["refused"] = str(refused)
    return answer


configuration = configure()
try:
    print(json.dumps(knock()))
finally:
    os.unlink(configuration)

"""A door that lets in whoever comes: `control.py CHAIN KEY` prints the port of 127.0.0.1 where it listens.

It has the gateway's certificate and none of its rules: TLS 1.0 to 1.3, every key exchange that OpenSSL offers by default,
one suite more, tickets, early data, no client certificate. What a tool does not find at the gateway it must find here.
"""

import socket
import sys
import threading

from cryptography.hazmat.bindings.openssl.binding import Binding
from OpenSSL import SSL

EARLY_DATA_BYTES_MAX = 1024
SUITES = b"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256"


def context(chain, key):
    made = SSL.Context(SSL.TLS_METHOD)
    made.use_certificate_chain_file(chain)
    made.use_privatekey_file(key)
    made.set_min_proto_version(SSL.TLS1_VERSION)
    made.set_cipher_list(b"DEFAULT:@SECLEVEL=0")
    made.set_tls13_ciphersuites(SUITES)
    Binding().lib.SSL_CTX_set_max_early_data(made._context, EARLY_DATA_BYTES_MAX)
    return made


def serve(tls, tcp):
    with tcp:
        connection = SSL.Connection(tls, tcp)
        connection.set_accept_state()
        try:
            while connection.recv(4096):
                pass
        except SSL.ZeroReturnError:
            connection.shutdown()
        except (SSL.Error, OSError):
            pass  # whoever knocked went away


def main():
    tls = context(*sys.argv[1:])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=serve, args=(tls, listener.accept()[0]), daemon=True).start()


main()

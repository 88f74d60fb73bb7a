"""A client of pyzmq's own: curve_client.py ENDPOINT [SERVER_PUBLIC_FILE [OWN_SECRET_FILE]]. Says hello, and prints one JSON
line with how the handshake ended and the answer."""
import json
import sys
import time

import zmq
import zmq.auth
from zmq.utils.monitor import recv_monitor_message

endpoint, *files = sys.argv[1:]
socket = zmq.Context().socket(zmq.DEALER)
socket.linger = 0
if files:
    socket.curve_serverkey, _ = zmq.auth.load_certificate(files[0])
    own = zmq.auth.load_certificate(files[1]) if len(files) > 1 else zmq.curve_keypair()
    socket.curve_publickey, socket.curve_secretkey = own
ENDS = {
    zmq.EVENT_HANDSHAKE_SUCCEEDED: "admitted",
    zmq.EVENT_HANDSHAKE_FAILED_AUTH: "refused",
    zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL: "broken",
    zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL: "broken",
}
monitor = socket.get_monitor_socket(sum(ENDS))
socket.connect(endpoint)
topic = b"__rmq_hello__"
socket.send_multipart([b"", bytes([len(topic)]) + topic + bytes([6]) + bytes(8) + b"Get topic status"])
event = recv_monitor_message(monitor) if monitor.poll(10000) else None
outcome = {"handshake": ENDS[event["event"]] if event else None, "status": event["value"] if event else None}
if socket.poll(10000 if outcome["handshake"] == "admitted" else 300):
    outcome["answer"] = socket.recv_multipart()[-1].hex()
print(json.dumps(outcome), flush=True)
socket.disable_monitor()

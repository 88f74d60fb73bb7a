"""The Python side of 05-python-interop.ts: pip install robotmq, and the endpoint as argument."""

import sys

import numpy as np
from robotmq import RMQClient, RMQLogLevel, safe_deserialize, safe_serialize

client = RMQClient("python", sys.argv[1], RMQLogLevel.ERROR)

frames, timestamps = client.peek_data("camera", -1)
frame = safe_deserialize(frames[0])
print(f"Python: frame {frame['frameId']}, {frame['image'].dtype} {frame['image'].shape}, exposure {frame['exposure']!r}")
print(f"Python: the brightest pixel is at {np.argwhere(frame['image'] == 255)[0].tolist()}")

reply = client.request_with_data("policy", safe_serialize({"joints": np.array([0.5, 1.5], np.float32)}))
print(f"Python: targets {safe_deserialize(reply)['targets'].tolist()}")

client.put_data("notes", safe_serialize({"from": "Python", "done": True}))

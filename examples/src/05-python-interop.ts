// A TypeScript server and a Python client that has nothing but `pip install robotmq`: see 05-python-interop.py.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { deserialize, float, NDArray, RMQServer, serialize } from 'robotmq'

const python = process.env['RMQ_PYTHON'] ?? fileURLToPath(new URL('../../.venv/bin/python', import.meta.url))
const script = fileURLToPath(new URL('../src/05-python-interop.py', import.meta.url))

const server = await RMQServer.bind('robot', 'tcp://127.0.0.1:0')
try {
  server.addTopic('camera', { messageRemainingTimeS: 60 })
  server.addTopic('notes', { messageRemainingTimeS: 60 })
  server.addTopic('policy', { messageRemainingTimeS: 60 })

  // numpy gets an array, and a float where float() asks for one: 2 alone would arrive as an int.
  const image = NDArray.zeros([480, 640, 3], 'uint8')
  image.set([240, 320, 0], 255)
  server.putData('camera', serialize({ image, frameId: 42, exposure: float(2) }))

  server.onRequest('policy', async ({ data }) => {
    const { joints } = deserialize(data) as { joints: NDArray<'float32'> }
    console.log(`TypeScript: asked with ${joints.dtype.name}`, joints.toNested())
    return serialize({ targets: NDArray.from([...joints.data].map((x) => x * 2)) })
  })

  if (existsSync(python)) {
    const { stdout } = await promisify(execFile)(python, [script, server.endpoints[0] as string])
    process.stdout.write(stdout)
    const [note] = await server.peekData('notes', -1)
    console.log('TypeScript: the note says', note && deserialize(note.data))
  } else {
    console.log('There is no Python with robotmq here. `npm run venv` makes one, or RMQ_PYTHON names yours.')
  }
} finally {
  await server.close()
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A plain user may make a network of its own only inside a user namespace, where it is root. */
const ROOT = process.getuid?.() === 0
const KINDS = ROOT ? ['--net'] : ['--user', '--net']

/**
 * A network of its own, without a name: it lasts as long as a process is in it. The one that holds it ends with this
 * process, however that ends, so that nothing can be left behind.
 */
export class Namespace {
  readonly #holder: ChildProcess
  readonly #exited: Promise<unknown>

  /** @param inside one whose user it shares. @throws Error where the system does not allow it */
  static async open(inside?: Namespace): Promise<Namespace> {
    const options = inside === undefined && !ROOT ? ['--user', '--map-root-user', '--net'] : ['--net']
    // `cat` waits for the end of its input, which is the end of this process; its echo says that it is inside.
    const command = [...(inside?.enter ?? []), 'unshare', ...options, 'cat']
    const holder = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] })
    const exited = once(holder, 'close').catch(() => {})
    let complaint = ''
    holder.stderr.on('data', (chunk) => {
      complaint += chunk
    })
    holder.stdin.on('error', () => {})
    holder.stdin.write('\n')
    const began = await Promise.race([once(holder.stdout, 'data').then(() => true), exited.then(() => false)])
    if (began) return new Namespace(holder, exited)
    throw new Error(`no network namespace can be made: ${complaint.trim() || `${command.join(' ')} ended`}`)
  }

  private constructor(holder: ChildProcess, exited: Promise<unknown>) {
    this.#holder = holder
    this.#exited = exited
  }

  /** `unshare` and `nsenter` become the command that they run, so that this is the one that is inside. */
  get pid(): number {
    return this.#holder.pid!
  }

  /** The command that runs another one in this network. */
  get enter(): readonly string[] {
    return ['nsenter', `--target=${this.pid}`, ...KINDS, ...(ROOT ? [] : ['--preserve-credentials']), '--']
  }

  async close(): Promise<void> {
    this.#holder.stdin?.end()
    await this.#exited
  }
}

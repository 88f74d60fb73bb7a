import { readFile } from 'node:fs/promises'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { fromTensor, NDArray, toTensor } from 'robotmq'

/** A network from a state to actions: one float32 input [batch, numbers], one output [batch, …], on the CPU. */
export class StateNetwork {
  /** Numbers of a state. */
  readonly stateSize: number
  readonly #session: InferenceSession
  readonly #input: string
  readonly #output: string
  /** Networks are often exported for one state at a time; then so many runs make a batch. */
  readonly #takesBatches: boolean

  /** @throws Error that names the file, where that is no such network */
  static async load(file: string): Promise<StateNetwork> {
    const bytes = await readFile(file)
    try {
      // A network so small is done before a second thread has woken.
      return new StateNetwork(
        await InferenceSession.create(bytes, { executionProviders: ['cpu'], intraOpNumThreads: 1 }),
      )
    } catch (cause) {
      throw new Error(`${file} cannot be used as a policy: ${(cause as Error).message}`, { cause })
    }
  }

  private constructor(session: InferenceSession) {
    const [input, ...others] = session.inputMetadata
    const [output] = session.outputMetadata
    if (!input?.isTensor || others.length > 0 || input.type !== 'float32' || input.shape.length !== 2) {
      throw new Error('its input must be one float32 tensor [batch, numbers].')
    }
    const [batch, size] = input.shape
    if (typeof size !== 'number' || (batch !== 1 && typeof batch !== 'string')) {
      throw new Error(`its input must be [1, numbers] or [batch, numbers], not [${input.shape.join(', ')}].`)
    }
    if (!output?.isTensor) throw new Error('its first output must be a tensor.')
    this.stateSize = size
    this.#session = session
    this.#input = input.name
    this.#output = output.name
    this.#takesBatches = typeof batch === 'string'
  }

  /** @returns the actions of each state, in their order: [1, …] of whatever dtype the network gives */
  async infer(states: readonly NDArray<'float32'>[]): Promise<NDArray[]> {
    if (this.#takesBatches && states.length > 0) {
      const actions = await this.#run(NDArray.stack(states))
      return states.map((_, index) => actions.slice([index, index + 1]))
    }
    const all: NDArray[] = []
    for (const state of states) all.push(await this.#run(state.reshape(1, this.stateSize)))
    return all
  }

  release(): Promise<void> {
    return this.#session.release()
  }

  async #run(states: NDArray<'float32'>): Promise<NDArray> {
    const { type, data, dims } = toTensor(states)
    const outputs = await this.#session.run({ [this.#input]: new Tensor(type, data, dims) })
    return fromTensor(outputs[this.#output]!)
  }
}

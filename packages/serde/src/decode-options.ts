/** What reading a message may cost, and what is kept of it beyond its meaning. */
export interface DecodeOptions {
  /**
   * `'keep'` gives a `Float` for a float that a number would turn into an integer when it is sent on, such as 2.0.
   *
   * @default 'number'
   */
  readonly floats?: 'number' | 'keep'
  /**
   * `'keep'` gives a `NumpyScalar`, which knows its dtype, for a numpy scalar of the msgpack dialects. robotmq's
   * payloads have their values only.
   *
   * @default 'value'
   */
  readonly scalars?: 'value' | 'keep'
  /**
   * Containers within containers.
   *
   * @default 512
   */
  readonly maxDepth?: number
  /**
   * Values in the whole message; an array counts as a few, however large it is.
   *
   * @default 1_048_576
   */
  readonly maxValues?: number
}

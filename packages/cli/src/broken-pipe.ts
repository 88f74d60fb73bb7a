/** Who read the output has gone, as in `rmq echo … | head`: there is nobody left to work for, and nothing wrong. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe'

  constructor() {
    super('The reader of the output has gone.')
  }
}

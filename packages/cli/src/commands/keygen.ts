import { Command } from 'commander'
import { writeKeyPair } from 'robotmq'
import type { Context } from '../context.ts'
import { printableLine } from '../printable.ts'

interface KeygenOptions {
  readonly out: string
  readonly force?: boolean
}

const FILES = `
PATH gets the secret key and is this user's alone (0600). PATH.pub gets the public key, which others may have, and which
is printed too. pyzmq and czmq read both files.`

export function keygenCommand(context: Context): Command {
  return new Command('keygen')
    .summary('make the keys of a server or a client')
    .description('Makes a pair of keys, for a server or a client, and prints the public one.')
    .addHelpText('after', FILES)
    .option('--out <PATH>', 'where the secret key goes', 'rmq.key')
    .option('--force', 'replace keys that are there')
    .action(async ({ out, force = false }: KeygenOptions) => {
      const { publicKey } = writeKeyPair(out, { force })
      await context.output.line(publicKey)
      const path = printableLine(out)
      context.notice(`The secret key is in ${path}, the public key in ${path}.pub.`)
    })
}

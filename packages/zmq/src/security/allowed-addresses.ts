import { BlockList, isIP } from 'node:net'
import { RmqError } from '@rmq/core'

/**
 * Addresses and networks that are admitted.
 * @returns whether an address is among them
 * @throws INVALID_ARGUMENT
 */
export function parseAllowedIps(entries: unknown): (address: string) => boolean {
  if (!Array.isArray(entries) || entries.length === 0) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      'allowedIps must be a list with an address or more: leave it out to admit all.',
    )
  }
  const list = new BlockList()
  for (const entry of entries) add(list, entry)
  return (address) => {
    const family = isIP(address)
    return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6')
  }
}

function add(list: BlockList, entry: unknown): void {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(String(entry)) ?? []
  const family = isIP(address)
  const bits = family === 4 ? 32 : 128
  const prefixBits = prefix === undefined ? bits : Number(prefix)
  if (family === 0 || prefixBits > bits) {
    throw new RmqError(
      'INVALID_ARGUMENT',
      `allowedIps: "${entry}" is neither an address nor a network: write 192.168.1.10 or 192.168.1.0/24.`,
    )
  }
  list.addSubnet(address, prefixBits, family === 4 ? 'ipv4' : 'ipv6')
}

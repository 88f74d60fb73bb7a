import { accessSync, constants, lstatSync } from 'node:fs'
import { errorText, type TopicPlace } from '@rmq/core'
import { loadAddon } from './native/addon.ts'
import type { NativeAddon } from './native/addon-types.ts'

/** Why a topic at this place is not found by this process, for people. */
export function explainPlace(place: TopicPlace): string {
  let here: ReturnType<NativeAddon['hostIdentity']>
  try {
    here = loadAddon().hostIdentity()
  } catch (thrown) {
    return errorText(thrown)
  }
  if (here.bootId !== place.bootId) return 'Its server runs on another host: shared memory reaches only this one.'
  if (here.timeNamespace !== place.timeNamespace) return explainTimeNamespace()
  const file = lstatSync(place.path, { throwIfNoEntry: false })
  if (file === undefined) {
    return (
      `Its server runs on this host, but ${place.path} is not here: the two are in different containers (mount ` +
      'namespaces), or the topic was just closed. Give both containers the same /dev/shm (docker run --ipc=host, or one ' +
      'volume at /dev/shm).'
    )
  }
  if (file.uid !== place.user) {
    return (
      `${place.path} belongs to user ${file.uid} here and to user ${place.user} at its server: the two see different ` +
      'files of that name (mount namespaces) or count users differently (user namespaces).'
    )
  }
  const isPrivate = (file.mode & 0o060) !== 0o060 && file.uid !== here.user
  if (isPrivate || !isAccessible(place.path)) {
    return (
      `Its server runs as user ${place.user} and this process as user ${here.user}, which may not open ${place.path}. ` +
      'Run both as the same user, or create the topic with the option group, a group that both users are in.'
    )
  }
  return `${place.path} is here and can be opened: the topic was created or replaced this moment. Try again.`
}

export function explainTimeNamespace(): string {
  return (
    'Its server reads another steady clock (time namespaces): the age of records would be wrong here. Run both in the ' +
    'same time namespace.'
  )
}

function isAccessible(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}

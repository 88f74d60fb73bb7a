import { formatBytes } from '../units.ts'
import type { Facts, FolderFacts } from './facts.ts'
import { type Finding, ok, problem, warn } from './finding.ts'

const MIB = 2 ** 20
const DOCKER_BYTES = 64 * MIB
/** Not even a small camera fits into less. */
const TIGHT_BYTES = 16 * MIB

const ENLARGE =
  'Run `mount -o remount,size=2g /dev/shm`; with Docker start the container with `--shm-size=2g` or `--ipc=host`.'

/** What topics ask for against what there is: in /dev/shm, and within the memory limit. */
export function spaceFindings(facts: Facts): Finding[] {
  const { folder } = facts
  return folder === undefined
    ? []
    : [sizeFinding(facts, folder), promiseFinding(facts, folder), limitFinding(facts, folder)]
}

function sizeFinding({ files }: Facts, { totalBytes, freeBytes }: FolderFacts): Finding {
  const asked = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const taken = files.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0)
  const size = totalBytes === 0 ? 'has no limit' : `has ${formatBytes(totalBytes)}, ${formatBytes(freeBytes)} free`
  const told = `/dev/shm ${size}; topics and queues ask for ${formatBytes(asked)} and take ${formatBytes(taken)}`
  if (totalBytes === 0) return ok('shm-size', told)
  if (freeBytes < MIB)
    return problem('shm-size', `${told}: no topic fits any more`, `Run \`rmq shm clean\`. ${ENLARGE}`)
  if (totalBytes <= DOCKER_BYTES) {
    return warn('shm-size', `${told}: 64 MB is what Docker gives a container, and little for cameras`, ENLARGE)
  }
  if (freeBytes < TIGHT_BYTES) return warn('shm-size', `${told}: that is tight`, `Run \`rmq shm clean\`. ${ENLARGE}`)
  return ok('shm-size', told)
}

/** Ours take their memory when they are made; robotmq's grow as they are written to. */
function promiseFinding({ files }: Facts, { totalBytes, freeBytes }: FolderFacts): Finding {
  const promised = files.reduce((sum, { bytes, allocatedBytes }) => sum + Math.max(0, bytes - allocatedBytes), 0)
  if (totalBytes === 0 || promised <= freeBytes) {
    return ok('shm-promised', `${formatBytes(promised)} of what is asked for is not taken yet, and fits`)
  }
  return problem(
    'shm-promised',
    `topics of Python robotmq may still grow by ${formatBytes(promised)}, and ${formatBytes(freeBytes)} are free: ` +
      'a put that finds no memory kills its program (SIGBUS)',
    'Give those topics a smaller shared_memory_size_gb, or enlarge /dev/shm: `mount -o remount,size=2g /dev/shm`, with ' +
      'Docker `--shm-size=2g`.',
  )
}

function limitFinding({ memory }: Facts, { freeBytes }: FolderFacts): Finding {
  if (memory === undefined) return ok('memory-limit', 'no memory cgroup limits this process')
  const { version, limitBytes, usedBytes, file } = memory
  const left = Math.max(0, limitBytes - usedBytes)
  const told =
    `the memory cgroup (v${version}, ${file}) allows ${formatBytes(limitBytes)}, of which ${formatBytes(left)} are left; ` +
    'shared memory counts'
  const remedy = 'Raise it: `docker run --memory=8g`, in Kubernetes resources.limits.memory, with systemd MemoryMax=.'
  if (left < TIGHT_BYTES) return problem('memory-limit', `${told}: hardly a topic fits`, remedy)
  if (left < freeBytes) {
    return warn('memory-limit', `${told}: less than the ${formatBytes(freeBytes)} that /dev/shm has free`, remedy)
  }
  return ok('memory-limit', told)
}

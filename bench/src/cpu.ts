import { readdirSync, readFileSync } from 'node:fs'

/** Whose processor time counts: that of the thread that runs the user's program, or of all. */
export type Threads = 'main' | 'all'

/** The share of one CPU that each process used while `work` ran, and what came of the work. */
export async function sharesOfCpu<T>(
  pids: readonly number[],
  threads: Threads,
  work: () => Promise<T>,
): Promise<{ result: T; shares: number[] }> {
  const read = () => pids.map((pid) => cpuNs(pid, threads))
  const [before, started] = [read(), process.hrtime.bigint()]
  const result = await work()
  const elapsed = Number(process.hrtime.bigint() - started)
  const after = read()
  return { result, shares: after.map((ns, i) => (ns - before[i]!) / elapsed) }
}

/** Nanoseconds of processor time that a process has used. */
function cpuNs(pid: number, threads: Threads): number {
  const folder = `/proc/${pid}/task`
  const others = threads === 'main' ? [] : readdirSync(folder).filter((id) => id !== String(pid))
  return others.reduce((sum, id) => sum + otherThreadNs(`${folder}/${id}`), threadNs(`${folder}/${pid}`))
}

/** The first number of schedstat is the time on a processor, far finer than the ticks in stat. */
function threadNs(folder: string): number {
  return Number(readFileSync(`${folder}/schedstat`, 'latin1').split(' ')[0])
}

/** A thread may end between being listed and being read. */
function otherThreadNs(folder: string): number {
  try {
    return threadNs(folder)
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0
    throw error
  }
}

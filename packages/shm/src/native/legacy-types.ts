/** What the addon offers to meet an original robotmq. */
export interface LegacyAddon {
  /** Makes `<segmentPath>_mutex`, in place of any older one. @returns the system's error number, 0 for none */
  createLegacyMutex(segmentPath: string, group: number | undefined): number
}

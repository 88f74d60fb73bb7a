/** Where a policy's metadata is to be read, beside the topic of its requests. */
export function metadataTopic(topic: string): string {
  return `${topic}/metadata`
}

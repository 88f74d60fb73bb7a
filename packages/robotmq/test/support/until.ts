/** Resolves once the condition holds. @throws after 20 s */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Not so within 20 s: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

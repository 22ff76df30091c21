/** The nodes, as on the testbed; they are names here and no objects. */
export const NODES: readonly string[] = ['node-0', 'node-1', 'node-2'];

/** The node that a pod is put on, one after the other. */
export function nodeFor(index: number): string {
  return NODES[index % NODES.length] ?? '';
}

/**
 * Value of the input `timeout` for a run that is to run into it: as short as this machine allows, by the time that it took
 * to start the cluster. Too short, and the run would not come to the fault that it is to meet.
 *
 * @param startMs that the cluster took to start
 * @param budget in seconds: what is always left, and what for each second of the start
 */
export function shortTimeout(
  startMs: number,
  budget: { readonly least: number; readonly perStart: number },
): string {
  return `${String(Math.ceil(budget.least + (budget.perStart * startMs) / 1000))}s`;
}

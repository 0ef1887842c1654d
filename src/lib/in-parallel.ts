const AT_ONCE = 4;

/** Runs a task for each of a list, a few at a time; the results are in the order of the list. Rejects with the first error. */
export async function inParallel<T, R>(
  list: readonly T[],
  task: (one: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < list.length; at += AT_ONCE)
    results.push(
      ...(await Promise.all(list.slice(at, at + AT_ONCE).map(task))),
    );
  return results;
}

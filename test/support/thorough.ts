/** `.ci/run` tests everything that can be combined; `npm test` a part of it that shows each kind once. */
export const isThorough = process.env.PORT_DISPATCH_THOROUGH === '1'

/**
 * As few cells of a matrix as show everything that has to be shown, or all of them where nothing is to be left out.
 *
 * @param shows what a cell shows, for example each pair of its values
 */
export function representative<Cell>(
  cells: readonly Cell[],
  shows: (cell: Cell) => readonly string[],
): Cell[] {
  if (isThorough) return [...cells]
  const left = new Set(cells.flatMap(shows))
  const news = (cell: Cell) => shows(cell).filter((what) => left.has(what)).length
  const chosen: Cell[] = []
  while (left.size > 0) {
    const best = cells.reduce((one, other) => (news(other) > news(one) ? other : one))
    for (const what of shows(best)) left.delete(what)
    chosen.push(best)
  }
  return cells.filter((cell) => chosen.includes(cell))
}

/** How many inputs a property is tried with: all of them, or the first tenth, which are the same at each run. */
export function inputsOf(all: number): number {
  return isThorough ? all : Math.ceil(all / 10)
}

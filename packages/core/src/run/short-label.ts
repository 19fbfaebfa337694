/** A label in Port is short; the whole story is in the log. */
const MAX_LABEL = 60

/** Cuts a label that is too long to be read at a glance, and closes the quotation that the cut opened. */
export function shortLabel(label: string): string {
  if (label.length <= MAX_LABEL) return label
  const end = label.endsWith('"') ? '…"' : '…'
  return label.slice(0, MAX_LABEL - end.length).toWellFormed() + end
}
